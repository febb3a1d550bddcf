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
