import type { Untold, UntoldUnits } from "./rate.ts";
import type { SharedLevels } from "./shared-levels.ts";

/** Time between two rounds, and between a failure and the next round, in ms. */
const EVERY_MS = 500;
const AFTER_FAILURE_MS = 2000;
/** Buckets in one round. */
const MOST = 1000;

/**
 * Tells the other gateways, by way of Redis, what askers have spent here, and learns what they have spent there: every half
 * second, and at once where it is much. No request waits for it. While Redis is away each gateway goes by its own buckets, and
 * what was spent meanwhile is told to nobody: losing Redis makes the limits looser and never tighter.
 */
export const reconcile = (untold: UntoldUnits, levels: SharedLevels): Disposable => {
  let notBefore = 0;
  let hurried: NodeJS.Immediate | undefined;

  const tell = (told: Untold): void => {
    levels.add(told).then(
      (spent) => untold.learn(told, spent),
      () => {
        untold.learn(told, null);
        notBefore = performance.now() + AFTER_FAILURE_MS;
      },
    );
  };
  const round = (): void => {
    const told = untold.take(MOST);
    const isPaused = !levels.isReady() || performance.now() < notBefore;
    for (const each of told) {
      if (isPaused) untold.learn(each, null);
      else tell(each);
    }
  };
  const hurry = (): void => {
    hurried ??= setImmediate(() => {
      hurried = undefined;
      round();
    });
  };
  untold.onMuch(hurry);
  const timer = setInterval(round, EVERY_MS).unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      clearImmediate(hurried);
      levels[Symbol.dispose]();
    },
  };
};
