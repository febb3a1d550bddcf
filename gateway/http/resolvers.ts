import type { GraphQLResolveInfo } from "graphql";
import { isExact } from "../../schema/count.ts";
import { FAULTS } from "../../schema/faults.ts";
import type { Card } from "../../schema/wire/card.ts";
import { type PublishArgs, publishRelease } from "../banks/publish.ts";
import type { Registry } from "../banks/registry.ts";
import type { GatewayContext } from "../context.ts";
import { LIMITS } from "../limits.ts";
import { type ConceptArgs, concepts } from "../search/concepts.ts";
import { presentEvent, searchEvents } from "../search/events.ts";
import { fields } from "../search/fields.ts";
import { isOfIncremental } from "../search/incremental.ts";
import { reading } from "../search/reading.ts";
import type { Federation } from "../search/search.ts";
import { type SearchArgs, search } from "../search/search.ts";
import { streamedSearch } from "../search/streamed-search.ts";
import { requestContext } from "./request-context.ts";

/** Resolvers of PUBLIC_SDL. Every other field is the property of its name. */
export const resolvers = (federation: Federation) => {
  const { registry, deadlineMs } = federation;
  return {
    Query: {
      search: (_: unknown, args: SearchArgs, context: GatewayContext, info: GraphQLResolveInfo) =>
        (isOfIncremental(info) ? streamedSearch : search)(args, federation, requestContext(context)),
      reading: (_: unknown, args: SearchArgs, context: GatewayContext) =>
        reading(args, federation, requestContext(context)),
      banks: (_: unknown, { ids }: { ids?: readonly string[] | null }) => cards(registry, ids),
      bank: (_: unknown, { id }: { id: string }) => registry.get(id)?.card() ?? null,
      concepts: (_: unknown, args: ConceptArgs, context: GatewayContext) =>
        concepts(args, registry.live(), { deadlineMs, ...requestContext(context) }),
      fields: () => fields(cards(registry)),
      limits: () => LIMITS,
      asker: (_: unknown, __: unknown, { asker: { tier, name, expires }, rate }: GatewayContext) => ({
        tier,
        name,
        expires: expires?.toISOString() ?? null,
        rate: rate(),
      }),
      faults: () => FAULT_ROWS,
      keys: () => federation.keys ?? [],
    },
    Mutation: {
      publishRelease: (_: unknown, args: PublishArgs, context: GatewayContext) =>
        publishRelease(args, registry, { ...requestContext(context), audit: context.auditPublish }),
    },
    Subscription: {
      search: {
        subscribe: (_: unknown, args: SearchArgs, context: GatewayContext) =>
          searchEvents(args, federation, requestContext(context)),
        resolve: presentEvent,
      },
    },
    Bank: {
      release: async ({ id }: Card, _: unknown, context: GatewayContext) => {
        const release = await registry.get(id)?.release({ deadlineMs, ...requestContext(context) });
        return release ? { ...release, bank: id } : null;
      },
      availability: async ({ id }: Card, args: Omit<SearchArgs, "banks">, context: GatewayContext) => {
        const { banks } = await search({ ...args, banks: [id] }, federation, requestContext(context));
        return banks[0];
      },
    },
    ...COMPUTED_FIELDS,
  };
};

const FAULT_ROWS = Object.entries(FAULTS).map(([code, row]) => ({ code, ...row }));

/** Fields that follow from their parent object at once: the fast path calls these functions itself. */
export const COMPUTED_FIELDS = { Count: { exact: isExact } };

const cards = (registry: Registry, ids?: readonly string[] | null): readonly Card[] =>
  registry
    .all()
    .map((bank) => bank.card())
    .filter((card) => !ids || ids.includes(card.id));
