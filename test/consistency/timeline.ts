/** Virtual time: what is due runs in its order, and all that follows from it at once runs before what is due next. */
export type Timeline = {
  /** Milliseconds since the start of the run. Nobody in the simulation knows it. */
  readonly now: () => number;
  /** Runs `work` at a time; the result takes it off the list. Of equal times the one that was added first runs first. */
  readonly at: (time: number, work: () => void) => () => void;
  /** Goes on to `end`. */
  readonly run: (end: number) => Promise<void>;
};

type Due = { readonly time: number; readonly order: number; work: (() => void) | null };

export const timeline = (): Timeline => {
  const heap: Due[] = [];
  let now = 0;
  let order = 0;
  return {
    now: () => now,
    at(time, work) {
      order += 1;
      const due: Due = { time: Math.max(now, time), order, work };
      push(heap, due);
      return () => {
        due.work = null;
      };
    },
    async run(end) {
      for (;;) {
        const due = heap[0];
        if (due === undefined || due.time > end) break;
        pop(heap);
        if (due.work === null) continue;
        now = due.time;
        due.work();
        await settled();
      }
      now = end;
    },
  };
};

/** When every promise that can settle now has: nothing in the simulation waits for anything but the timeline. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isBefore = (a: Due, b: Due): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

const push = (heap: Due[], due: Due): void => {
  let at = heap.push(due) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(due, heap[above]!)) break;
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = due;
};

const pop = (heap: Due[]): void => {
  const due = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
    if (below >= heap.length || !isBefore(heap[below]!, due)) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = due;
};
