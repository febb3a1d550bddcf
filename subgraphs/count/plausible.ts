import type { Counts, Range, Unit } from "../../adapters/local.ts";
import type { BrokenReason } from "../../schema/broken-reasons.ts";

/** Local counts that cannot all be true. The message holds no count. */
export class Contradiction extends Error {
  readonly reason: BrokenReason;

  constructor(message: string, reason: BrokenReason = "CONTRADICTION") {
    super(message);
    this.reason = reason;
  }
}

/** Checks that the bank can have this local count, whatever the adapter made of its answer. @throws {Contradiction} */
export const checkCount = ({ min, max }: Range, unit: Unit, bound: number | null): void => {
  const check = (holds: boolean, fault: string, reason: BrokenReason): void => {
    if (!holds) throw new Contradiction(`local count of ${unit.toLowerCase()}: ${fault}`, reason);
  };
  const ends = max === null ? [min] : [min, max];
  check(!ends.some((end) => end < 0), "wanted 0 or more, got less", "NEGATIVE_COUNT");
  check(ends.every(Number.isSafeInteger), "wanted a whole number, got something else", "NOT_A_COUNT");
  check(max === null || min <= max, "wanted min <= max, got min > max", "CONTRADICTION");
  check(bound === null || min <= bound, "wanted no more than the bank warrants, got more", "ABOVE_BOUND");
};

/**
 * Checks a number against the one that it is part of (`upTo`: that one's upper end, or the bank's bound).
 * @param bound upper bound that the bank warrants; null: none
 * @throws {Contradiction}
 */
export const checkPart = (
  { min, max }: Range,
  things: keyof Counts,
  upTo: number | null,
  bound: number | null,
): void => {
  if ((max === null || min <= max) && (upTo === null || min <= upTo)) return;
  throw new Contradiction(
    `count of ${things}: wanted no more than the bank warrants or than it is part of, got more`,
    bound !== null && min > bound ? "ABOVE_BOUND" : "CONTRADICTION",
  );
};

/**
 * Checks donors and their samples against each other.
 * @param least the number of counted samples that each counted donor has at least
 * @throws {Contradiction} where no numbers within the two intervals can both be true
 */
export const checkPair = ({ donors, samples }: Counts, least: number, samplesPerDonor: number | undefined): void => {
  if (donors.max === 0 && samples.min > 0) {
    throw new Contradiction("samples: wanted none without donors, got some", "SAMPLES_WITHOUT_DONORS");
  }
  if (samples.max !== null && samples.max < least * donors.min) {
    throw new Contradiction(`samples: wanted at least ${least} of each donor counted, got fewer`, "TOO_FEW_SAMPLES");
  }
  if (samplesPerDonor !== undefined && donors.max !== null && samples.min > donors.max * samplesPerDonor) {
    throw new Contradiction(
      `samples: wanted at most ${samplesPerDonor} of each donor counted, got more`,
      "TOO_MANY_SAMPLES",
    );
  }
};
