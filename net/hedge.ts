import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

export type HedgeOptions = {
  /** Time in ms after which the call is made at the next address too. */
  readonly afterMs: number;
  /** Whether a slow call may be hedged. A failed call always moves on to the next address. */
  readonly mayHedge: () => boolean;
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal;
};

/**
 * Hedged call: makes one call at the first of several addresses and, where that is slow or fails, at the next ones. Resolves with
 * the first success and aborts the others. Rejects with the last failure when all have failed.
 */
export const hedged = async <T>(
  calls: readonly ((signal: AbortSignal) => Promise<T>)[],
  { afterMs, mayHedge, signal }: HedgeOptions,
): Promise<T> => {
  signal.throwIfAborted();
  const over = new AbortController();
  const { signal: stop } = over;
  setMaxListeners(0, stop);
  const leave = (): void => over.abort(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  const running = new Set<Promise<{ readonly call: Promise<T>; readonly failed: unknown } | { readonly value: T }>>();
  let next = 0;
  let failure: unknown = new Error("wanted at least one address, got none");

  const start = (): void => {
    const call = calls[next]!(stop);
    next += 1;
    const ended = call.then(
      (value) => ({ value }),
      (failed: unknown) => {
        running.delete(ended);
        return { call, failed };
      },
    );
    running.add(ended);
  };
  try {
    let patient = false;
    while (next < calls.length || running.size > 0) {
      if (running.size === 0) start();
      const waits = !patient && next < calls.length;
      const patience = waits ? sleep(afterMs, null, { signal: stop }).catch(() => null) : undefined;
      const first = await Promise.race([...running, ...(patience === undefined ? [] : [patience])]);
      signal.throwIfAborted();
      if (first === null) {
        // Without budget for a hedge, the calls under way keep all the remaining time.
        if (mayHedge()) start();
        else patient = true;
      } else if ("value" in first) {
        return first.value;
      } else {
        failure = first.failed;
      }
    }
    throw failure;
  } finally {
    signal.removeEventListener("abort", leave);
    over.abort();
  }
};
