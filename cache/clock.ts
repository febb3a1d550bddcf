import { setTimeout as timer } from "node:timers/promises";

/** Time, as the protocol sees it. The simulation puts a virtual one in its place. */
export type Clock = {
  /** Milliseconds that never go back and that nobody sets; only differences mean anything. */
  readonly mono: () => number;
  /** Milliseconds since 1970. May be set to anything at any time. */
  readonly wall: () => number;
  /** Rejects with the signal's reason when it aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
};

export const realClock: Clock = {
  mono: () => performance.now(),
  wall: () => Date.now(),
  sleep: (ms, signal) =>
    timer(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      throw signal?.reason ?? error;
    }),
};

const STRETCHES = 20;

/**
 * Sleeps for a time in which something may come. A process that was too busy to look whether it came does not count that time:
 * the sleep is one of short stretches, after each of which it looks. Rejects with the signal's reason when it aborts.
 */
export const patience = async (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => {
  for (let left = STRETCHES; left > 0; left -= 1) await clock.sleep(Math.ceil(ms / STRETCHES), signal);
};
