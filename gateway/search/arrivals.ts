import { setImmediate } from "node:timers/promises";

/** What several promises resolve to, in the order in which they do. One reader at a time. */
export type Arrivals<T> = {
  /**
   * Resolves to the values that have arrived since the last call, at most `most`, as soon as there is one; to nothing after
   * the last of them. Rejects when one of the promises does.
   */
  readonly take: (most?: number) => Promise<readonly T[]>;
  /** Ends a pending `take`, and all later ones, with nothing. */
  readonly stop: () => void;
};

/**
 * @param holdMs how long one that arrives after so many milliseconds may wait for others to come along. Default: it does
 *   not, but those of one turn of the event loop always go together
 */
export const arrivals = <T>(
  promises: readonly Promise<T>[],
  holdMs: (afterMs: number) => number = () => 0,
): Arrivals<T> => {
  const started = performance.now();
  const here: T[] = [];
  let coming = promises.length;
  let due = 0;
  let fault: { readonly error: unknown } | null = null;
  let stopped = false;
  let wake = () => {};
  const arrive = (value: T): void => {
    if (stopped) return;
    const now = performance.now();
    const latest = now + holdMs(now - started);
    due = here.length === 0 ? latest : Math.min(due, latest);
    here.push(value);
    coming -= 1;
    wake();
  };
  const fail = (error: unknown): void => {
    fault ??= { error };
    wake();
  };
  for (const promise of promises) promise.then(arrive, fail);

  const woken = async (withinMs: number): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (Number.isFinite(withinMs)) timer = setTimeout(resolve, withinMs);
    });
    clearTimeout(timer);
  };
  const isOpen = (): boolean => !stopped && fault === null && coming > 0;

  return {
    async take(most = Number.POSITIVE_INFINITY) {
      while (isOpen()) {
        // A timer of less than a millisecond takes one.
        const waitMs = here.length === 0 ? Number.POSITIVE_INFINITY : due - performance.now();
        if (waitMs >= 1) {
          await woken(waitMs);
          continue;
        }
        await setImmediate();
        break;
      }
      if (stopped) return [];
      if (fault !== null) throw (fault as { error: unknown }).error;
      return here.splice(0, most);
    },
    stop() {
      stopped = true;
      here.length = 0;
      wake();
    },
  };
};

/** An iterator, for GraphQL to read to its end or to leave. Other than a generator it can be left while it waits. */
export const iterate = <T>(
  next: () => Promise<IteratorResult<T, undefined>>,
  leave: () => void,
): AsyncIterableIterator<T, undefined> => ({
  next,
  async return() {
    leave();
    return DONE;
  },
  [Symbol.asyncIterator]() {
    return this;
  },
});

export const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
