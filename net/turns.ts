import { setImmediate } from "node:timers";

/**
 * Longest time in ms that long work runs on before it lets the event loop turn, so that sockets, timers and other requests come
 * in between. Of all works of a thread together: ten of them that run for 10 ms each, one after the other, would block for 100.
 */
const SLICE_MS = 5;
/**
 * Turns of the event loop in which long work rests after each slice: so many, or as many as take that time in ms, but a few in any
 * case. One turn is too few: Node accepts one new connection in each, and a request is read, let in and answered in several.
 */
const REST_TURNS = 32;
const REST_MS = 10;
const LEAST_REST_TURNS = 8;

/** Works that wait, each with its waits, in the order in which they are to go on where all else is equal. */
const waiting = new Map<object, (() => void)[]>();
/** Turns that each work has taken, and was expected to take. Not whole: a turn is SLICE_MS. */
const taken = new WeakMap<object, number>();
/** When the works of this turn of the event loop began; null before any. */
let began: number | null = null;
/** Whether long work has gone on in this turn. */
let wasLong = false;
/** Turns since the last slice of long work, and when it ended; null while no work waits. */
let rest: { turns: number; readonly since: number } | null = null;

/** Whether the works of this turn have had their time: then long work has to wait for `nextTurn`. Cheap enough for every item. */
export const isTurnOver = (): boolean => {
  if (began === null) start();
  return performance.now() - (began ?? 0) >= SLICE_MS;
};

/** Tells beforehand how many turns a work may take, not necessarily whole ones. Default: 0. Long is what takes one or more. */
export const expectTurns = (work: object, turns: number): void => {
  taken.set(work, turnsOf(work) + turns);
};

/**
 * Resolves in a later turn of the event loop, once this work is the next in line: the one that has taken, and is expected to
 * take, the least. So a short question never stands behind the slices of long ones, whoever asked first. Long work rests after
 * each slice while short work goes on; then the long one that has waited longest goes on in any case. Rejects with the signal's
 * reason if that has aborted by then.
 * @param work what the caller is a part of; default: its signal, or a work of its own
 */
export const nextTurn = (signal?: AbortSignal, work: object = signal ?? {}): Promise<void> =>
  new Promise((resolve, reject) => {
    if (began === null) start();
    const waits = waiting.get(work) ?? [];
    waiting.set(work, waits);
    waits.push(() => {
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
  const work = signal ?? {};
  const made: B[] = [];
  for (const [at, item] of items.entries()) {
    if (isTurnOver()) await nextTurn(signal, work);
    made.push(make(item, at));
  }
  return made;
};

const turnsOf = (work: object): number => taken.get(work) ?? 0;
const isLong = (work: object): boolean => turnsOf(work) >= 1;

/** A turn lasts until the immediates after it. */
const start = (): void => {
  began = performance.now();
  setImmediate(end);
};

const end = (): void => {
  began = null;
  if (wasLong) rest = null;
  wasLong = false;
  if (waiting.size === 0) {
    rest = null;
    return;
  }
  const now = performance.now();
  rest ??= { turns: 0, since: now };
  rest.turns += 1;
  resume(rest.turns >= (now - rest.since >= REST_MS ? LEAST_REST_TURNS : REST_TURNS));
};

/**
 * Lets works go on, one after the other, while this turn has time.
 * @param isRested whether long ones may: the one that has waited longest even where there is no time
 */
const resume = (isRested: boolean): void => {
  const work = nextOf(isRested);
  if (work === null) {
    // Works that rest.
    if (waiting.size > 0 && began === null) start();
    return;
  }
  const started = performance.now();
  if (began === null) start();
  wasLong ||= isLong(work);
  letGo(work);
  // After the work that was let go on.
  queueMicrotask(() => {
    expectTurns(work, (performance.now() - started) / SLICE_MS);
    resume(isRested);
  });
};

const nextOf = (isRested: boolean): object | null => {
  let next: object | null = null;
  let longest: object | null = null;
  for (const work of waiting.keys()) {
    if (isLong(work)) longest ??= work;
    if ((isRested || !isLong(work)) && (next === null || turnsOf(work) < turnsOf(next))) next = work;
  }
  if (next !== null && !isLong(next) && !isTurnOver()) return next;
  if (isRested && !wasLong && longest !== null) return longest;
  return next === null || isTurnOver() ? null : next;
};

const letGo = (work: object): void => {
  const waits = waiting.get(work) ?? [];
  waiting.delete(work);
  const go = waits.shift();
  if (waits.length > 0) waiting.set(work, waits);
  go?.();
};
