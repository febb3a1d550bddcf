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

/**
 * Time limits of calls that several askers may wait for: each asker moves the limit of a call out, none moves it in.
 * @param late the reason of a missed limit of `ms`
 */
export const sharedDeadlines = (clock: Clock, late: (ms: number) => Error) => {
  const { lateMs = () => 0 } = clock;
  /** Of each call by its name: until when its askers wait, and how many use this entry. */
  const limits = new Map<string, { until: number; users: number }>();

  const using = async <T>(names: readonly string[], until: number, work: () => Promise<T>): Promise<T> => {
    for (const name of names) {
      const limit = limits.get(name) ?? { until, users: 0 };
      limits.set(name, { until: Math.max(limit.until, until), users: limit.users + 1 });
    }
    try {
      return await work();
    } finally {
      for (const name of names) leave(name);
    }
  };
  const leave = (name: string): void => {
    const limit = limits.get(name);
    if (limit === undefined) return;
    if (limit.users === 1) limits.delete(name);
    else limit.users -= 1;
  };

  return {
    /** Runs an asker's work. Until it ends or `ms` have passed, the calls of these names may go on. */
    waiting: <T>(calls: readonly string[], ms: number, work: () => Promise<T>): Promise<T> =>
      using(calls, clock.mono() + ms, work),
    /**
     * Runs the call of this name until `leastMs` have passed and no asker has time left. The signal aborts then with `late`,
     * or with the reason of `signal`; either way the promise rejects at once, whether the work heeds the signal or not.
     */
    run<T>({ name, leastMs, signal = NEVER }: SharedCall, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const started = clock.mono();
      const lateBefore = lateMs();
      const expired = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      const look = (): void => {
        // Time in which this process was too busy to notice an answer does not count.
        const until = (limits.get(name)?.until ?? 0) + lateMs() - lateBefore;
        const ms = Math.min(until - clock.mono(), STEP_MS);
        if (ms > 0) timer = setTimeout(look, ms);
        // Immediates run after the sockets have been read: an answer that is there already is not late.
        else setImmediate(() => expired.abort(late(Math.round(clock.mono() - started))));
      };
      return using([name], started + leastMs, async () => {
        look();
        try {
          return await withAnySignal([signal, expired.signal], (left) => unlessAborted(work(left), left));
        } finally {
          clearTimeout(timer);
        }
      });
    },
  };
};
