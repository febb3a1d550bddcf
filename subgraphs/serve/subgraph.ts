import path from "node:path";
import { buildSchema, GraphQLError, GraphQLScalarType, type GraphQLSchema } from "graphql";
import type { Adapter } from "../../adapters/adapter.ts";
import { type Clock, realClock } from "../../net/clock.ts";
import { NEVER, unlessAborted } from "../../net/signals.ts";
import type { AnswersJson, FailureJson, LeaseJson } from "../../schema/answer.ts";
import { BankError } from "../../schema/bank-error.ts";
import { once } from "../../schema/once.ts";
import { QuestionError } from "../../schema/question-error.ts";
import { SUBGRAPH_SDL } from "../../schema/sdl.ts";
import { parseQuestion } from "../../schema/wire/question.ts";
import { answer, failure } from "../count/answer.ts";
import { localApi, type OpenAdapter } from "../count/local-api.ts";
import { discloseAsCounted } from "../disclose/disclose.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { type Announcement, openReleases, type Releases } from "../releases/releases.ts";
import { stateFile, stateInMemory } from "../releases/state-file.ts";
import { type FieldReader, fieldReader } from "../understand/read-field.ts";
import { type BankReading, reading } from "../understand/reading.ts";
import { closedBy } from "./closed.ts";
import { declaredReader, selfOf } from "./self.ts";

/** One bank as a GraphQL schema that serves the subgraph's contract. */
export type Subgraph = AsyncDisposable & {
  readonly id: string;
  readonly schema: GraphQLSchema;
};

/** What an executor may hand to a subgraph. */
export type SubgraphContext = {
  /** When the asker leaves, the signal reaches the local API. */
  readonly signal?: AbortSignal;
  /** The request came with the operator's token. */
  readonly operator?: boolean;
};

export type SubgraphOptions = {
  /** Hash of what the mapping was read from. */
  readonly fingerprint?: string;
  readonly clock?: Clock;
  /** How long a lease lasts: a release is published no quicker. */
  readonly leaseMs?: number;
  /** Folder in which the release state is kept. Default: memory, for a bank that lives and ends with its only gateway. */
  readonly stateFolder?: string;
  /** Gateways in other processes may hold leases of an earlier process of this bank. */
  readonly leasesMayBeOut?: boolean;
};

export const LEASE_MS = 5000;

/**
 * Makes a subgraph of a mapping and a way to open its adapter. The local API is opened with the first question, and again
 * with the next one while it cannot be reached: a bank that is down at the start joins when it comes up.
 */
export const createSubgraph = (
  mapping: Mapping,
  openAdapter: (signal: AbortSignal) => Promise<Adapter>,
  {
    fingerprint = "",
    clock = realClock,
    leaseMs = LEASE_MS,
    stateFolder,
    leasesMayBeOut = false,
  }: SubgraphOptions = {},
): Subgraph => {
  const closed = closedBy(mapping);
  const local = localApi(openAdapter);
  const file = stateFolder === undefined ? stateInMemory() : stateFile(path.join(stateFolder, `${mapping.id}.json`));
  let opening: Promise<Releases> | undefined;
  /** @throws {BankError} where the release state cannot be read; the next call tries again */
  const releases = (): Promise<Releases> =>
    (opening ??= openReleases(mapping, local, { fingerprint, clock, leaseMs, file, leasesMayBeOut }).catch((cause) => {
      opening = undefined;
      throw new BankError("BANK_BROKEN", mapping.id, `release state: ${cause.message}`, { cause });
    }));
  const readers = new WeakMap<OpenAdapter, FieldReader>();
  /** For as long as the local API is away. */
  const declared = once(() => declaredReader(mapping));
  const readerOf = (open: OpenAdapter): FieldReader => {
    const reader = readers.get(open) ?? fieldReader(mapping, open.adapter.capabilities);
    readers.set(open, reader);
    return reader;
  };

  /** The local API of a bank that is closed is left alone. */
  const readerNow = (signal: AbortSignal): Promise<FieldReader> =>
    closed === null ? local.open(signal).then(readerOf, declared) : Promise.resolve(declared());

  const lease = async (signal: AbortSignal): Promise<LeaseJson | FailureJson> => {
    if (closed !== null) return failure(closed);
    try {
      return await (await releases()).lease(signal);
    } catch (error) {
      if (error instanceof BankError) return failure(error);
      throw error;
    }
  };

  const gone = (asOf: string): BankError =>
    new BankError("BANK_GONE", mapping.id, `wanted edition ${asOf}, got another`);

  const answers = async (asOf: string, questions: readonly unknown[], signal: AbortSignal): Promise<AnswersJson> => {
    if (closed !== null) return { release: null, ...failure(closed) };
    try {
      const { serving, look } = await releases();
      if (serving(asOf) === null) throw gone(asOf);
      const open = await local.open(signal);
      // Opening may have taken long enough for a flip, after which another adapter is in use.
      const state = serving(asOf);
      if (state === null) throw gone(asOf);
      const { release, size } = state.about;
      const { opened } = open.adapter;
      const moved = opened !== undefined && opened.id !== release.id;
      const answered = moved
        ? []
        : await open.use(() =>
            Promise.all(
              questions.map((q) =>
                answer(
                  q,
                  { reader: readerOf(open), size, count: open.count, disclose: discloseAsCounted },
                  release,
                  signal,
                ),
              ),
            ),
          );
      if (moved || answered.some((a) => "failure" in a && a.failure.code === "BANK_GONE")) {
        void look(NEVER).catch(() => undefined);
        throw gone(asOf);
      }
      return { release, answers: answered };
    } catch (error) {
      if (error instanceof BankError) return { release: null, ...failure(error) };
      throw error;
    }
  };

  /** As far as can be known now: a bank that cannot be reached still tells what its mapping says. */
  const known = async (signal: AbortSignal) => {
    const kept = await releases().catch(() => null);
    const seen = closed === null ? kept?.settle(signal).catch(() => undefined) : undefined;
    const reader = await readerNow(signal);
    if (seen !== undefined && kept?.current() === null) await unlessAborted(seen, signal).catch(() => undefined);
    return { reader, about: kept?.current()?.about ?? null };
  };

  const schema = buildSchema(SUBGRAPH_SDL);
  resolve(schema.getQueryType(), {
    self: async (_args, { signal = NEVER }) => {
      const { reader, about } = await known(signal);
      return selfOf(reader, about);
    },
    readings: async ({ questions }, { signal = NEVER }): Promise<readonly BankReading[]> => {
      const reader = await readerNow(signal);
      return (questions as readonly unknown[]).map((question) => reading(parseQuestion(question), reader));
    },
    lease: (_args, { signal = NEVER }) => lease(signal),
    answers: ({ asOf, questions }, { signal = NEVER }) =>
      answers(asOf as string, questions as readonly unknown[], signal),
  });
  resolve(schema.getMutationType(), {
    publishRelease: async ({ bank, release, purge }, { operator = false, signal = NEVER }) => {
      if (!operator) throw refused();
      if (bank !== mapping.id) throw new GraphQLError(`bank: wanted ${mapping.id}, got ${bank}`, badArgument);
      const announcement = { ...(release as Omit<Announcement, "purge">), purge: purge === true };
      try {
        const published = await (await releases()).publish(announcement, signal);
        return { ...published, bank: mapping.id };
      } catch (error) {
        throw toldToOperator(error);
      }
    },
  });
  const json = schema.getType("JSON");
  if (json instanceof GraphQLScalarType) json.serialize = (value) => value;

  return { id: mapping.id, schema, [Symbol.asyncDispose]: () => local[Symbol.asyncDispose]() };
};

const badArgument = { extensions: { code: "BAD_ARGUMENT", http: { status: 400 } } };
const refused = (): GraphQLError =>
  new GraphQLError(
    "publishRelease: wanted the operator's token as `Authorization: Bearer ...`, got none that is right",
    {
      extensions: { code: "OPERATOR_ONLY", http: { status: 401 } },
    },
  );

/** An error with a code of its own: what was thrown does not get through HTTP, its extensions do. */
const toldToOperator = (error: unknown): GraphQLError => {
  const { message } = error as Error;
  const told = (status: number, extensions: { readonly code: string; readonly [name: string]: unknown }) =>
    new GraphQLError(message, { extensions: { ...extensions, http: { status } } });
  if (error instanceof QuestionError) {
    const { code, at, says, suggestions } = error;
    return told(400, { code, at, says, suggestions });
  }
  if (error instanceof BankError) return told(503, { code: error.code });
  return told(500, { code: "INTERNAL_SERVER_ERROR" });
};

type Resolver = (args: { readonly [name: string]: unknown }, context: SubgraphContext) => unknown;

const resolve = (
  type: ReturnType<GraphQLSchema["getQueryType"]>,
  resolvers: { readonly [field: string]: Resolver },
) => {
  const fields = type?.getFields() ?? {};
  for (const [name, resolver] of Object.entries(resolvers)) {
    const field = fields[name];
    if (field === undefined) throw new Error(`the contract has no field ${name}`);
    field.resolve = (_source, args, context: SubgraphContext | undefined) => resolver(args, context ?? {});
  }
};
