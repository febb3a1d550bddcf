import { setImmediate } from "node:timers";

/**
 * Longest time in ms that long work runs on before it lets the event loop turn, so that sockets, timers and other requests come
 * in between. Of all works of a thread together: ten of them that run for 10 ms each, one after the other, would block for 100.
 */
const SLICE_MS = 10;

/** When the work of this turn of the event loop began; null before any. */
let began: number | null = null;
/** Works that go on in a later turn, each in the order in which they came: those that begin, and those that have waited before. */
const waiting: { readonly first: (() => void)[]; readonly again: (() => void)[] } = { first: [], again: [] };
/** Whether a work that has waited before has gone on in this turn. */
let hasGoneOn = false;

/** Whether the works of this turn have had their time: then long work has to wait for `nextTurn`. Cheap enough for every item. */
export const isTurnOver = (): boolean => {
  if (began === null) start();
  return performance.now() - (began ?? 0) >= SLICE_MS;
};

/**
 * Resolves in a later turn of the event loop, once this work is the next in line. Rejects with the signal's reason if that has
 * aborted by then.
 * @param waited how often this work has waited before; default: never. Work that begins goes before work that goes on, so that a
 *   short question never stands behind all the slices of long ones; of the latter one goes on in every turn.
 */
export const nextTurn = (signal?: AbortSignal, waited = 0): Promise<void> =>
  new Promise((resolve, reject) => {
    if (began === null) start();
    waiting[waited === 0 ? "first" : "again"].push(() => {
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
  let waited = 0;
  for (const [at, item] of items.entries()) {
    if (isTurnOver()) await nextTurn(signal, waited++);
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
  hasGoneOn = false;
  resume();
};

/** Lets works go on, one after the other, while this turn has time; one that has waited before even without. */
const resume = (): void => {
  const { first, again } = waiting;
  if (first.length > 0 && !isTurnOver()) first.shift()?.();
  else if (again.length > 0 && (!hasGoneOn || !isTurnOver())) {
    if (began === null) start();
    hasGoneOn = true;
    again.shift()?.();
  } else return;
  // After the work that was let go on.
  queueMicrotask(resume);
};
