import type { SubschemaConfig } from "@graphql-tools/delegate";
import type { Logger } from "pino";
import type { Subgraph } from "../subgraphs/subgraph.ts";
import { type BankCopy, copyDocument } from "./bank-copy.ts";
import { ConfigError } from "./config.ts";
import { contract } from "./contract.ts";
import { withDeadline } from "./deadline.ts";
import { type BankExecutor, inProcess } from "./executor.ts";

/** A bank of the federation: what is kept of it, and the way to ask it. */
export type RegisteredBank = {
  readonly id: string;
  readonly copy: BankCopy;
  readonly execute: BankExecutor;
  /** The bank as a part of the stitched schema, for what is delegated to it. */
  readonly subschema: SubschemaConfig<unknown, unknown, unknown, { readonly signal: AbortSignal }>;
};

export type Registry = AsyncDisposable & {
  /** Banks that answer questions, sorted by id. */
  readonly live: () => readonly RegisteredBank[];
  /** Every bank that is known, whatever its state, sorted by id. */
  readonly all: () => readonly RegisteredBank[];
  /** Undefined where the id is unknown. */
  readonly get: (id: string) => RegisteredBank | undefined;
  /** Reads every bank's `self` anew; a bank that cannot say it keeps its last copy. Never rejects. */
  readonly refresh: () => Promise<void>;
};

/**
 * How long a bank may take to say who it is, and how often it is asked. Half of the time is for reaching its local API;
 * after that it says what its mapping alone tells.
 */
const SELF_DEADLINE_MS = 10_000;
const REFRESH_MS = 30_000;

/**
 * Reads every subgraph's `self` and keeps it, so that it is there when the bank is not. A bank that fails to say it is
 * logged, and known as soon as a refresh succeeds. Disposing the registry disposes the subgraphs.
 * @throws {ConfigError} for two banks of one id
 */
export const openRegistry = async (
  subgraphs: readonly Subgraph[],
  log: Logger,
  executorOf: (subgraph: Subgraph) => BankExecutor = (subgraph) => inProcess(subgraph.schema),
): Promise<Registry> => {
  const twice = subgraphs.find(({ id }, i) => subgraphs.findIndex((other) => other.id === id) < i);
  if (twice !== undefined) throw new ConfigError(`ODAN_BANKS: wanted every bank once, got two of id ${twice.id}`);
  const executors = new Map(subgraphs.map((subgraph) => [subgraph.id, executorOf(subgraph)]));
  const banks = new Map<string, RegisteredBank>();
  let all: readonly RegisteredBank[] = [];
  let live: readonly RegisteredBank[] = [];

  const refresh = async (): Promise<void> => {
    await Promise.all(
      [...executors].map(async ([id, execute]) => {
        try {
          const copy = await readSelf(id, execute);
          banks.set(id, { id, copy, execute, subschema: subschemaOf(id, execute) });
        } catch (error) {
          log.error({ bank: id, err: error }, "the bank did not say who it is");
        }
      }),
    );
    all = [...banks.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    live = all.filter((bank) => bank.copy.state === "LIVE");
  };
  await refresh();
  const timer = setInterval(refresh, REFRESH_MS).unref();
  return {
    all: () => all,
    live: () => live,
    get: (id) => banks.get(id),
    refresh,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await Promise.allSettled(subgraphs.map((subgraph) => subgraph[Symbol.asyncDispose]()));
    },
  };
};

const COPY = copyDocument(contract);

const readSelf = async (id: string, execute: BankExecutor): Promise<BankCopy> => {
  const { data, errors } = await withDeadline(
    (signal) =>
      execute({ document: COPY, signal: AbortSignal.any([signal, AbortSignal.timeout(SELF_DEADLINE_MS / 2)]) }),
    SELF_DEADLINE_MS,
    () => new Error(`[${id}] self: wanted an answer within ${SELF_DEADLINE_MS} ms, got none`),
  );
  const copy = data?.["self"] as BankCopy | null | undefined;
  if (!copy || errors !== undefined) throw errors?.[0] ?? new Error(`[${id}] self: wanted a Bank, got nothing`);
  if (copy.id !== id) throw new Error(`[${id}] self.id: wanted ${id}, got ${copy.id}`);
  return copy;
};

const subschemaOf = (id: string, execute: BankExecutor): RegisteredBank["subschema"] => ({
  name: id,
  schema: contract,
  executor: ({ document, variables, context }) =>
    execute({ document, variables: variables ?? {}, signal: context?.signal ?? NEVER }) as Promise<never>,
});

const NEVER = new AbortController().signal;
