import { type Clock, patientSleep } from "../net/clock.ts";
import type { Edition } from "../schema/release.ts";
import type { Answers } from "./answers.ts";
import { type Lease, leaseHolder, type Verified } from "./lease.ts";
import type { Entry } from "./seal.ts";
import type { StoreKey } from "./store.ts";

/** Who alone knows which edition is current, and what it says. */
export type Source<A> = {
  /** Unique; part of every key. */
  readonly id: string;
  /** Has to end by itself. */
  readonly lease: () => Promise<Lease<A>>;
  /** Whether what it rejects with, or `read` does, says that nothing of it is to be shown any more. Default: it never does. */
  readonly isWithdrawal?: (why: unknown) => boolean;
};

/** The answer of exactly this lease's edition; GONE where the source has another one now. Rejects where there is no answer. */
export type Read<A> = (lease: Lease<A>, signal: AbortSignal) => Promise<Said | typeof GONE>;
/** Plain JSON, and about how many bytes of memory it takes. */
export type Said = Pick<Entry, "value" | "size">;
export const GONE: unique symbol = Symbol("gone");

export type Asked<A> = {
  /** Hash of the canonical question: equal questions are one entry. */
  readonly question: string;
  readonly read: Read<A>;
  /** Only from exactly this edition. */
  readonly pin?: Edition | undefined;
  /** From this edition or a later one. */
  readonly floor?: Edition | undefined;
  /** How long to wait for the source to say which edition is current, before what is known has to do. */
  readonly patienceMs: number;
  /** Aborts when the asker has gone. */
  readonly signal: AbortSignal;
};

/**
 * - `FRESH`: of an edition that was current at some moment between question and answer.
 * - `STALE`: the source is out of reach; the answer is that of the edition which was current at `verified.atWall`.
 * - `SUPERSEDED`: another edition is current than the one that was wanted.
 */
export type Part<A> =
  | { readonly state: "FRESH"; readonly verified: Verified<A>; readonly entry: Entry }
  | { readonly state: "STALE"; readonly verified: Verified<A>; readonly entry: Entry; readonly why: unknown }
  | { readonly state: "SUPERSEDED"; readonly verified: Verified<A> };

/** Reads one source so that no answer is older than it says. */
export type Reader<A> = {
  /** @throws {Flipping} and whatever the source rejects with */
  readonly ask: (asked: Asked<A>) => Promise<Part<A>>;
  /** The edition that is current, asked for if no lease holds. */
  readonly current: (signal: AbortSignal) => Promise<Verified<A>>;
  readonly last: () => Verified<A> | null;
  /** The source is known to have withdrawn: until it gives the next lease, nothing that it answered is shown or kept. */
  readonly giveUp: () => void;
};

/** What somebody may want to hear of a source. */
export type Hears = {
  /** Why it did not say what is current. */
  readonly silent?: (why: unknown) => void;
  /** It has withdrawn. Once, until it gives a lease again. */
  readonly withdrawn?: () => void;
};

/** The source did not say in time which edition is current. */
export class Unheard extends Error {
  override readonly name = "Unheard";
}

/** The source changed its edition twice while one question was asked. */
export class Flipping extends Error {
  override readonly name = "Flipping";
}

/** Ends a wait. Without a reason of ours, each would cost an exception with a stack. */
const ANSWERED = "answered";

export const createReader = <A>(
  source: Source<A>,
  answers: Answers,
  clock: Clock,
  { silent, withdrawn }: Hears = {},
): Reader<A> => {
  let gone = false;
  const giveUp = (): void => {
    if (gone) return;
    gone = true;
    const last = leases.last();
    if (last !== null) leases.drop(last);
    answers.forget(source.id, () => false);
  };
  const unlessGone = (why: unknown): never => {
    if (!gone && source.isWithdrawal?.(why)) {
      giveUp();
      withdrawn?.();
    }
    throw why;
  };
  const leaseNow = (): Promise<Lease<A>> =>
    source.lease().then((lease) => {
      gone = false;
      return lease;
    }, unlessGone);
  // mutant: lease-source
  const leases = leaseHolder(source.id, leaseNow, clock);

  const keyOf = ({ name, purges }: Edition, question: string): StoreKey => ({
    group: source.id,
    question,
    // mutant: key-edition
    edition: `${name}.${purges}`,
  });

  /** What is known of a source that does not say what is current; rethrows where that is nothing. */
  const stale = async (why: unknown, { question, pin }: Asked<A>): Promise<Part<A>> => {
    const verified = leases.last();
    if (gone || verified === null) throw why;
    const { edition, staleMs } = verified;
    const age = Math.max(clock.mono() - verified.atMono, clock.wall() - verified.atWall);
    // mutant: stale-age
    if (age > staleMs) throw why;
    if (pin !== undefined && pin.name !== edition.name) {
      if (pin.ordinal < edition.ordinal) return { state: "SUPERSEDED", verified };
      throw why;
    }
    const entry = await answers.peek(keyOf(edition, question));
    if (entry === null) throw why;
    // mutant: stale-state
    return { state: "STALE", verified, entry, why };
  };

  /** What came before a purge is out of reach by its key; now it goes. */
  let purges = 0;
  const forgetPurged = (edition: Edition): void => {
    if (edition.purges <= purges) return;
    purges = edition.purges;
    answers.forget(source.id, (kept) => Number(kept.slice(kept.lastIndexOf(".") + 1)) >= purges);
  };

  /** The current edition, unless the source lets this asker wait for too long. */
  const current = async ({ signal, patienceMs }: Asked<A>): Promise<Verified<A>> => {
    const held = leases.held();
    if (held !== null) return held;
    const over = new AbortController();
    patientSleep(clock, patienceMs, over.signal).then(
      () => over.abort(new Unheard(`[${source.id}] release: wanted word of it within ${patienceMs} ms, got none`)),
      () => undefined,
    );
    try {
      return await leases.current(AbortSignal.any([signal, over.signal]));
    } finally {
      over.abort(ANSWERED);
    }
  };

  return {
    current: leases.current,
    last: leases.last,
    giveUp,
    async ask(asked) {
      const { question, pin, floor, signal } = asked;
      // Whoever gave out that token saw it published.
      leases.raise(Math.max(floor?.ordinal ?? 0, pin?.ordinal ?? 0));
      for (let flips = 0; flips < 2; flips += 1) {
        let verified: Verified<A>;
        try {
          verified = await current(asked);
        } catch (why) {
          signal.throwIfAborted();
          silent?.(why);
          const old = stale(why, asked);
          if (!(why instanceof Unheard)) return old;
          // With nothing to show meanwhile, an asker who has more time waits on.
          const part = await old.catch(() => null);
          if (part !== null) return part;
          verified = await leases.current(signal);
        }
        const { edition } = verified;
        forgetPurged(edition);
        // mutant: pin
        if (pin !== undefined && pin.name !== edition.name) return { state: "SUPERSEDED", verified };
        const entry = await answers.get(
          keyOf(edition, question),
          async (stop) => {
            const before = clock.mono();
            // mutant: error-is-no-answer
            const said = await asked.read(verified, stop).catch(unlessGone);
            return said === GONE ? null : { ...said, tookMs: Math.round(clock.mono() - before) };
          },
          signal,
        );
        if (entry !== null) return { state: "FRESH", verified, entry };
        leases.drop(verified);
      }
      throw new Flipping(`[${source.id}] release: wanted one that stays for the length of an answer, got two changes`);
    },
  };
};
