import { BankError } from "./bank-error.ts";
import type { Release } from "./local.ts";

/** For local APIs that keep no older releases: counts from exactly one, or not at all. */
export type OneRelease = {
  /** The release that the bank serves now. @throws {BankError} */
  readonly now: (signal: AbortSignal) => Promise<Release>;
  /**
   * The outcomes of `work` if the bank served `asOf` all the while, else the same BankError in each slot. The release is
   * read before, unless it was `asOf` when it was last read, and after: ids are never reused, so what it was once and
   * still is, it was in between.
   */
  readonly hold: <T>(
    asOf: Release,
    slots: number,
    signal: AbortSignal,
    work: () => Promise<readonly (T | BankError)[]>,
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
  const isServed = async (id: string, signal: AbortSignal): Promise<true | BankError> => {
    try {
      const release = await now(signal);
      return release.id === id || new BankError("BANK_GONE", bank, `wanted release ${id}, got ${release.id}`);
    } catch (error) {
      if (error instanceof BankError) return error;
      throw error;
    }
  };
  return {
    now,
    async hold(asOf, slots, signal, work) {
      const before = seen === asOf.id || (await isServed(asOf.id, signal));
      if (before !== true) return Array.from({ length: slots }, () => before);
      const outcomes = await work();
      const after = await isServed(asOf.id, signal);
      return after === true ? outcomes : Array.from({ length: slots }, () => after);
    },
  };
};
