import type { Clock } from "../net/clock.ts";
import { unlessAborted } from "../net/signals.ts";
import type { Edition } from "../schema/release.ts";

/**
 * A source's promise that an edition is current, and stays current for `leaseMs` from when it was granted; 0: it was current at
 * that moment. `staleMs`: how long after that the source allows its answers to be shown as STALE. `about`: the source's
 * description of the edition.
 */
export type Lease<A> = {
  readonly edition: Edition;
  readonly leaseMs: number;
  readonly staleMs: number;
  readonly about: A;
};

/** A lease, and a moment, by both clocks, from which its edition was certainly current: just before the source was asked. */
export type Verified<A> = Lease<A> & { readonly atMono: number; readonly atWall: number };

/** The source grants a lease of an edition older than one that was current before, or of another one of the same ordinal. */
export class WentBack extends Error {
  override readonly name = "WentBack";

  constructor(source: string, least: number, got: Edition) {
    super(`[${source}] release: wanted ordinal ${least} or later, got ${got.ordinal} (${got.name})`);
  }
}

/** Largest drift between two clocks over the length of a lease, as a fraction of it. Both ends of the protocol allow for it. */
export const DRIFT = 0.01;

/** Fraction of a lease after which the next one is requested. */
const EARLY = 0.6;

/**
 * Keeps one source's lease.
 * @param ask asks the source for a lease: once for all waiting callers. Has a time limit of its own.
 */
export const leaseHolder = <A>(source: string, ask: () => Promise<Lease<A>>, clock: Clock) => {
  let held: Verified<A> | null = null;
  /** Number of the call that brought `held`, and of the last call when a lease was dropped: leases of calls up to it are void. */
  let heldFrom = 0;
  let droppedAt = 0;
  let least = 0;
  let asking: { readonly number: number; readonly answer: Promise<Verified<A>> } | null = null;
  let calls = 0;

  const valid = (): Verified<A> | null => {
    if (held === null || heldFrom <= droppedAt || held.edition.ordinal < least) return null;
    const passed = clock.mono() - held.atMono;
    if (passed >= held.leaseMs * (1 - DRIFT)) return null;
    // While a machine sleeps its monotonic clock may stop and its wall clock goes on: they differ by the time it slept.
    // mutant: slept
    if (Math.abs(clock.wall() - held.atWall - passed) > held.leaseMs * DRIFT) return null;
    // Renewed early, so that no reader of a source in use waits for a lease.
    if (passed > held.leaseMs * EARLY && asking === null) call();
    return held;
  };

  const renew = async (number: number): Promise<Verified<A>> => {
    // Taken before the source is asked: the source counts from its reply, which is later.
    const atMono = clock.mono();
    const atWall = clock.wall();
    // An ordinal that is required while the call is under way may be newer than the reply, which is no fault of the source.
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
    /** The lease of an edition that was current at some moment of this call. Rejects as `ask` does, with WentBack or signal.reason. */
    async current(signal: AbortSignal): Promise<Verified<A>> {
      const before = calls;
      for (;;) {
        signal.throwIfAborted();
        const lease = valid();
        if (lease !== null) return lease;
        const joined = asking ?? call();
        // A call that was under way already may bring an edition that was current before this one began: its lease is checked.
        // mutant: joined-lease
        if (joined.number > before) return unlessAborted(joined.answer, signal);
        await unlessAborted(joined.answer, signal).catch(() => undefined);
      }
    },
    /** The lease while it is valid, else null. Renews it in the background when most of its time has passed. */
    held: valid,
    /** The last lease granted, however old; null once a later edition is known to exist. */
    // mutant: newest-edition
    last: () => (held !== null && held.edition.ordinal >= least ? held : null),
    /** Ends a lease early: the source no longer has its edition. */
    drop(lease: Lease<A>): void {
      if (held?.edition.name === lease.edition.name && heldFrom > droppedAt) droppedAt = calls;
    },
    /** Accepts no edition before this ordinal from now on: the edition of this ordinal is known to have been published. */
    requireAtLeast(ordinal: number): void {
      least = Math.max(least, ordinal);
    },
  };
};
