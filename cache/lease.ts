import type { Clock } from "../net/clock.ts";
import { unlessAborted } from "../net/signals.ts";
import type { Edition } from "../schema/release.ts";

/**
 * A source's word that an edition is current, and will be for `leaseMs` from when it was given. 0: it was current then, and
 * more cannot be said. `staleMs`: how long after a lease the source allows its answers to be shown, marked as old. `about`:
 * what the source tells of the edition.
 */
export type Lease<A> = {
  readonly edition: Edition;
  readonly leaseMs: number;
  readonly staleMs: number;
  readonly about: A;
};

/** A lease, and when it was certainly current: by both clocks, from before the source was asked. */
export type Verified<A> = Lease<A> & { readonly atMono: number; readonly atWall: number };

/** Keeps one source's lease. */
export type LeaseHolder<A> = {
  /**
   * An edition that was current at some moment of this call. Rejects as `ask` does, with WentBack, or with the signal's
   * reason.
   */
  readonly current: (signal: AbortSignal) => Promise<Verified<A>>;
  /** The lease, while it holds. */
  readonly held: () => Verified<A> | null;
  /** What was verified last, however long ago; null once a later edition is known of. */
  readonly last: () => Verified<A> | null;
  /** Gives a lease up early: its edition was seen to have gone. */
  readonly drop: (lease: Lease<A>) => void;
  /** No edition before this ordinal is accepted from now on: a newer one is known to have been published. */
  readonly raise: (ordinal: number) => void;
};

/** The source names an edition older than one that is known to have been current, or another of the same ordinal. */
export class WentBack extends Error {
  override readonly name = "WentBack";

  constructor(source: string, least: number, got: Edition) {
    super(`[${source}] release: wanted ordinal ${least} or later, got ${got.ordinal} (${got.name})`);
  }
}

/** What two clocks may differ in over the length of a lease, as a part of it. Both ends of the protocol allow for it. */
export const DRIFT = 0.01;

/** The part of a lease after which the next one is asked for. */
const EARLY = 0.6;

/** @param ask asks the source. Called once for all who wait; it has to end by itself. */
export const leaseHolder = <A>(source: string, ask: () => Promise<Lease<A>>, clock: Clock): LeaseHolder<A> => {
  let held: Verified<A> | null = null;
  /** Which call brought it, and which was the last one when a lease was dropped: a lease of an earlier call holds no more. */
  let heldFrom = 0;
  let droppedAt = 0;
  let least = 0;
  let asking: { readonly number: number; readonly answer: Promise<Verified<A>> } | null = null;
  let calls = 0;

  const valid = (): Verified<A> | null => {
    if (held === null || heldFrom <= droppedAt || held.edition.ordinal < least) return null;
    const passed = clock.mono() - held.atMono;
    if (passed >= held.leaseMs * (1 - DRIFT)) return null;
    // The monotonic clock of a machine that slept did not notice, the other one did: by no more than both ends allow for.
    // mutant: slept
    if (Math.abs(clock.wall() - held.atWall - passed) > held.leaseMs * DRIFT) return null;
    // Ahead of time, so that nobody has to wait for the next lease of a source that is in use.
    if (passed > held.leaseMs * EARLY && asking === null) call();
    return held;
  };

  const renew = async (number: number): Promise<Verified<A>> => {
    // From before the source is asked: it counts from when it answers, which is later.
    const atMono = clock.mono();
    const atWall = clock.wall();
    // What is raised while the source is asked may be later than its answer, and no fault of it.
    const wanted = least;
    const lease = await ask();
    const { edition } = lease;
    const other = held !== null && edition.ordinal === held.edition.ordinal && edition.name !== held.edition.name;
    if (edition.ordinal < wanted || other) throw new WentBack(source, wanted, edition);
    // mutant: lease-start
    const verified = { ...lease, atMono, atWall };
    least = Math.max(least, edition.ordinal);
    held = verified;
    // mutant: dropped-lease
    heldFrom = number;
    return verified;
  };

  const call = () => {
    calls += 1;
    const mine = { number: calls, answer: renew(calls) };
    asking = mine;
    const over = (): void => {
      if (asking === mine) asking = null;
    };
    mine.answer.then(over, over);
    return mine;
  };

  return {
    async current(signal) {
      const before = calls;
      for (;;) {
        signal.throwIfAborted();
        const lease = valid();
        if (lease !== null) return lease;
        const joined = asking ?? call();
        // A call that was under way when this one began may bring what was current before: only the lease in it counts.
        // mutant: joined-lease
        if (joined.number > before) return unlessAborted(joined.answer, signal);
        await unlessAborted(joined.answer, signal).catch(() => undefined);
      }
    },
    held: valid,
    // mutant: newest-edition
    last: () => (held !== null && held.edition.ordinal >= least ? held : null),
    drop(lease) {
      if (held?.edition.name === lease.edition.name && heldFrom > droppedAt) droppedAt = calls;
    },
    raise(ordinal) {
      least = Math.max(least, ordinal);
    },
  };
};
