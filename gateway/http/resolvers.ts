import { type ASTNode, type GraphQLResolveInfo, visit } from "graphql";
import { isExact } from "../../schema/count.ts";
import { FAULTS } from "../../schema/faults.ts";
import type { Release } from "../../schema/release.ts";
import type { Card } from "../../schema/wire/card.ts";
import { type PublishArgs, publishRelease } from "../banks/publish.ts";
import type { Registry } from "../banks/registry.ts";
import type { GatewayContext } from "../context.ts";
import { LIMITS } from "../limits.ts";
import { type ConceptArgs, concepts } from "../search/concepts.ts";
import type { Concept } from "../search/describe-concepts.ts";
import { presentEvent, searchEvents } from "../search/events.ts";
import { fields } from "../search/fields.ts";
import { type FindArgs, type Found, find, type Hit } from "../search/find.ts";
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
      concepts: (_: unknown, args: ConceptArgs, context: GatewayContext, info: GraphQLResolveInfo) => {
        const found = concepts(args, registry.live(), { deadlineMs, ...requestContext(context) });
        return isOfIncremental(info) ? found : workedOut(found, info);
      },
      find: (_: unknown, args: FindArgs, context: GatewayContext, info: GraphQLResolveInfo) => {
        const found = find(args, registry.live(), { deadlineMs, ...requestContext(context) });
        return isOfIncremental(info) ? found : foundWorkedOut(found, info);
      },
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
      release: ({ id }: Card, _: unknown, context: GatewayContext) =>
        releaseOnce(context, id, async () => {
          const release = await registry.get(id)?.release({ deadlineMs, ...requestContext(context) });
          return release ? { ...release, bank: id } : null;
        }),
      availability: async ({ id }: Card, args: Omit<SearchArgs, "banks">, context: GatewayContext) => {
        const { banks } = await search({ ...args, banks: [id] }, federation, requestContext(context));
        return banks[0];
      },
    },
    ...COMPUTED_FIELDS,
  };
};

/** Concepts with what is selected of them worked out, so that they are plain data, which the fast path can write. */
const workedOut = async (found: Promise<readonly Concept[]>, info: GraphQLResolveInfo): Promise<readonly unknown[]> =>
  describedAll(await found, selectedIn(info));

const foundWorkedOut = async (found: Promise<Found>, info: GraphQLResolveInfo): Promise<unknown> => {
  const selected = selectedIn(info);
  const { hits, nearest, says } = await found;
  const described = async (hit: Hit) => ({
    ...hit,
    ...(hit.concept !== null && { concept: (await describedAll([hit.concept], selected))[0] }),
    ...(selected.has("banks") && { banks: await hit.banks() }),
  });
  return {
    hits: await Promise.all(hits.map(described)),
    nearest: await Promise.all(nearest.map(described)),
    says,
  };
};

const selectedIn = ({ fieldNodes, fragments }: GraphQLResolveInfo): ReadonlySet<string> =>
  namesIn([...fieldNodes, ...Object.values(fragments)]);

const describedAll = (found: readonly Concept[], selected: ReadonlySet<string>): Promise<readonly unknown[]> =>
  Promise.all(
    found.map(async (concept) => ({
      ...concept,
      ...(selected.has("below") && { below: concept.below() }),
      ...(selected.has("path") && { path: concept.path() }),
      ...(selected.has("codes") && { codes: concept.codes() }),
      ...(selected.has("related") && { related: concept.related() }),
      ...(selected.has("banks") && { banks: await concept.banks() }),
    })),
  );

/** The names of all fields in some parts of a document. */
const namesIn = (nodes: readonly ASTNode[]): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const node of nodes) visit(node, { Field: ({ name }) => void names.add(name.value) });
  return names;
};

type ShownRelease = (Release & { readonly bank: string }) | null;
const releases = new WeakMap<GatewayContext, Map<string, Promise<ShownRelease>>>();

/** Asks a bank for its release once in a request, under however many aliases. */
const releaseOnce = (
  context: GatewayContext,
  bank: string,
  ask: () => Promise<ShownRelease>,
): Promise<ShownRelease> => {
  const asked = releases.get(context) ?? new Map<string, Promise<ShownRelease>>();
  releases.set(context, asked);
  const release = asked.get(bank) ?? ask();
  asked.set(bank, release);
  return release;
};

const FAULT_ROWS = Object.entries(FAULTS).map(([code, row]) => ({ code, ...row }));

/** Fields that follow from their parent object at once: the fast path calls these functions itself. */
export const COMPUTED_FIELDS = { Count: { exact: isExact } };

const cards = (registry: Registry, ids?: readonly string[] | null): readonly Card[] =>
  registry
    .all()
    .map((bank) => bank.card())
    .filter((card) => !ids || ids.includes(card.id));
