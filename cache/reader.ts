import type { Clock } from "../net/clock.ts";
import { type PatientDeadline, withPatientDeadline } from "../net/deadline.ts";
import { unlessAborted, withAnySignal } from "../net/signals.ts";
import type { Edition } from "../schema/release.ts";
import type { Answers } from "./answers.ts";
import { type Lease, leaseHolder, type Verified } from "./lease.ts";
import type { Entry } from "./seal.ts";
import type { StoreKey } from "./store.ts";

/** What a reader reads from: the only one that knows which edition is current. */
export type Source<A> = {
  /** Unique; part of every cache key. */
  readonly id: string;
  /** Grants a lease. Has a time limit of its own. */
  readonly lease: () => Promise<Lease<A>>;
  /** Whether a rejection of `lease` or of a fetch means that the source has withdrawn its data. Default: none does. */
  readonly isWithdrawal?: (why: unknown) => boolean;
};

/**
 * Fetches the answer of exactly this lease's edition. EDITION_GONE where the source has another edition by now. Rejects where it
 * has no answer.
 */
export type Fetch<A> = (lease: Lease<A>, signal: AbortSignal) => Promise<Fetched | typeof EDITION_GONE>;
/** Plain JSON, and about how many bytes of memory it takes. */
export type Fetched = Pick<Entry, "value" | "size">;
export const EDITION_GONE: unique symbol = Symbol("edition gone");

export type ReadRequest<A> = {
  /** Hash of the canonical question: equal questions are one entry. */
  readonly question: string;
  readonly fetch: Fetch<A>;
  /** Exactly this edition. */
  readonly pin?: Edition | undefined;
  /** This edition or a later one. */
  readonly floor?: Edition | undefined;
  /** Time in ms for the source to grant a lease, before a stale answer is used. */
  readonly leaseTimeoutMs: number;
  /** Aborts when the asker leaves. */
  readonly signal: AbortSignal;
};

/**
 * - `FRESH`: of an edition that was current at some moment of the call.
 * - `STALE`: the source grants no lease; the answer is of the edition that was current at `verified.atWall`. `why`: the error.
 * - `SUPERSEDED`: the current edition is another than the pinned one.
 */
export type ReadResult<A> =
  | { readonly state: "FRESH"; readonly verified: Verified<A>; readonly entry: Entry }
  | { readonly state: "STALE"; readonly verified: Verified<A>; readonly entry: Entry; readonly why: unknown }
  | { readonly state: "SUPERSEDED"; readonly verified: Verified<A> };

/** Reads one source through the cache, so that no answer is older than its state says. */
export type Reader<A> = {
  /** @throws {UnstableEdition} and whatever the source rejects with */
  readonly read: (request: ReadRequest<A>) => Promise<ReadResult<A>>;
  /** The current lease, asked for if none is held. Rejects as the source does, and with the signal's reason. */
  readonly lease: (signal: AbortSignal) => Promise<Verified<A>>;
  /** The last lease granted, however old; null once a later edition is known to exist. */
  readonly last: () => Verified<A> | null;
  /** Drops all cached answers and shows none as stale until the source grants the next lease: its data is withdrawn. */
  readonly withdraw: () => void;
};

export type ReaderEvents = {
  /** The source granted no lease. */
  readonly leaseFailed?: (why: unknown) => void;
  /** The source said that it has withdrawn. Once, until it grants a lease again. */
  readonly withdrawn?: () => void;
};

/** The source granted no lease within `leaseTimeoutMs`. */
export class LeaseTimeout extends Error {
  override readonly name = "LeaseTimeout";
}

/** The source changed its edition twice within one call. */
export class UnstableEdition extends Error {
  override readonly name = "UnstableEdition";
}

export const createReader = <A>(
  source: Source<A>,
  answers: Answers,
  clock: Clock,
  { leaseFailed, withdrawn }: ReaderEvents = {},
): Reader<A> => {
  let isWithdrawn = false;
  const withdraw = (): void => {
    if (isWithdrawn) return;
    isWithdrawn = true;
    const last = leases.last();
    if (last !== null) leases.drop(last);
    answers.forget(source.id, () => false);
  };
  const noteWithdrawal = (why: unknown): never => {
    if (!isWithdrawn && source.isWithdrawal?.(why)) {
      withdraw();
      withdrawn?.();
    }
    throw why;
  };
  const leaseNow = (): Promise<Lease<A>> =>
    source.lease().then((lease) => {
      isWithdrawn = false;
      return lease;
    }, noteWithdrawal);
  // mutant: lease-source
  const leases = leaseHolder(source.id, leaseNow, clock);
  const forgetPurged = purgeOf(source.id, answers);

  /** The current lease, or the last known answer where the source grants none in time. */
  const leaseOrStale = async (request: ReadRequest<A>): Promise<Verified<A> | ReadResult<A>> => {
    const { signal, leaseTimeoutMs } = request;
    const late = () =>
      new LeaseTimeout(`[${source.id}] release: wanted word of it within ${leaseTimeoutMs} ms, got none`);
    const deadline = { clock, deadlineMs: leaseTimeoutMs, late, outer: signal };
    const held = leases.held();
    if (held !== null) return held;
    const wait = waitFor(leases.current, deadline);
    try {
      return await wait.inTime;
    } catch (why) {
      signal.throwIfAborted();
      leaseFailed?.(why);
      const last = isWithdrawn ? null : leases.last();
      const old = last && (await staleAnswer(last, { request, why, answers, clock, group: source.id }));
      if (old !== null) {
        wait.leave(why);
        return old;
      }
      if (!(why instanceof LeaseTimeout)) throw why;
      // Without a stale answer to show, an asker who has more time waits on.
      return wait.granted;
    }
  };

  const read = async (request: ReadRequest<A>): Promise<ReadResult<A>> => {
    const { question, pin, floor, signal } = request;
    // The gateway that issued the asker's token saw these editions published.
    leases.requireAtLeast(Math.max(floor?.ordinal ?? 0, pin?.ordinal ?? 0));
    for (let changes = 0; changes < 2; changes += 1) {
      const verified = await leaseOrStale(request);
      if ("state" in verified) return verified;
      const { edition } = verified;
      forgetPurged(edition);
      // mutant: pin
      if (pin !== undefined && pin.name !== edition.name) return { state: "SUPERSEDED", verified };
      const load = async (stop: AbortSignal): Promise<Entry | null> => {
        const before = clock.mono();
        // mutant: error-is-no-answer
        const fetched = await request.fetch(verified, stop).catch(noteWithdrawal);
        return fetched === EDITION_GONE ? null : { ...fetched, tookMs: Math.round(clock.mono() - before) };
      };
      const entry = await answers.get(keyOf(source.id, edition, question), load, signal);
      if (entry !== null) return { state: "FRESH", verified, entry };
      leases.drop(verified);
    }
    throw new UnstableEdition(
      `[${source.id}] release: wanted one that stays for the length of an answer, got two changes`,
    );
  };
  return { read, lease: leases.current, last: leases.last, withdraw };
};

/**
 * One wait for a lease with two limits: `inTime` ends with the deadline, `granted` when the asker leaves or by `leave`. A second
 * wait would take the call that the first one began for an older one, and make another.
 */
const waitFor = <A>(current: (signal: AbortSignal) => Promise<Verified<A>>, deadline: PatientDeadline) => {
  const left = new AbortController();
  const granted = withAnySignal([deadline.outer, left.signal], current);
  granted.catch(() => undefined);
  const inTime = withPatientDeadline((signal) => unlessAborted(granted, signal), deadline);
  return { granted, inTime, leave: (why: unknown): void => left.abort(why) };
};

type StaleRequest<A> = {
  readonly request: ReadRequest<A>;
  readonly why: unknown;
  readonly answers: Answers;
  readonly clock: Clock;
  readonly group: string;
};

/** The answer of the last known edition; null where it is too old, not cached, or does not settle what the request pins. */
const staleAnswer = async <A>(
  verified: Verified<A>,
  { request: { question, pin }, why, answers, clock, group }: StaleRequest<A>,
): Promise<ReadResult<A> | null> => {
  const { edition, staleMs } = verified;
  const age = Math.max(clock.mono() - verified.atMono, clock.wall() - verified.atWall);
  // mutant: stale-age
  if (age > staleMs) return null;
  if (pin !== undefined && pin.name !== edition.name) {
    return pin.ordinal < edition.ordinal ? { state: "SUPERSEDED", verified } : null;
  }
  const entry = await answers.peek(keyOf(group, edition, question));
  if (entry === null) return null;
  // mutant: stale-state
  return { state: "STALE", verified, entry, why };
};

const keyOf = (group: string, { name, purges }: Edition, question: string): StoreKey => ({
  group,
  question,
  // mutant: key-edition
  edition: `${name}.${purges}`,
});

/** Deletes entries of before a purge, once for each purge. Their keys are out of use already. */
const purgeOf = (group: string, answers: Answers): ((edition: Edition) => void) => {
  let purges = 0;
  return (edition) => {
    if (edition.purges <= purges) return;
    purges = edition.purges;
    answers.forget(group, (kept) => Number(kept.slice(kept.lastIndexOf(".") + 1)) >= purges);
  };
};
