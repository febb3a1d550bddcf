import { setMaxListeners } from "node:events";

/** The promise's outcome, or a rejection with signal.reason as soon as the signal aborts; the work itself goes on. */
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

/**
 * The same signal, to which any number of parts may listen from now on without Node's warning of a leak: each of them takes
 * itself off again.
 */
export const heardByMany = (signal: AbortSignal): AbortSignal => {
  setMaxListeners(0, signal);
  return signal;
};

/**
 * Runs work under a signal that aborts with the first of the given ones. Each of them gets one listener, and only for as long
 * as the work takes: what AbortSignal.any makes, Node 20 never strikes off the list of a signal that lives on.
 */
export async function whileNone<T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (const signal of signals) signal.throwIfAborted();
  const controller = new AbortController();
  const abort = ({ target }: Event) => controller.abort((target as AbortSignal).reason);
  for (const signal of signals) signal.addEventListener("abort", abort, { once: true });
  try {
    return await work(heardByMany(controller.signal));
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", abort);
  }
}

/** Never aborts; any number may listen to it at the same time. */
export const NEVER: AbortSignal = heardByMany(new AbortController().signal);

/**
 * Aborts when the given signal does, or after so many milliseconds. AbortSignal.any would lose the time: Node 20 lets a
 * timeout go that nothing but another signal knows.
 */
export const orAfter = (signal: AbortSignal, ms: number): AbortSignal => {
  const controller = new AbortController();
  const why = () => new DOMException(`wanted it within ${ms} ms, got none`, "TimeoutError");
  const timer = setTimeout(() => controller.abort(why()), ms).unref();
  const leave = (): void => {
    clearTimeout(timer);
    controller.abort(signal.reason);
  };
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
  return controller.signal;
};
