import type { Clock } from "../../net/clock.ts";

/** Time that passes when a test says so. */
export type ManualClock = Clock & {
  /** Lets so many milliseconds pass, one sleeper after the other, each followed by all that it sets off. */
  readonly pass: (ms: number) => Promise<void>;
};

export const manualClock = (): ManualClock => {
  let now = 0;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    mono: () => now,
    wall: () => 1_700_000_000_000 + now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const leave = (): void => {
          sleepers.delete(sleeper);
          reject(signal!.reason);
        };
        const wake = (): void => {
          signal?.removeEventListener("abort", leave);
          resolve();
        };
        const sleeper = { until: now + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", leave, { once: true });
      }),
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        await settled();
        const [next] = [...sleepers].filter(({ until }) => until <= end).sort((one, other) => one.until - other.until);
        if (next === undefined) break;
        now = Math.max(now, next.until);
        sleepers.delete(next);
        next.wake();
      }
      now = end;
    },
  };
};

/** Everything that waits for nothing but its turn has had it. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
