import type { ReleaseNumber } from "../../sandbox/releases.ts";

/** What may be wrong with a bank for a while. A number after the name is of the switch, such as slow=800. */
type Trouble = { readonly kind: string; readonly from: number; to: number };
/** A release of a bank: from when on it may be seen, and when its publication had been acknowledged. */
type State = { readonly release: ReleaseNumber; readonly from: number; acked: number };

/**
 * What was done to one bank and when, on the soak's monotonic clock in milliseconds; and so which answers it may have given.
 */
export type Timeline = {
  /** Does something that may upset the bank, and keeps from when to when. */
  readonly trouble: <T>(kind: string, work: () => Promise<T>) => Promise<T>;
  readonly publishing: (release: ReleaseNumber) => { readonly acked: () => void };
  readonly release: () => ReleaseNumber;
  /** What upset it between two moments, or so shortly before that it may still be felt. */
  readonly troubles: (from: number, to: number) => readonly string[];
  /** Releases from which a question that was sent at `from` may be answered by `to` as from the current one. */
  readonly current: (from: number, to: number) => readonly ReleaseNumber[];
  /** The earliest state in which a release may have been seen between two moments; null where it cannot have been. */
  readonly earliest: (release: ReleaseNumber, from: number, to: number) => number | null;
  /** Whether a release may have been seen by then in this state or a later one. */
  readonly since: (release: ReleaseNumber, state: number, to: number) => boolean;
};

/** A call that was under way may take ten seconds, and a lease and the next try come after it. */
const FELT_MS = 20_000;

/** @param behindMs how much older than a question its answer may be: a lease where releases are not announced, else 0 */
export const timeline = (behindMs: number, now: () => number = () => performance.now()): Timeline => {
  const troubles: Trouble[] = [];
  const states: State[] = [{ release: 1, from: Number.NEGATIVE_INFINITY, acked: Number.NEGATIVE_INFINITY }];
  const firstOf = (from: number): number => states.findLastIndex(({ acked }) => acked <= from - behindMs);
  const seen = (from: number, to: number): readonly State[] => states.slice(firstOf(from)).filter((s) => s.from <= to);
  return {
    async trouble(kind, work) {
      const mine: Trouble = { kind, from: now(), to: Number.POSITIVE_INFINITY };
      troubles.push(mine);
      try {
        return await work();
      } finally {
        mine.to = now();
      }
    },
    publishing(release) {
      const state: State = { release, from: now(), acked: Number.POSITIVE_INFINITY };
      states.push(state);
      return {
        acked: () => {
          state.acked = now();
        },
      };
    },
    release: () => states.at(-1)!.release,
    troubles: (from, to) => [
      ...new Set(troubles.flatMap((each) => (each.from <= to && each.to + FELT_MS >= from ? [each.kind] : []))),
    ],
    current: (from, to) => [...new Set(seen(from, to).map(({ release }) => release))],
    earliest(release, from, to) {
      const found = seen(from, to).find((state) => state.release === release);
      return found === undefined ? null : states.indexOf(found);
    },
    since: (release, state, to) => states.some((each, i) => i >= state && each.release === release && each.from <= to),
  };
};
