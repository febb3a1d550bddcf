import type { Range } from "../../adapters/local.ts";
import type { CellCounts, Count } from "../../schema/count.ts";
import type { Expr, SampleCriterion, UnknownPart } from "../../schema/question.ts";
import { Contradiction } from "./contradiction.ts";

/**
 * The least number of counted samples that every counted donor has, going by the question alone: one where the question
 * asks for a sample, one more for each further sample of another type.
 */
export const leastSamples = (expr: Expr<UnknownPart>): number => {
  const taken = new Set<string>();
  const samples = (expr.op === "all" ? expr.of : [expr]).filter((part) => part.op === "sample");
  const apart = samples.filter((part) => {
    const types = typesOf(part);
    if (types.length === 0 || types.some((type) => taken.has(type))) return false;
    for (const type of types) taken.add(type);
    return true;
  });
  return Math.max(apart.length, Math.min(samples.length, 1));
};

/** Empty where any type will do: such a sample may be one of the others. */
const typesOf = ({ tests }: SampleCriterion<UnknownPart>): readonly string[] => {
  const test = tests.find((each) => "field" in each && each.field === "SAMPLE_TYPE");
  return test !== undefined && "values" in test ? test.values : [];
};

/**
 * Checks raw counts of donors and of their samples, intervals both, against each other. The message holds no count.
 * @throws {Contradiction} where no numbers within them can both be true
 */
export const agree = (donors: Range, samples: Range, least: number, samplesPerDonor: number | undefined): void => {
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

/**
 * Donors and samples of one question bound each other: a donor has at least `least` of the samples counted and at most as
 * many as the bank warrants. This narrows what was disclosed, and nothing else is used.
 */
export const relate = (
  { donors, samples }: CellCounts,
  least: number,
  samplesPerDonor: number | undefined,
): CellCounts => {
  const most = samplesPerDonor ?? null;
  const dMax = least === 0 || samples.max === null ? donors.max : lower(donors.max, Math.floor(samples.max / least));
  const dMin = samples.min === 0 ? donors.min : Math.max(donors.min, most === null ? 1 : Math.ceil(samples.min / most));
  const sMin = Math.max(samples.min, least * donors.min);
  const sMax =
    donors.max === 0 ? 0 : donors.max === null || most === null ? samples.max : lower(samples.max, donors.max * most);
  // Ends that cross are a contradiction for whoever checks the numbers; here they stay as they came.
  return { donors: narrowed(donors, dMin, dMax), samples: narrowed(samples, sMin, sMax) };
};

const lower = (a: number | null, b: number): number => (a === null ? b : Math.min(a, b));

const narrowed = (count: Count, min: number, max: number | null): Count => {
  if (max !== null && min > max) return count;
  return { min, max, because: min === max ? [] : count.because };
};
