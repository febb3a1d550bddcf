import { hedged } from "./hedge.ts";
import { latencyHistory } from "./latency.ts";
import { retryBudget } from "./retry-budget.ts";

/** See severalAddresses. */
export type Addresses = ReturnType<typeof severalAddresses>;

/** Time in ms before a hedge while the latency is unknown, and the shortest one. */
const HEDGE_AFTER_MS = 1000;
const HEDGE_LEAST_MS = 20;
/** Hedges per call. */
const HEDGES = 0.05;

/**
 * Several addresses of the same service: failover, and hedging where one is slow.
 * @param count number of addresses
 * @param afterMs time before a hedge while the latency is unknown; default 1000
 */
export const severalAddresses = (count: number, afterMs = HEDGE_AFTER_MS) => {
  const latency = latencyHistory();
  const hedges = retryBudget(HEDGES, 10);
  let first = 0;
  return {
    /**
     * Makes a hedged call, first at the address that answered last. `at` counts addresses from 0. At most one call in twenty is
     * hedged. Rejects with the last failure when all addresses have failed.
     */
    async ask<T>(call: (at: number, signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
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
      // An address that hangs must not stay first: the budget would hedge only some of its calls.
      first = at;
      return value;
    },
  };
};
