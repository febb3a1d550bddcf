import type { GraphQLResolveInfo } from "graphql";
import { bearerToken } from "../../net/http/authorization.ts";
import type { Count } from "../../schema/answer.ts";
import { isExact } from "../../schema/count.ts";
import type { BankCopy } from "../banks/copy.ts";
import { type PublishArgs, publishRelease } from "../banks/publish.ts";
import type { Registry } from "../banks/registry.ts";
import type { GatewayContext } from "../context.ts";
import { LIMITS } from "../limits.ts";
import { type ConceptArgs, concepts } from "../search/concepts.ts";
import { presentEvent, searchEvents } from "../search/events.ts";
import { fields } from "../search/fields.ts";
import { isOfIncremental } from "../search/incremental.ts";
import { reading } from "../search/reading.ts";
import { type AskWith, type SearchArgs, search } from "../search/search.ts";
import { streamedSearch } from "../search/streamed-search.ts";
import { fromBank } from "./from-bank.ts";
import { goneSignal } from "./gone.ts";

/** What the resolvers need of the gateway. */
export type ResolveWith = Pick<AskWith, "registry" | "deadlineMs" | "now" | "tokens" | "closing">;

/** Resolvers of PUBLIC_SDL. What is not here is plain data under the field's own name. */
export const resolvers = (gateway: ResolveWith) => {
  const { registry, deadlineMs } = gateway;
  const asking = (context: GatewayContext): AskWith => {
    context.charge();
    return { ...gateway, log: context.log, signal: goneSignal(context.request) };
  };
  return {
    Query: {
      search: (_: unknown, args: SearchArgs, context: GatewayContext, info: GraphQLResolveInfo) =>
        isOfIncremental(info) ? streamedSearch(args, asking(context)) : search(args, asking(context)),
      reading: (_: unknown, args: SearchArgs, context: GatewayContext) => reading(args, asking(context)),
      banks: (_: unknown, { ids }: { ids?: readonly string[] | null }) => copies(registry, ids),
      bank: (_: unknown, { id }: { id: string }) => registry.get(id)?.copy ?? null,
      concepts: (_: unknown, args: ConceptArgs, { log, request }: GatewayContext) =>
        concepts(args, { banks: registry.live(), deadlineMs, log, signal: goneSignal(request) }),
      fields: () => fields(copies(registry)),
      limits: () => LIMITS,
    },
    Mutation: {
      publishRelease: (_: unknown, args: PublishArgs, { request, log }: GatewayContext) =>
        publishRelease(args, { registry, log, token: bearerToken(request), signal: goneSignal(request) }),
    },
    Subscription: {
      search: {
        subscribe: (_: unknown, args: SearchArgs, context: GatewayContext) => searchEvents(args, asking(context)),
        resolve: presentEvent,
      },
    },
    Bank: {
      release: (bank: BankCopy, _: unknown, context: GatewayContext) =>
        fromBank(registry.get(bank.id), { deadlineMs, context }),
      availability: async (bank: BankCopy, args: Omit<SearchArgs, "banks">, context: GatewayContext) => {
        const { banks } = await search({ ...args, banks: [bank.id] }, asking(context));
        return banks[0];
      },
    },
    Count: { exact: (count: Count) => isExact(count) },
  };
};

const copies = (registry: Registry, ids?: readonly string[] | null): readonly BankCopy[] =>
  registry
    .all()
    .map((bank) => bank.copy)
    .filter((bank) => !ids || ids.includes(bank.id));
