import type { Clock } from "../../net/clock.ts";
import type { Timeline } from "./timeline.ts";

/** A machine with one process on it, which can die and start again; its clocks are its own. */
export type Machine = {
  readonly name: string;
  /** The process that runs now; null while there is none. */
  readonly process: () => Process | null;
  readonly start: () => Process;
  /** The process ends at once: nothing that it waited for goes on, nothing that it knew is kept. */
  readonly crash: () => void;
  /** The process stands still until a time; its clocks go on (SIGSTOP). */
  readonly pause: (until: number) => void;
  /** The machine stands still until a time; afterwards its wall clock is right and its monotonic one never noticed. */
  readonly suspend: (until: number) => void;
  /** Sets the wall clock so much further. */
  readonly jump: (ms: number) => void;
};

/** One life of a process. */
export type Process = {
  readonly name: string;
  readonly clock: Clock;
  /** Runs work at a time, if the process then still lives; later, if it then stands still. */
  readonly at: (time: number, work: () => void) => () => void;
  /** Runs work when so many milliseconds have passed on its own clock. */
  readonly after: (ms: number, work: () => void) => () => void;
  /** The virtual time at which the monotonic clock showed this. */
  readonly timeOf: (mono: number) => number;
};

/** 2026-11-22, so that ordinals by the time of day are what they are in production. */
const EPOCH = 1_795_305_600_000;

/** @param rate how fast the clocks go; 1 is right */
export const machine = (name: string, line: Timeline, rate: number): Machine => {
  let living: Process | null = null;
  let still = 0;
  let wallOffset = 0;
  /** Since when the monotonic clock shows what: a new stretch begins when a suspended machine goes on. */
  let stretches: { readonly time: number; readonly mono: number }[] = [];

  const monoAt = (time: number): number => {
    const { time: since, mono } = stretches.at(-1)!;
    return mono + Math.max(0, time - since) * rate;
  };

  const begin = (): Process => {
    const clock: Clock = {
      mono: () => monoAt(line.now()),
      wall: () => Math.floor(EPOCH + wallOffset + line.now()),
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          const leave = (): void => {
            cancel();
            reject(signal?.reason);
          };
          const cancel = mine.after(ms, () => {
            signal?.removeEventListener("abort", leave);
            resolve();
          });
          signal?.addEventListener("abort", leave, { once: true });
        }),
    };
    const mine: Process = {
      name,
      clock,
      at(time, work) {
        let cancel = (): void => undefined;
        const attempt = (): void => {
          if (living !== mine) return;
          if (line.now() < still) cancel = line.at(still, attempt);
          else work();
        };
        cancel = line.at(time, attempt);
        return () => cancel();
      },
      after(ms, work) {
        // As timers of Node do: whole milliseconds, cut off, and by the monotonic clock.
        const due = clock.mono() + Math.max(1, Math.trunc(ms));
        let cancel = (): void => undefined;
        const look = (): void => {
          const left = due - clock.mono();
          if (left > 1e-6) cancel = mine.at(line.now() + left / rate, look);
          else work();
        };
        look();
        return () => cancel();
      },
      timeOf(mono) {
        const at = stretches.findIndex((_, i) => (stretches[i + 1]?.mono ?? Number.POSITIVE_INFINITY) > mono);
        const { time, mono: since } = stretches[at]!;
        return time + (mono - since) / rate;
      },
    };
    return mine;
  };

  return {
    name,
    process: () => living,
    start() {
      stretches = [{ time: line.now(), mono: 0 }];
      still = 0;
      living = begin();
      return living;
    },
    crash() {
      living = null;
    },
    pause(until) {
      still = Math.max(still, until);
    },
    suspend(until) {
      still = Math.max(still, until);
      // A nanosecond, so that what was read before and what is read after can be told apart.
      stretches.push({ time: still, mono: monoAt(line.now()) + 1e-6 });
    },
    jump(ms) {
      wallOffset += ms;
    },
  };
};
