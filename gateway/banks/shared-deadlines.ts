import type { Clock } from "../../net/clock.ts";
import { NEVER, unlessAborted, withAnySignal } from "../../net/signals.ts";

export type SharedCall = {
  readonly name: string;
  readonly leastMs: number;
  /** Aborts when the last asker has left. */
  readonly signal?: AbortSignal;
};

/** How often a limit is looked at, in ms. */
const STEP_MS = 500;

/** Who waits for a call: since when, and until when, by the monotonic clock. */
type Waiting = { readonly came: number; readonly until: number };

/**
 * Time limits of calls that several askers may wait for: each asker moves the limit of a call out, none moves it in. Whoever comes
 * when a call has had its least time moves nothing: a call that is never answered would go on for as long as somebody asks.
 * @param late the reason of a missed limit of `ms`
 */
export const sharedDeadlines = (clock: Clock, late: (ms: number) => Error) => {
  const { lateMs = () => 0 } = clock;
  /** Of each call by its name. */
  const askers = new Map<string, Set<Waiting>>();

  /** Until when a call may go on that started then. */
  const limitOf = (name: string, started: number, leastMs: number): number => {
    let until = started + leastMs;
    for (const asker of askers.get(name) ?? []) {
      if (asker.came <= started + leastMs) until = Math.max(until, asker.until);
    }
    return until;
  };
  const leave = (name: string, asker: Waiting): void => {
    const all = askers.get(name);
    all?.delete(asker);
    if (all?.size === 0) askers.delete(name);
  };

  return {
    /** Runs an asker's work. Until it ends or `ms` have passed, the calls of these names may go on. */
    async waiting<T>(calls: readonly string[], ms: number, work: () => Promise<T>): Promise<T> {
      const came = clock.mono();
      const asker = { came, until: came + ms };
      for (const name of calls) askers.set(name, (askers.get(name) ?? new Set<Waiting>()).add(asker));
      try {
        return await work();
      } finally {
        for (const name of calls) leave(name, asker);
      }
    },
    /**
     * Runs the call of this name until `leastMs` have passed and no asker has time left. The signal aborts then with `late`,
     * or with the reason of `signal`; either way the promise rejects at once, whether the work heeds the signal or not.
     */
    async run<T>({ name, leastMs, signal = NEVER }: SharedCall, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const started = clock.mono();
      const lateBefore = lateMs();
      const expired = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      const look = (): void => {
        // Time in which this process was too busy to notice an answer does not count.
        const until = limitOf(name, started, leastMs) + lateMs() - lateBefore;
        const ms = Math.min(until - clock.mono(), STEP_MS);
        if (ms > 0) timer = setTimeout(look, ms);
        // Immediates run after the sockets have been read: an answer that is there already is not late.
        else setImmediate(() => expired.abort(late(Math.round(clock.mono() - started))));
      };
      look();
      try {
        return await withAnySignal([signal, expired.signal], (left) => unlessAborted(work(left), left));
      } finally {
        clearTimeout(timer);
      }
    },
  };
};
