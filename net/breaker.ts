/** Spares callers the wait for a place that does not answer. A place is what fails as one: a server, a node of a cluster. */
export type Breaker = Disposable & {
  /** Does the work, unless the place is known not to answer: then rejects at once with NotSent. */
  readonly run: <T>(place: string, work: () => Promise<T>) => Promise<T>;
  /** The place is known to be gone. */
  readonly trip: (place: string, why: unknown) => void;
  /** The place may be back: it is tried now and not at its next turn. */
  readonly retry: (place: string) => void;
};

export type BreakerOptions = {
  /** Tries a place. Rejects while it does not answer; has to end by itself. */
  readonly probe: (place: string) => Promise<unknown>;
  /** Hears when the first of the places is lost and when the last of them is back. */
  readonly report: (what: "lost" | "back", why?: unknown) => void;
};

/** Nothing was asked, since the place did not answer before. */
export class NotSent extends Error {
  override readonly name = "NotSent";
}

/** Failures after which a place is lost; a success makes up for a tenth of one, so a place that is often slow is lost too. */
const FAILURES = 3;
const SUCCESS = 0.1;

/** How long a place is left alone before it is tried again. */
const PROBE_MS = 500;

/** @see Breaker */
export const createBreaker = ({ probe, report }: BreakerOptions): Breaker => {
  const failures = new Map<string, number>();
  const lost = new Map<string, NodeJS.Timeout>();
  let disposed = false;

  const trip = (place: string, why: unknown): void => {
    if (disposed || lost.has(place)) return;
    if (lost.size === 0) report("lost", why);
    later(place);
  };

  const later = (place: string): void => {
    lost.set(place, setTimeout(retry, PROBE_MS, place).unref());
  };

  const retry = (place: string): void => {
    const timer = lost.get(place);
    if (disposed || timer === undefined) return;
    clearTimeout(timer);
    probe(place).then(
      () => {
        failures.delete(place);
        if (!disposed && lost.delete(place) && lost.size === 0) report("back");
      },
      () => {
        // Whoever tried it meanwhile has set the next turn.
        if (!disposed && lost.get(place) === timer) later(place);
      },
    );
  };

  return {
    async run(place, work) {
      if (disposed || lost.has(place)) throw new NotSent(`wanted ${place} within reach, got nothing from there lately`);
      try {
        const done = await work();
        const before = failures.get(place);
        if (before !== undefined) failures.set(place, Math.max(0, before - SUCCESS));
        return done;
      } catch (error) {
        const now = (failures.get(place) ?? 0) + 1;
        failures.set(place, now);
        if (now >= FAILURES) trip(place, error);
        throw error;
      }
    },
    trip,
    retry,
    [Symbol.dispose]() {
      disposed = true;
      for (const timer of lost.values()) clearTimeout(timer);
      lost.clear();
    },
  };
};
