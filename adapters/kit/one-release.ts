import { BankError } from "../../schema/bank-error.ts";
import type { Release } from "../local.ts";

/** Outcomes, and what the answers that they came in told of the release, where they told anything. */
export type Held<T> = {
  readonly outcomes: readonly (T | BankError)[];
  /** Ids of releases that were served until the last count, or why an answer tells none. Empty: nothing was told. */
  readonly until: readonly (string | BankError)[];
};

/** For local APIs that keep no older releases: counts from exactly one, or not at all. */
export type OneRelease = {
  /** The release that the bank serves now. @throws {BankError} */
  readonly now: (signal: AbortSignal) => Promise<Release>;
  /**
   * The outcomes of `work` if the bank served `asOf` all the while, else the same BankError in each slot. The release is
   * read before, unless it was `asOf` when it was last read, and after, unless the answers themselves told it: ids are
   * never reused, so what it was once and still is, it was in between.
   */
  readonly hold: <T>(
    asOf: Release,
    slots: number,
    signal: AbortSignal,
    work: () => Promise<Held<T>>,
  ) => Promise<readonly (T | BankError)[]>;
};

/** Watches over the release that `read` tells. */
export const oneRelease = (bank: string, read: (signal: AbortSignal) => Promise<Release>): OneRelease => {
  let seen: string | undefined;
  const now = async (signal: AbortSignal): Promise<Release> => {
    const release = await read(signal);
    seen = release.id;
    return release;
  };
  const gone = (wanted: string, got: string): BankError =>
    new BankError("BANK_GONE", bank, `wanted release ${wanted}, got ${got}`);
  const isServed = async (id: string, signal: AbortSignal): Promise<true | BankError> => {
    try {
      const release = await now(signal);
      return release.id === id || gone(id, release.id);
    } catch (error) {
      if (error instanceof BankError) return error;
      throw error;
    }
  };
  return {
    now,
    async hold(asOf, slots, signal, work) {
      const failed = (error: BankError) => Array.from({ length: slots }, () => error);
      const before = seen === asOf.id || (await isServed(asOf.id, signal));
      if (before !== true) return failed(before);
      const { outcomes, until } = await work();
      const other = until.find((told) => told !== asOf.id);
      if (other !== undefined) return failed(other instanceof BankError ? other : gone(asOf.id, other));
      const after = until.length > 0 || (await isServed(asOf.id, signal));
      return after === true ? outcomes : failed(after);
    },
  };
};
