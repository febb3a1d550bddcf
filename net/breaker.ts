export type BreakerOptions = {
  /** Rejects while the place does not answer. Has a time limit of its own. */
  readonly probe: (place: string) => Promise<unknown>;
  /** Called with `lost` when the first of the places opens, and with `back` when the last of them closes. */
  readonly report: (what: "lost" | "back", why?: unknown) => void;
};

/** Nothing was sent: the place did not answer before. */
export class NotSent extends Error {
  override readonly name = "NotSent";
}

/** Failures that open a breaker. A success takes back a tenth of one, so frequent timeouts among successes open it too. */
const FAILURES = 3;
const SUCCESS = 0.1;

/** Time in ms between probes of an open place. */
const PROBE_MS = 500;

/** Circuit breaker for several places: a place is what fails as a unit, such as a server or a node of a cluster. */
export const createBreaker = ({ probe, report }: BreakerOptions) => {
  const failures = new Map<string, number>();
  const lost = new Map<string, NodeJS.Timeout>();
  let disposed = false;

  /** Opens the place's breaker now. */
  const trip = (place: string, why: unknown): void => {
    if (disposed || lost.has(place)) return;
    if (lost.size === 0) report("lost", why);
    later(place);
  };

  const later = (place: string): void => {
    lost.set(place, setTimeout(retry, PROBE_MS, place).unref());
  };

  /** Probes an open place now instead of at its next turn. */
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
        // A probe that ran meanwhile has set the next turn.
        if (!disposed && lost.get(place) === timer) later(place);
      },
    );
  };

  return {
    /** Runs the work; rejects at once with NotSent while the place's breaker is open. */
    async run<T>(place: string, work: () => Promise<T>): Promise<T> {
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
    [Symbol.dispose](): void {
      disposed = true;
      for (const timer of lost.values()) clearTimeout(timer);
      lost.clear();
    },
  };
};
