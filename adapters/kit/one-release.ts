import { BankError } from "../../schema/bank-error.ts";
import type { Release } from "../local.ts";
import { caught, releaseGone } from "./failures.ts";

/** Outcomes, and the ids of the releases that their answers stated. */
export type Stated<T> = { readonly outcomes: readonly (T | BankError)[]; readonly stated: readonly string[] };

/** How the release is read, and what is known of it. */
type Reading = {
  readonly read: (signal: AbortSignal) => Promise<Release>;
  /** The release that was read last. */
  readonly seen?: Release | undefined;
  /** An answer states the release that was served when its last count was taken; default: when its first one was. */
  readonly statedLast: boolean;
};

/** For local APIs that keep no older releases: counts from exactly one, or not at all. */
export const oneRelease = (bank: string, { read, seen, statedLast }: Reading) => {
  let last = seen?.id;
  /** The release that the bank serves now. @throws {BankError} */
  const now = async (signal: AbortSignal): Promise<Release> => {
    const release = await read(signal);
    last = release.id;
    return release;
  };
  /** Why `id` is not what the bank serves; undefined where it is. */
  const fault = async (id: string, signal: AbortSignal): Promise<BankError | undefined> => {
    const release = await caught(() => now(signal));
    if (release instanceof BankError) return release;
    return release.id === id ? undefined : releaseGone(bank, id, release.id);
  };
  return {
    now,
    /**
     * The outcomes of `work` if the bank served `asOf` all the while, else the same BankError in each of `slots` slots. The
     * release is read before, unless it was `asOf` when it was last read, and after, unless the answers stated it: ids are never
     * reused, so a release that was served before and after was served in between. Where every slot ran out of time it is not read.
     */
    async during<T>(
      asOf: Release,
      slots: number,
      signal: AbortSignal,
      work: () => Promise<Stated<T>>,
    ): Promise<Stated<T>["outcomes"]> {
      const failed = (error: BankError) => Array.from({ length: slots }, () => error);
      const before = last === asOf.id ? undefined : await fault(asOf.id, signal);
      if (before !== undefined) return failed(before);
      const { outcomes, stated } = await work();
      // Nothing was counted: another look would take as long again.
      if (outcomes.length > 0 && outcomes.every(isTimeout)) return outcomes;
      const other = stated.find((id) => id !== asOf.id);
      if (other !== undefined) return failed(releaseGone(bank, asOf.id, other));
      const after = statedLast && stated.length > 0 ? undefined : await fault(asOf.id, signal);
      return after === undefined ? outcomes : failed(after);
    },
  };
};

const isTimeout = (outcome: unknown): boolean => outcome instanceof BankError && outcome.code === "BANK_TIMEOUT";

/** @throws {BankError} BANK_GONE where the release has changed while `what` was read */
export const requireSame = (bank: string, what: string, before: Release, after: Release): void => {
  if (after.id === before.id) return;
  throw new BankError("BANK_GONE", bank, `wanted ${what} of ${before.id}, got ${after.id} meanwhile`);
};
