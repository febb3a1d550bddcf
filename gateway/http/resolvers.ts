import type { GraphQLResolveInfo } from "graphql";
import { type Count, isExact } from "../../schema/count.ts";
import type { Card } from "../../schema/wire/card.ts";
import { type PublishArgs, publishRelease } from "../banks/publish.ts";
import type { Registry } from "../banks/registry.ts";
import { askerOf, type Federation, type GatewayContext, type RequestContext } from "../context.ts";
import { LIMITS } from "../limits.ts";
import { type ConceptArgs, concepts } from "../search/concepts.ts";
import { presentEvent, searchEvents } from "../search/events.ts";
import { fields } from "../search/fields.ts";
import { isOfIncremental } from "../search/incremental.ts";
import { reading } from "../search/reading.ts";
import { type SearchArgs, search } from "../search/search.ts";
import { streamedSearch } from "../search/streamed-search.ts";
import { goneSignal } from "./gone.ts";

/** Resolvers of PUBLIC_SDL. What is not here is plain data under the field's own name. */
export const resolvers = (federation: Federation) => {
  const { registry, deadlineMs } = federation;
  return {
    Query: {
      search: (_: unknown, args: SearchArgs, context: GatewayContext, info: GraphQLResolveInfo) =>
        (isOfIncremental(info) ? streamedSearch : search)(args, federation, charged(context)),
      reading: (_: unknown, args: SearchArgs, context: GatewayContext) => reading(args, federation, charged(context)),
      banks: (_: unknown, { ids }: { ids?: readonly string[] | null }) => cards(registry, ids),
      bank: (_: unknown, { id }: { id: string }) => registry.get(id)?.card() ?? null,
      concepts: (_: unknown, args: ConceptArgs, context: GatewayContext) =>
        concepts(args, registry.live(), { deadlineMs, ...requestOf(context) }),
      fields: () => fields(cards(registry)),
      limits: () => LIMITS,
    },
    Mutation: {
      publishRelease: (_: unknown, args: PublishArgs, context: GatewayContext) =>
        publishRelease(args, registry, requestOf(context)),
    },
    Subscription: {
      search: {
        subscribe: (_: unknown, args: SearchArgs, context: GatewayContext) =>
          searchEvents(args, federation, charged(context)),
        resolve: presentEvent,
      },
    },
    Bank: {
      release: async ({ id }: Card, _: unknown, context: GatewayContext) => {
        const release = await registry.get(id)?.release({ deadlineMs, ...requestOf(context) });
        return release ? { ...release, bank: id } : null;
      },
      availability: async ({ id }: Card, args: Omit<SearchArgs, "banks">, context: GatewayContext) => {
        const { banks } = await search({ ...args, banks: [id] }, federation, charged(context));
        return banks[0];
      },
    },
    Count: { exact: (count: Count) => isExact(count) },
  };
};

const requestOf = ({ request, log }: GatewayContext): RequestContext => ({
  asker: askerOf(request),
  signal: goneSignal(request),
  log,
});

/** A request that asks the banks something. @throws {QuestionError} where it asks more than one request may */
const charged = (context: GatewayContext): RequestContext => {
  context.charge();
  return requestOf(context);
};

const cards = (registry: Registry, ids?: readonly string[] | null): readonly Card[] =>
  registry
    .all()
    .map((bank) => bank.card())
    .filter((card) => !ids || ids.includes(card.id));
