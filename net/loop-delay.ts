/** How late the timers of this process are: for so long it was too busy to notice what came. */
export type LoopDelay = Disposable & {
  /** Milliseconds by which timers were late, added up since the start. Only differences mean anything. */
  readonly totalMs: () => number;
};

/** Time in ms between two samples, and how late a timer is in a process that has nothing else to do. */
const STEP_MS = 25;
const USUAL_MS = 2;

/**
 * Samples how late a timer is, again and again, until it is disposed.
 * @param sampled is called with each sample, in ms
 */
export const watchLoop = (sampled: (lateMs: number) => void = () => undefined): LoopDelay => {
  let total = 0;
  let due = 0;
  let timer: NodeJS.Timeout | undefined;
  /** How late the pending sample is by now. */
  const lateMs = (): number => Math.max(0, performance.now() - due - USUAL_MS);
  const arm = (): void => {
    due = performance.now() + STEP_MS;
    timer = setTimeout(sample, STEP_MS).unref();
  };
  const sample = (): void => {
    const late = lateMs();
    total += late;
    arm();
    sampled(late);
  };
  arm();
  return { totalMs: () => total + lateMs(), [Symbol.dispose]: () => clearTimeout(timer) };
};
