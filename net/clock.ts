import { setTimeout as timer } from "node:timers/promises";
import { once } from "../schema/once.ts";
import { watchLoop } from "./loop-delay.ts";

/** Source of time for the release protocol. The simulation puts a virtual one in its place. */
export type Clock = {
  /** Monotonic milliseconds: never set, never back. Only differences mean anything. */
  readonly mono: () => number;
  /** Milliseconds since 1970. May be set to anything at any time. */
  readonly wall: () => number;
  /** Rejects with the signal's reason when it aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Number of sleeps that `patientSleep` cuts its time into; default 1, for a process that is never busy. */
  readonly stretches?: number;
  /**
   * Milliseconds by which this process was late to notice things, added up. Only differences mean anything. Default: always 0,
   * for a process that is never busy.
   */
  readonly lateMs?: () => number;
};

/** Runs from its first use to the end of the process. */
const loop = once(() => watchLoop());

export const realClock: Clock = {
  stretches: 20,
  mono: () => performance.now(),
  wall: () => Date.now(),
  lateMs: () => loop().totalMs(),
  sleep: (ms, signal) =>
    timer(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      throw signal?.reason ?? error;
    }),
};

/**
 * Sleeps for the time limit of something awaited, cut into short sleeps: time in which this process was too busy to notice
 * what came does not count, since a late sleep is late once. Rejects with the signal's reason when it aborts.
 */
export const patientSleep = async (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => {
  const { stretches = 1 } = clock;
  for (let left = stretches; left > 0; left -= 1) await clock.sleep(Math.ceil(ms / stretches), signal);
};
