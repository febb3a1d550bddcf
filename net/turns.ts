import { setImmediate } from "node:timers";

/**
 * Longest time in ms that long work runs on before it lets the event loop turn, so that sockets, timers and other requests come
 * in between. Of all works of a thread together: ten of them that run for 10 ms each, one after the other, would block for 100.
 */
const SLICE_MS = 10;

/** When the work of this turn of the event loop began; null before any. */
let began: number | null = null;
/** Works that go on in a later turn, in the order in which they came. */
const waiting: (() => void)[] = [];

/** Whether the works of this turn have had their time: then long work has to wait for `nextTurn`. Cheap enough for every item. */
export const isTurnOver = (): boolean => {
  if (began === null) start();
  return performance.now() - (began ?? 0) >= SLICE_MS;
};

/**
 * Resolves in a later turn of the event loop, once this work is the next in line. Rejects with the signal's reason if that has
 * aborted by then.
 */
export const nextTurn = (signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (began === null) start();
    waiting.push(() => {
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    });
  });

/**
 * Maps a list that may be long, giving way meanwhile; a short one is mapped at once. Rejects with the signal's reason if that
 * aborts before the end.
 */
export const mapInTurns = async <A, B>(
  items: readonly A[],
  make: (item: A, at: number) => B,
  signal?: AbortSignal,
): Promise<readonly B[]> => {
  const made: B[] = [];
  for (const [at, item] of items.entries()) {
    if (isTurnOver()) await nextTurn(signal);
    made.push(make(item, at));
  }
  return made;
};

/** A turn lasts until the immediates after it. */
const start = (): void => {
  began = performance.now();
  setImmediate(end);
};

const end = (): void => {
  began = null;
  resume();
};

/** Lets works go on, one after the other, while this turn has time. */
const resume = (): void => {
  if (waiting.length === 0 || isTurnOver()) return;
  waiting.shift()?.();
  // After the work that was let go on.
  queueMicrotask(resume);
};
