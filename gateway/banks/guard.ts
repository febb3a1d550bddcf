import { setTimeout as sleep } from "node:timers/promises";
import { createBreaker, NotSent } from "../../net/breaker.ts";
import { fairLimit } from "../../net/fair-limit.ts";
import { type Latency, latencyHistory } from "../../net/latency.ts";
import { retryBudget } from "../../net/retry-budget.ts";
import { BankError } from "../../schema/bank-error.ts";
import { BankFailure, failureIn } from "./failure.ts";

/** Protects a bank from overload, and askers from a bank that is slow or away: concurrency limit, queue, retry and circuit breaker. */
export type Guard = Disposable & {
  /**
   * Runs an idempotent call in its asker's turn, and retries it once where the bank was unreachable.
   * @throws {BankError} BANK_BUSY for a full queue, BANK_UNREACHABLE while the breaker is open; whatever the call rejects with
   */
  readonly queued: <T>(call: () => Promise<T>, turn: Turn) => Promise<T>;
  /** The same for a call that counts nothing: it has places of its own, and no retry. */
  readonly reading: <T>(call: () => Promise<T>, turn: Turn) => Promise<T>;
  /** Runs a cheap call at once, without queue and retry. @throws {BankError} BANK_UNREACHABLE while the breaker is open */
  readonly unqueued: <T>(call: () => Promise<T>) => Promise<T>;
  readonly latency: Latency;
};

/** Whose turn a call takes. One that several askers wait for takes that of the first of them. */
export type Turn = {
  /** As `partyOf` names it. */
  readonly party: string;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
};

/** Concurrent calls to one bank, and the length of its queue. One asker has at most half of the former. */
const AT_ONCE = 16;
const WAITING = 256;
/** Concurrent readings. */
const READINGS_AT_ONCE = 8;
/** Retries per call, and the longest wait before one, in ms. */
const RETRIES = 0.1;
const RETRY_AFTER_MS = 50;
/** `retryAfterMs` of a failure while the breaker is open. */
const AWAY_MS = 500;
/** Shortest and longest time in ms that a call has to have had before its timeout counts against the bank. */
const LEAST_CHANCE_MS = 1000;
const MOST_CHANCE_MS = 5000;
/** Lateness of this process in ms that may explain a failure. */
const LATE_MS = 200;

export type GuardOptions = {
  /** Asks the bank for something small: the probe of the open breaker. */
  readonly probe: () => Promise<unknown>;
  readonly report: (what: "lost" | "back", why?: unknown) => void;
  /** @see Clock.lateMs */
  readonly lateMs?: (() => number) | undefined;
};

export const bankGuard = (bank: string, { probe, report, lateMs = () => 0 }: GuardOptions): Guard => {
  const full = (): BankError => {
    const message = `too many questions at once: wanted at most ${WAITING} that wait, a quarter of them of one asker, got more`;
    return new BankError("BANK_BUSY", bank, message, { retryAfterMs: Math.ceil(latency.quantile(0.5) ?? AWAY_MS) });
  };
  const turns = fairLimit({ atOnce: AT_ONCE, seats: WAITING, full });
  const readings = fairLimit({ atOnce: READINGS_AT_ONCE, seats: WAITING, full });
  const retries = retryBudget(RETRIES, 10);
  const latency = latencyHistory();
  const reachable = async (): Promise<void> => {
    await probe().catch((error: unknown) => {
      if (isAway(error)) throw error;
    });
  };
  const breaker = createBreaker({ probe: reachable, report });

  /** Whether this process may have been too late to notice an answer, or gave the bank too little time for one. */
  const isOfOurs = (error: unknown, passedMs: number, busyMs: number): boolean => {
    if (busyMs >= LATE_MS && busyMs > passedMs / 2) return true;
    if (codeOf(error) !== "BANK_TIMEOUT" || error instanceof BankFailure) return false;
    const usual = 3 * (latency.quantile(0.99) ?? 0);
    return passedMs - busyMs < Math.min(MOST_CHANCE_MS, Math.max(LEAST_CHANCE_MS, usual));
  };

  /**
   * Only errors that mean an unreachable bank open the breaker: a refusal or a wrong answer came from the bank, and a failure
   * that our own delay explains says nothing of it.
   */
  const attempt = async <T>(call: () => Promise<T>): Promise<T> => {
    const outcome = await breaker.run(bank, async () => {
      const [started, lateBefore] = [performance.now(), lateMs()];
      try {
        return { value: await call() };
      } catch (error) {
        if (isAway(error) && !isOfOurs(error, performance.now() - started, lateMs() - lateBefore)) throw error;
        return { error };
      }
    });
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  };

  const timed = async <T>(call: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const value = await call();
    latency.add(performance.now() - started);
    return value;
  };

  /** Runs work that makes attempts: where none of them was sent, the bank is unreachable. */
  const reaching = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NotSent)) throw error;
      const message = "wanted it within reach, got no answer lately; it is tried again all the time";
      throw new BankError("BANK_UNREACHABLE", bank, message, { retryAfterMs: AWAY_MS, cause: error });
    }
  };
  const attemptTwice = async <T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    retries.earn();
    try {
      return await attempt(() => timed(call));
    } catch (error) {
      if (codeOf(error) !== "BANK_UNREACHABLE" || signal.aborted || !retries.spend()) throw error;
      await sleep(Math.random() * RETRY_AFTER_MS);
      signal.throwIfAborted();
      return await attempt(() => timed(call));
    }
  };

  return {
    latency,
    queued: (call, { party, signal }) => reaching(() => turns.run(party, signal, () => attemptTwice(call, signal))),
    reading: (call, { party, signal }) => reaching(() => readings.run(party, signal, () => attempt(call))),
    unqueued: (call) => reaching(() => attempt(call)),
    [Symbol.dispose]: () => breaker[Symbol.dispose](),
  };
};

const codeOf = (error: unknown): string | undefined => failureIn(error)?.code;

/**
 * Deadline in ms of a question without one of its own: three times the 99th percentile of the bank's latency, between half of
 * `most` and `most`.
 */
export const usualDeadline = ({ quantile }: Latency, most: number): number => {
  const slow = quantile(0.99);
  return slow === null ? most : Math.min(most, Math.max(most / 2, 3 * slow));
};

const AWAY: readonly (string | undefined)[] = ["BANK_UNREACHABLE", "BANK_TIMEOUT"];
const isAway = (error: unknown): boolean => AWAY.includes(codeOf(error));
