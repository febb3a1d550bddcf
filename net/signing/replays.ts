import { type Clock, realClock } from "../clock.ts";

/** Ids of about 2,500 requests a second, for 40 seconds. */
const MOST = 100_000;

/**
 * Remembers ids of requests for `ms`, `most` of them (default 100,000). A full memory forgets nothing before its time: what it
 * cannot remember it does not take.
 */
export const replayMemory = (ms: number, most = MOST, clock: Pick<Clock, "mono"> = realClock) => {
  /** The time at which each id is forgotten, in order. */
  const until = new Map<string, number>();
  return {
    /** Takes an id. `seen`: it was taken before; `full`: there is no room for it. */
    take(id: string): "new" | "seen" | "full" {
      const now = clock.mono();
      for (const [old, end] of until) {
        if (end > now) break;
        until.delete(old);
      }
      if (until.has(id)) return "seen";
      if (until.size >= most) return "full";
      until.set(id, now + ms);
      return "new";
    },
  };
};
