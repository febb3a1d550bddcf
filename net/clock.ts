import { setTimeout as timer } from "node:timers/promises";

/** Time, as the protocol sees it. The simulation puts a virtual one in its place. */
export type Clock = {
  /** Milliseconds that never go back and that nobody sets; only differences mean anything. */
  readonly mono: () => number;
  /** Milliseconds since 1970. May be set to anything at any time. */
  readonly wall: () => number;
  /** Rejects with the signal's reason when it aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Into how many sleeps `patience` is cut; default 1, for a process that is never busy. */
  readonly stretches?: number;
};

export const realClock: Clock = {
  stretches: 20,
  mono: () => performance.now(),
  wall: () => Date.now(),
  sleep: (ms, signal) =>
    timer(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      throw signal?.reason ?? error;
    }),
};

/**
 * Sleeps for a time in which something may come. A process that was too busy to look whether it came does not count that time:
 * the sleep is one of short stretches, after each of which it looks. Rejects with the signal's reason when it aborts.
 */
export const patientSleep = async (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => {
  const { stretches = 1 } = clock;
  for (let left = stretches; left > 0; left -= 1) await clock.sleep(Math.ceil(ms / stretches), signal);
};
