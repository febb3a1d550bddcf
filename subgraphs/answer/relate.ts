import type { Counts, Range } from "../../adapters/local.ts";
import type { Expr, SampleCriterion, UnknownPart } from "../../schema/question.ts";

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
 * Donors and samples of one question bound each other: a donor has at least `least` of the samples counted and at most as
 * many as the bank warrants.
 */
export const relate = ({ donors, samples }: Counts, least: number, samplesPerDonor: number | undefined): Counts => {
  const most = samplesPerDonor ?? null;
  const dMax = least === 0 || samples.max === null ? donors.max : lowerMax(donors.max, Math.floor(samples.max / least));
  const dMin = samples.min === 0 ? donors.min : Math.max(donors.min, most === null ? 1 : Math.ceil(samples.min / most));
  const sMin = Math.max(samples.min, least * donors.min);
  const warranted = donors.max === null || most === null ? null : donors.max * most;
  const sMax = donors.max === 0 ? 0 : lowerMax(samples.max, warranted);
  return { donors: narrowed(donors, dMin, dMax), samples: narrowed(samples, sMin, sMax) };
};

/** The lower of two upper ends, where null is infinity. */
export const lowerMax = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

/** Ends that cross are a contradiction, which is for the checks to find; here the interval stays as it came. */
const narrowed = (range: Range, min: number, max: number | null): Range =>
  max !== null && min > max ? range : { min, max };
