import { buildSchema, GraphQLScalarType, type GraphQLSchema } from "graphql";
import type { Adapter } from "../adapters/adapter.ts";
import { BankError } from "../adapters/bank-error.ts";
import type { Release } from "../adapters/local.ts";
import { unlessAborted } from "../adapters/signals.ts";
import type { AnswersJson, QuestionJson, ReadingJson } from "../schema/answer.ts";
import { SUBGRAPH_SDL } from "../schema/sdl.ts";
import { type AnswerWith, answer, failure } from "./answer.ts";
import { counter } from "./counter.ts";
import { discloseAsCounted } from "./disclose.ts";
import type { Mapping } from "./mapping.ts";
import { fieldReader } from "./read-field.ts";
import { reading } from "./reading.ts";
import { declaredReader, selfOf } from "./self.ts";

/** One bank as a GraphQL schema that serves the subgraph's contract. */
export type Subgraph = AsyncDisposable & {
  readonly id: string;
  readonly schema: GraphQLSchema;
};

/** What an executor may hand to a subgraph: when the asker leaves, the signal reaches the local API. */
export type SubgraphContext = { readonly signal?: AbortSignal };

/**
 * Makes a subgraph of a mapping and a way to open its adapter. The local API is opened with the first question, and again
 * with the next one while it cannot be reached: a bank that is down at the start joins when it comes up.
 */
export const createSubgraph = (mapping: Mapping, openAdapter: (signal: AbortSignal) => Promise<Adapter>): Subgraph => {
  const closing = new AbortController();
  let opening: Promise<Opened> | null = null;
  const open = (): Promise<Opened> => {
    opening ??= openAdapter(closing.signal).then(
      (adapter) => ({ ...lent(adapter), reader: fieldReader(mapping, adapter.capabilities), count: counter(adapter) }),
      (error: unknown) => {
        opening = null;
        throw error;
      },
    );
    return opening;
  };

  /** The release that the bank serves now, and the bank opened for it: capabilities may list that release's codes. */
  const current = async (signal: AbortSignal): Promise<{ readonly bank: Opened; readonly release: Release }> => {
    const mine = open();
    const bank = await unlessAborted(mine, signal);
    const release = await bank.adapter.release(signal);
    if (bank.adapter.opened === undefined || bank.adapter.opened.id === release.id) return { bank, release };
    if (opening === mine) {
      opening = null;
      bank.retire();
    }
    const anew = await unlessAborted(open(), signal);
    return { bank: anew, release: anew.adapter.opened ?? release };
  };

  const answers = async (
    asOf: string | null,
    questions: readonly QuestionJson[],
    signal: AbortSignal,
  ): Promise<AnswersJson> => {
    const once = async () => {
      const { bank, release } = await current(signal);
      if (asOf !== null && release.id !== asOf) {
        throw new BankError("BANK_GONE", mapping.id, `wanted release ${asOf}, got ${release.id}`);
      }
      const answered = await bank.use(() =>
        Promise.all(questions.map((q) => answer(q, { ...bank, disclose: discloseAsCounted }, release, signal))),
      );
      return { release, answers: answered };
    };
    try {
      const first = await once();
      const flipped = first.answers.some((a) => "failure" in a && a.failure.code === "BANK_GONE");
      return flipped && asOf === null ? await once() : first;
    } catch (error) {
      if (error instanceof BankError) return { release: null, ...failure(error) };
      throw error;
    }
  };

  /** As far as can be known now: a bank that cannot be reached still tells what its mapping says. */
  const known = async (signal: AbortSignal) => {
    try {
      const { adapter, reader } = await unlessAborted(open(), signal);
      return { reader, release: await adapter.release(signal).catch(() => null) };
    } catch {
      return { reader: declaredReader(mapping), release: null };
    }
  };

  const schema = buildSchema(SUBGRAPH_SDL);
  resolve(schema, {
    self: async (_args, signal) => {
      const { reader, release } = await known(signal);
      return selfOf(reader, release);
    },
    readings: async ({ questions }, signal): Promise<readonly ReadingJson[]> => {
      const { reader } = await known(signal);
      return (questions as readonly QuestionJson[]).map((question) => reading(question, reader));
    },
    answers: ({ asOf, questions }, signal) =>
      answers((asOf as string | null | undefined) ?? null, questions as readonly QuestionJson[], signal),
  });

  return {
    id: mapping.id,
    schema,
    async [Symbol.asyncDispose]() {
      closing.abort(new Error("the subgraph is closing"));
      await opening?.then(({ adapter }) => adapter[Symbol.asyncDispose]()).catch(() => undefined);
    },
  };
};

type Opened = Omit<AnswerWith, "disclose"> & ReturnType<typeof lent>;

/** An adapter that is disposed once it is retired and nobody uses it any more. */
const lent = (adapter: Adapter) => {
  let users = 0;
  let retired = false;
  const disposeIfDone = () => {
    if (retired && users === 0) void Promise.resolve(adapter[Symbol.asyncDispose]()).catch(() => undefined);
  };
  return {
    adapter,
    use: async <T>(work: () => Promise<T>): Promise<T> => {
      users += 1;
      try {
        return await work();
      } finally {
        users -= 1;
        disposeIfDone();
      }
    },
    retire: (): void => {
      retired = true;
      disposeIfDone();
    },
  };
};

type Resolver = (args: { readonly [name: string]: unknown }, signal: AbortSignal) => unknown;

const NEVER = new AbortController().signal;

const resolve = (schema: GraphQLSchema, resolvers: { readonly [field: string]: Resolver }): void => {
  const fields = schema.getQueryType()?.getFields() ?? {};
  for (const [name, resolver] of Object.entries(resolvers)) {
    const field = fields[name];
    if (field === undefined) throw new Error(`the contract has no Query.${name}`);
    field.resolve = (_source, args, context: SubgraphContext | undefined) => resolver(args, context?.signal ?? NEVER);
  }
  const json = schema.getType("JSON");
  if (json instanceof GraphQLScalarType) json.serialize = (value) => value;
};
