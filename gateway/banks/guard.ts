import { setTimeout as sleep } from "node:timers/promises";
import { createBreaker, NotSent } from "../../net/breaker.ts";
import { type Latency, latencyHistory } from "../../net/latency.ts";
import { limit } from "../../net/pool.ts";
import { retryBudget } from "../../net/retry-budget.ts";
import { BankError } from "../../schema/bank-error.ts";
import { failureIn } from "./failure.ts";

/** Keeps a bank that is slow or away from costing more than it must, and from being asked more than it can bear. */
export type Guard = Disposable & {
  /**
   * Does a call that only reads: at most so many at once, once more where the bank could not be reached, and not at all
   * while it is known to be away.
   * @throws {BankError} BANK_BUSY with too many waiting, BANK_UNREACHABLE while it is away; whatever the call rejects with
   */
  readonly read: <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  /** Does a call that costs the bank next to nothing, however many others wait; not at all while it is away. */
  readonly glance: <T>(call: () => Promise<T>) => Promise<T>;
  readonly latency: Latency;
};

/** Calls to one bank at once, and how many more may wait for their turn. */
const AT_ONCE = 16;
const WAITING = 256;
/** Of all calls, how many may be made again, and how long that waits at most. */
const RETRIES = 0.1;
const RETRY_AFTER_MS = 50;
/** When a bank that is away is tried again. */
const AWAY_MS = 500;

export type GuardOptions = {
  /** Asks the bank for something small. */
  readonly probe: () => Promise<unknown>;
  readonly report: (what: "lost" | "back", why?: unknown) => void;
};

export const bankGuard = (bank: string, { probe, report }: GuardOptions): Guard => {
  const turns = limit(AT_ONCE);
  /** Calls that run, and those that wait for their turn. */
  let present = 0;
  const retries = retryBudget(RETRIES, 10);
  const latency = latencyHistory();
  const here = async (): Promise<void> => {
    await probe().catch((error: unknown) => {
      if (isAway(error)) throw error;
    });
  };
  const breaker = createBreaker({ probe: here, report });

  /** Only what says that the bank is away counts against it: an answer that is refused or wrong came from it. */
  const attempt = async <T>(call: () => Promise<T>): Promise<T> => {
    const outcome = await breaker.run(bank, async () => {
      try {
        return { value: await call() };
      } catch (error) {
        if (isAway(error)) throw error;
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

  const told = (error: unknown): unknown => {
    if (!(error instanceof NotSent)) return error;
    const message = "wanted it within reach, got no answer lately; it is tried again all the time";
    return new BankError("BANK_UNREACHABLE", bank, message, { retryAfterMs: AWAY_MS, cause: error });
  };

  return {
    latency,
    async read(call, signal) {
      if (present >= AT_ONCE + WAITING) {
        const message = `too many questions at once: wanted at most ${WAITING} that wait, got one more`;
        throw new BankError("BANK_BUSY", bank, message, { retryAfterMs: Math.ceil(latency.quantile(0.5) ?? AWAY_MS) });
      }
      present += 1;
      try {
        return await turns.run(signal, async () => {
          retries.earn();
          try {
            return await attempt(() => timed(call));
          } catch (error) {
            if (codeOf(error) !== "BANK_UNREACHABLE" || signal.aborted || !retries.spend()) throw error;
            await sleep(Math.random() * RETRY_AFTER_MS);
            signal.throwIfAborted();
            return await attempt(() => timed(call));
          }
        });
      } catch (error) {
        throw told(error);
      } finally {
        present -= 1;
      }
    },
    async glance(call) {
      try {
        return await attempt(call);
      } catch (error) {
        throw told(error);
      }
    },
    [Symbol.dispose]: () => breaker[Symbol.dispose](),
  };
};

const codeOf = (error: unknown): string | undefined => failureIn(error)?.code;

/**
 * How long to wait for a bank where the question does not say: three times what its slowest answers took lately, but no
 * more than `most` and no less than half of it.
 */
export const usualDeadline = ({ quantile }: Latency, most: number): number => {
  const slow = quantile(0.99);
  return slow === null ? most : Math.min(most, Math.max(most / 2, 3 * slow));
};

const AWAY: readonly (string | undefined)[] = ["BANK_UNREACHABLE", "BANK_TIMEOUT"];
const isAway = (error: unknown): boolean => AWAY.includes(codeOf(error));
