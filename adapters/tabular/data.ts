import { resolve } from "node:path";
import { BankError } from "../../schema/bank-error.ts";
import type { AdapterContext, MappedCodes } from "../adapter.ts";
import { emptyCells, exactly } from "../kit/exact-counts.ts";
import { bankBroken } from "../kit/failures.ts";
import { Unsupported } from "../kit/unsupported.ts";
import type { Counts, LocalCounts, LocalQuestion, Release } from "../local.ts";
import { type Engine, openEngine } from "./engine.ts";
import { type Dictionaries, load } from "./load.ts";
import { filesOf, type TabularOptions } from "./options.ts";
import { readRelease } from "./release.ts";
import { reason } from "./source.ts";
import { cellsSql, totalsSql } from "./sql.ts";

const CONNECTIONS = 2;

/** See tabularData. */
export type TabularData = ReturnType<typeof tabularData>;

/** Loads the release that the folder holds now. @throws {BankError} BANK_GONE if it changes meanwhile */
export const loadRelease = async (
  options: TabularOptions,
  mapping: MappedCodes,
  context: AdapterContext,
  signal: AbortSignal,
): Promise<TabularData> => {
  const { bank } = context;
  const folder = resolve(context.folder, options.folder);
  const before = await readRelease(bank, folder, filesOf(options));
  const engine = await openEngine(CONNECTIONS);
  try {
    const dictionaries = await engine.use(signal, (run) => load(options, mapping, { bank, folder }, run));
    const after = await readRelease(bank, folder, filesOf(options));
    if (after.release.id !== before.release.id || after.stamp !== before.stamp) {
      throw new BankError("BANK_GONE", bank, `${options.folder}: wanted one release, got other files while loading`);
    }
    return tabularData(bank, before.release, engine, dictionaries);
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
};

/** One release in memory. */
const tabularData = (bank: string, release: Release, engine: Engine, dictionaries: Dictionaries) => ({
  release,
  /** The values that the data hold, by field. */
  recorded: dictionaries,
  /** Counts one question. A failure is a BankError, given back; when the signal aborts, rejects with signal.reason. */
  async count(question: LocalQuestion, signal: AbortSignal): Promise<LocalCounts | BankError> {
    try {
      return await counted(engine, question, dictionaries, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Unsupported) return new BankError("BANK_UNSUPPORTED", bank, error.message);
      return bankBroken(bank, `wanted a count, got ${reason(error)}`);
    }
  },
  [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
});

/** @throws {Unsupported}, DuckDB's errors and signal.reason */
const counted = async (
  engine: Engine,
  question: LocalQuestion,
  dictionaries: Dictionaries,
  signal: AbortSignal,
): Promise<LocalCounts> => {
  const { by } = question;
  const totals = totalsSql(question, dictionaries);
  const cells = by === undefined ? undefined : cellsSql(question, by, dictionaries);
  return engine.use(signal, async (run) => {
    const [row = []] = await run(totals.sql, totals.values);
    const counts = countsIn(row);
    if (by === undefined) return counts;
    const found = emptyCells(by);
    const rows = cells === undefined ? [] : await run(cells.sql, cells.values);
    for (const [cell, ...each] of rows) found[Number(cell)] = countsIn(each);
    return { ...counts, cells: found };
  });
};

const countsIn = ([donors, samples]: readonly unknown[]): Counts => {
  const [d, s] = [Number(donors), Number(samples)];
  if (!Number.isSafeInteger(d) || !Number.isSafeInteger(s)) throw new Error("wanted two counts, got something else");
  return { donors: exactly(d), samples: exactly(s) };
};
