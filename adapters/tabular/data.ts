import { resolve } from "node:path";
import { BankError } from "../../schema/bank-error.ts";
import type { AdapterContext, MappedCodes } from "../adapter.ts";
import { emptyCells, exactly } from "../kit/exact-counts.ts";
import { bankBroken } from "../kit/failures.ts";
import { Unsupported } from "../kit/unsupported.ts";
import type { Counts, LocalQuestion, Range, Release } from "../local.ts";
import { type Engine, openEngine } from "./engine.ts";
import { type Loaded, load } from "./load.ts";
import type { TabularOptions } from "./options.ts";
import { reason } from "./relation.ts";
import { type ReleaseWatch, settledFiles, stableRelease } from "./release.ts";
import { cellsSql, totalsSql } from "./sql.ts";
import { filesOf } from "./tables.ts";

const CONNECTIONS = 2;

/** See tabularData. */
export type TabularData = ReturnType<typeof tabularData>;

/** Loads the release that the folder holds now. @throws {BankError} BANK_GONE if it changes meanwhile */
export const loadRelease = async (
  options: TabularOptions,
  mapping: MappedCodes,
  context: AdapterContext & { readonly watch: ReleaseWatch },
  signal: AbortSignal,
): Promise<TabularData> => {
  const { bank, watch } = context;
  const folder = resolve(context.folder, options.folder);
  const stamp = await settledFiles({ bank, folder, files: filesOf(options) }, signal);
  const engine = await openEngine(CONNECTIONS);
  try {
    // What names the release is read while it is loaded.
    const [before, loaded] = await Promise.all([
      stableRelease(watch, signal),
      engine.use(signal, (run) => load(options, mapping, { bank, folder }, run)),
    ]);
    const after = await stableRelease(watch, signal);
    if (after.release.id !== before.release.id || [before.stamp, after.stamp].some((each) => each !== stamp)) {
      throw new BankError("BANK_GONE", bank, `${options.folder}: wanted one release, got other files while loading`);
    }
    return tabularData(bank, before.release, engine, loaded);
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
};

/** One release in memory. */
const tabularData = (bank: string, release: Release, engine: Engine, { dictionaries, doubtful, strangers }: Loaded) => {
  const lost = strangers.donors + strangers.samples > 0;
  /** Takes those whose donor is not known for any donor. */
  const widened = ({ donors, samples }: Counts): Counts =>
    lost ? { donors: upBy(donors, strangers.donors), samples: upBy(samples, strangers.samples) } : { donors, samples };
  return {
    release,
    /** The values that the data hold, by field. */
    recorded: dictionaries,
    doubtful,
    /** Counts a question without its facets. A failure is a BankError, given back; when the signal aborts, rejects with signal.reason. */
    totals: (question: LocalQuestion, signal: AbortSignal): Promise<Counts | BankError> =>
      orFailure(bank, signal, async () => {
        const { sql, values } = totalsSql(question, dictionaries);
        const [row = []] = await engine.use(signal, (run) => run(sql, values));
        return widened(countsIn(row));
      }),
    /** Counts the cells of a breakdown. A failure is a BankError, given back; when the signal aborts, rejects with signal.reason. */
    cells: (question: LocalQuestion, by: Breakdown, signal: AbortSignal): Promise<readonly Counts[] | BankError> =>
      orFailure(bank, signal, async () => {
        const asked = cellsSql(question, by, dictionaries);
        const found = emptyCells(by);
        const rows = asked === undefined ? [] : await engine.use(signal, (run) => run(asked.sql, asked.values));
        for (const [cell, ...each] of rows) found[Number(cell)] = countsIn(each);
        return found.map(widened);
      }),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
};

const upBy = ({ min, max }: Range, more: number): Range => ({
  min,
  max: (max ?? min) + more,
  ...(more === 0 ? {} : { why: ["NOT_UNDERSTOOD"] as const }),
});

type Breakdown = NonNullable<LocalQuestion["by"]>;

const orFailure = async <T>(bank: string, signal: AbortSignal, count: () => Promise<T>): Promise<T | BankError> => {
  try {
    return await count();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Unsupported) return new BankError("BANK_UNSUPPORTED", bank, error.message);
    return bankBroken(bank, `wanted a count, got ${reason(error)}`);
  }
};

const countsIn = ([donors, samples]: readonly unknown[]): Counts => {
  const [d, s] = [Number(donors), Number(samples)];
  if (!Number.isSafeInteger(d) || !Number.isSafeInteger(s)) throw new Error("wanted two counts, got something else");
  return { donors: exactly(d), samples: exactly(s) };
};
