import { setMaxListeners } from "node:events";

/** Settles as `work` does, or rejects with signal.reason as soon as the signal aborts. `work` itself is not stopped. */
export const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    const over = () => signal.removeEventListener("abort", stop);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    work.then(
      (value) => {
        over();
        resolve(value);
      },
      (error: unknown) => {
        over();
        reject(error);
      },
    );
  });

/** Returns the signal without Node's limit of ten listeners, past which it warns of a leak. Every listener removes itself. */
export const withManyListeners = (signal: AbortSignal): AbortSignal => {
  setMaxListeners(0, signal);
  return signal;
};

/**
 * Runs `work` under a signal that aborts as soon as one of `signals` does, with its reason. Each of them has one listener while
 * `work` runs and none afterwards; AbortSignal.any of Node 20 stays in the list of a long-lived signal for ever.
 */
export const withAnySignal = async <T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  for (const signal of signals) signal.throwIfAborted();
  const controller = new AbortController();
  const abort = ({ target }: Event) => controller.abort((target as AbortSignal).reason);
  for (const signal of signals) signal.addEventListener("abort", abort, { once: true });
  try {
    return await work(withManyListeners(controller.signal));
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", abort);
  }
};

/** Never aborts. Takes any number of listeners. */
export const NEVER: AbortSignal = withManyListeners(new AbortController().signal);
