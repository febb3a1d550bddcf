import { watchLoop } from "../../net/loop-delay.ts";

/** Tells whether this process has more to do than it can. */
export type Overload = Disposable & { readonly isLate: () => boolean };

/** Lateness of timers in ms from which on the process counts as late, if it lasts for so many samples in a row. */
const LATE_MS = 200;
const SAMPLES = 2;
/** Lateness in ms below which it may have recovered, and how long that has to last. */
const CALM_MS = 100;
const CALM_FOR_MS = 500;

/**
 * Watches the event loop. One long turn, such as a collection of garbage, is no overload, and neither is one short turn the end
 * of it.
 */
export const watchOverload = (report: (what: "late" | "calm") => void): Overload => {
  const judge = overloadJudge(report);
  const loop = watchLoop((lateMs) => judge.sampled(lateMs, performance.now()));
  return { isLate: judge.isLate, [Symbol.dispose]: () => loop[Symbol.dispose]() };
};

/** The judgement alone: of samples, and of when they were taken in ms. */
export const overloadJudge = (report: (what: "late" | "calm") => void) => {
  let late = false;
  let lateInRow = 0;
  let calmSince: number | null = null;
  return {
    isLate: () => late,
    sampled(lateMs: number, now: number): void {
      lateInRow = lateMs >= LATE_MS ? lateInRow + 1 : 0;
      calmSince = lateMs >= CALM_MS ? null : (calmSince ?? now);
      if (!late && lateInRow >= SAMPLES) {
        late = true;
        report("late");
      } else if (late && calmSince !== null && now - calmSince >= CALM_FOR_MS) {
        late = false;
        report("calm");
      }
    },
  };
};
