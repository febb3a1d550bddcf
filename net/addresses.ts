import { hedged } from "./hedge.ts";
import { latencyHistory } from "./latency.ts";
import { retryBudget } from "./retry-budget.ts";

/** Several addresses of one and the same thing, of which one that is slow or fails is helped out by the others. */
export type Addresses = {
  /**
   * Makes the call at the address that answered last and, where that is slow or fails, at the next ones: at a second one
   * because the first is slow for one call in twenty at most. `at` counts addresses from 0. The first to succeed counts, the
   * others are told to stop. Rejects with the last failure when all have failed.
   */
  readonly ask: <T>(call: (at: number, signal: AbortSignal) => Promise<T>, signal: AbortSignal) => Promise<T>;
};

/** Where nothing is said of it, and the least to wait at all, before another address is tried. */
const HEDGE_AFTER_MS = 1000;
const HEDGE_LEAST_MS = 20;
/** Of all calls, how many may be made at a second address because the first is slow. */
const HEDGES = 0.05;

/**
 * @param count how many addresses there are
 * @param afterMs how long to wait for one, before anything is known of how long a call takes
 */
export const severalAddresses = (count: number, afterMs = HEDGE_AFTER_MS): Addresses => {
  const latency = latencyHistory();
  const hedges = retryBudget(HEDGES, 10);
  let first = 0;
  return {
    async ask(call, signal) {
      hedges.earn();
      const order = Array.from({ length: count }, (_, index) => (first + index) % count);
      const calls = order.map((at) => async (stop: AbortSignal) => {
        const started = performance.now();
        const value = await call(at, stop);
        latency.add(performance.now() - started);
        return { at, value };
      });
      const usual = Math.max(HEDGE_LEAST_MS, latency.quantile(0.95) ?? afterMs);
      const { at, value } = await hedged(calls, { afterMs: usual, mayHedge: hedges.spend, signal });
      // One that hangs would else be asked first for ever, and be helped out only as often as the budget allows.
      first = at;
      return value;
    },
  };
};
