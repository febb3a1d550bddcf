import { DRIFT, type Lease } from "../../cache/lease.ts";
import type { Clock } from "../../net/clock.ts";
import type { Edition } from "../../schema/release.ts";

/** What outlives the process: the current edition, and what a lease says about it. */
export type Current<A> = { readonly edition: Edition; readonly about: A };

/** Durable: what was written is read after any crash. */
export type StateFile<A> = {
  readonly read: () => Promise<Current<A> | null>;
  readonly write: (state: Current<A>) => Promise<void>;
};

/** What may become an edition. `digest` is of all that its answers depend on, and of nothing else. */
export type Candidate<A> = { readonly digest: string; readonly about: A };

/** Knows the current edition of one bank, and changes it so that no gateway goes on with an older one. */
export type Authority<A> = {
  /** Null before the first edition. */
  readonly current: () => Current<A> | null;
  /** Null before the first edition, and where the state on disk is in doubt. */
  readonly lease: () => Lease<A> | null;
  /**
   * Makes an edition current and returns when nobody answers from an older one as fresh: gives no more leases, waits
   * for the last one to run out, and flips; `flipped` runs in the same tick. Repeating it is harmless.
   * @param purge what was answered before is never to be shown again
   */
  readonly publish: (next: Candidate<A>, options?: PublishOptions) => Promise<Current<A>>;
  /** Makes an edition current at once, for banks that change without notice: leases on the older one run on. */
  readonly adopt: (next: Candidate<A>, flipped?: () => void) => Promise<Current<A>>;
};

export type PublishOptions = { readonly purge?: boolean; readonly flipped?: () => void };

export type AuthorityOptions<A> = {
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly staleMs: number;
  readonly file: StateFile<A>;
  /** Whether an earlier process may have given leases. False only where all who have one end with this process. */
  readonly leasesMayBeOut: boolean;
};

/** Beyond the drift of clocks: what reading and comparing them may cost. */
const SLACK_MS = 5;

export const openAuthority = async <A>(options: AuthorityOptions<A>): Promise<Authority<A>> => {
  const { clock, leaseMs, staleMs, file, leasesMayBeOut } = options;
  let state = await file.read();
  let draining = false;
  let unsure = false;
  /** On the monotonic clock: no lease given so far is counted beyond it. */
  // mutant: leases-before-start
  let lastLeaseEnds = leasesMayBeOut ? clock.mono() + leaseMs : Number.NEGATIVE_INFINITY;
  /** The same of leases on editions before the current one. */
  let olderLeasesEnd = lastLeaseEnds;
  const inTurn = oneAtATime();

  const drained = async (ends: number): Promise<void> => {
    const until = ends + leaseMs * DRIFT + SLACK_MS;
    for (let left = until - clock.mono(); left > 0; left = until - clock.mono()) await clock.sleep(Math.max(1, left));
  };

  const flip = async ({ digest, about }: Candidate<A>, purge: boolean, flipped?: () => void): Promise<Current<A>> => {
    const before = state?.edition;
    // Grows with the time of day, so that an ordinal is not used again even where the state was lost.
    const ordinal = Math.max((before?.ordinal ?? 0) + 1, Math.floor(clock.wall() / 1000));
    const next = {
      edition: { name: `${ordinal}-${digest}`, ordinal, purges: (before?.purges ?? 0) + (purge ? 1 : 0) },
      about,
    };
    await durable(next);
    olderLeasesEnd = lastLeaseEnds;
    state = next;
    unsure = false;
    flipped?.();
    return next;
  };

  /** A write that failed may still be there after a crash: then it counts. If nobody knows, no lease is given. */
  const durable = async (next: Current<A>): Promise<void> => {
    try {
      await file.write(next);
    } catch (error) {
      const found = await file.read().catch(() => undefined);
      if (found?.edition.name === next.edition.name) return;
      unsure = found === undefined;
      throw error;
    }
  };

  const isCurrent = (next: Candidate<A>): boolean =>
    state !== null && !unsure && digestOf(state.edition) === next.digest;

  return {
    current: () => state,
    lease() {
      if (state === null || unsure) return null;
      // mutant: no-lease-while-draining
      const given = draining ? 0 : leaseMs;
      lastLeaseEnds = Math.max(lastLeaseEnds, clock.mono() + given);
      return { edition: state.edition, leaseMs: given, staleMs, about: state.about };
    },
    publish: (next, { purge = false, flipped } = {}) =>
      inTurn(async () => {
        if (state !== null && isCurrent(next) && !purge) {
          // It may have been adopted, without a wait.
          await drained(olderLeasesEnd);
          return state;
        }
        draining = true;
        try {
          // mutant: drain
          await drained(lastLeaseEnds);
          return await flip(next, purge, flipped);
        } finally {
          draining = false;
        }
      }),
    adopt: (next, flipped) =>
      inTurn(async () => (state !== null && isCurrent(next) ? state : flip(next, false, flipped))),
  };
};

/** The digest of the candidate that an edition was made of. */
export const digestOf = ({ name }: Edition): string => name.slice(name.indexOf("-") + 1);

/** Runs each work after those before it have settled. */
export const oneAtATime = () => {
  let queue: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = queue.then(work);
    queue = mine.catch(() => undefined);
    return mine;
  };
};
