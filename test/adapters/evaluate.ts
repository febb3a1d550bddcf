import {
  type Counts,
  isRange,
  type LocalCounts,
  type LocalFacet,
  type LocalPredicate,
  type LocalQuestion,
  type LocalSelector,
  type Test,
} from "../../adapters/local.ts";
import { type FieldName, isSampleField, type NumberField } from "../../schema/fields.ts";

/** Local codes by field; a field that is absent or empty is a missing value. */
export type LocalValues = { readonly [F in FieldName]?: readonly string[] };

/** A number that lies in an interval, both ends included; `sure`: it surely counts as recorded. */
export type NumberInDoubt = { readonly from: number; readonly to: number; readonly sure: boolean };

/**
 * One sample as its bank records it: local codes, completed years of age, calendar year; null is missing. `inDoubt`: codes of
 * which it is not known whether they count. `numbers`: those that take the place of the age or the year. `isInDoubt`: it is not
 * known whether the sample itself counts.
 */
export type LocalSample = {
  readonly values: LocalValues;
  readonly inDoubt?: LocalValues;
  readonly isInDoubt?: boolean;
  readonly age: number | null;
  readonly year: number | null;
  readonly numbers?: { readonly [F in NumberField]?: NumberInDoubt };
};

/** One donor as its bank records it, in local codes. `inDoubt` and `isInDoubt`: as of a sample. */
export type LocalDonor = {
  readonly isInDoubt?: boolean;
  readonly values: LocalValues;
  readonly inDoubt?: LocalValues;
  readonly samples: readonly LocalSample[];
};

/** For each field with a hierarchy: code -> the codes that a test with `below` covers, itself included. */
export type LocalTrees = { readonly [F in FieldName]?: ReadonlyMap<string, readonly string[]> };

/** Counts a local question by looking at every donor: the plain truth that adapters are compared with. Always exact. */
export const evaluateLocal = (
  population: readonly LocalDonor[],
  question: LocalQuestion,
  trees: LocalTrees = {},
): LocalCounts => {
  const donors = population.filter((donor) => donorHolds(donor, question.donors, trees));
  const totals = countCell(donors, question.samples, [], trees);
  if (question.by === undefined) return totals;
  const [first, second] = question.by;
  const cells = first.cells.flatMap((one) =>
    second === undefined
      ? [countCell(donors, question.samples, [[first, one]], trees)]
      : second.cells.map((two) =>
          countCell(
            donors,
            question.samples,
            [
              [first, one],
              [second, two],
            ],
            trees,
          ),
        ),
  );
  return { ...totals, cells };
};

/** Whether the predicate holds for the donor. */
export const donorHolds = (donor: LocalDonor, predicate: LocalPredicate, trees: LocalTrees = {}): boolean => {
  switch (predicate.op) {
    case "all":
      return predicate.of.every((part) => donorHolds(donor, part, trees));
    case "any":
      return predicate.of.some((part) => donorHolds(donor, part, trees));
    case "not":
      return !donorHolds(donor, predicate.of, trees);
    case "has":
      return passes(codesOf(donor, predicate.field), predicate.test, trees[predicate.field]);
    case "sure":
      return donor.isInDoubt !== true;
    case "sample":
      return donor.samples.some((sample) => sampleHolds(sample, predicate.of, trees));
  }
};

/** Whether the selector selects the sample. */
export const sampleHolds = (sample: LocalSample, selector: LocalSelector, trees: LocalTrees = {}): boolean => {
  switch (selector.op) {
    case "all":
      return selector.of.every((part) => sampleHolds(sample, part, trees));
    case "any":
      return selector.of.some((part) => sampleHolds(sample, part, trees));
    case "not":
      return !sampleHolds(sample, selector.of, trees);
    case "sure":
      return sample.isInDoubt !== true;
    case "has":
      return passes(sampleValues(sample, selector.field), selector.test, trees[selector.field]);
  }
};

/** The values of a field: a code or a number, whether it surely counts, and the interval that a number lies in. */
type Value = { readonly of: string | NumberInDoubt; readonly sure: boolean };

const codesOf = ({ values, inDoubt }: Pick<LocalDonor, "values" | "inDoubt">, field: FieldName): readonly Value[] => [
  ...(values[field] ?? []).map((of) => ({ of, sure: true })),
  ...(inDoubt?.[field] ?? []).map((of) => ({ of, sure: false })),
];

/** The values that a test of this field looks at; ages and years as numbers. */
const sampleValues = (sample: LocalSample, field: FieldName): readonly Value[] => {
  if (field === "AGE_AT_COLLECTION") return numbers(sample.numbers?.[field] ?? sample.age);
  if (field === "COLLECTED_YEAR") return numbers(sample.numbers?.[field] ?? sample.year);
  return codesOf(sample, field);
};

const numbers = (value: number | NumberInDoubt | null): readonly Value[] => {
  if (value === null) return [];
  const of = typeof value === "number" ? { from: value, to: value, sure: true } : value;
  return [{ of, sure: of.sure }];
};

const passes = (
  values: readonly Value[],
  test: Test,
  tree: ReadonlyMap<string, readonly string[]> | undefined,
): boolean => {
  if (test.missing && (test.doubt ? values.every(({ sure }) => !sure) : values.length === 0)) return true;
  const listed = isRange(test)
    ? new Set<string>()
    : new Set(test.below ? test.codes.flatMap((code) => tree?.get(code) ?? [code]) : test.codes);
  return values.some(({ of, sure }) => {
    if (!sure && !test.doubt) return false;
    if (!isRange(test)) return listed.has(String(of)) !== test.negate;
    if (typeof of === "string") return false;
    const [least, most] = test.doubt ? [of.to, of.from] : [of.from, of.to];
    return (test.from === null || least >= test.from) && (test.to === null || most <= test.to);
  });
};

/** Counts inside the cells given: donor cells narrow the donors, sample cells hold together on one and the same sample. */
const countCell = (
  donors: readonly LocalDonor[],
  samples: LocalSelector,
  cells: readonly (readonly [LocalFacet, Test])[],
  trees: LocalTrees,
): Counts => {
  const ofSample = cells.filter(([facet]) => isSampleField(facet.field));
  const ofDonor = cells.filter(([facet]) => !isSampleField(facet.field));
  let donorCount = 0;
  let sampleCount = 0;
  for (const donor of donors) {
    if (!ofDonor.every(([{ field }, test]) => passes(codesOf(donor, field), test, trees[field]))) continue;
    const selected = donor.samples.filter(
      (sample) =>
        sampleHolds(sample, samples, trees) &&
        ofSample.every(([{ field }, test]) => passes(sampleValues(sample, field), test, trees[field])),
    ).length;
    sampleCount += selected;
    if (ofSample.length === 0 || selected > 0) donorCount += 1;
  }
  return { donors: { min: donorCount, max: donorCount }, samples: { min: sampleCount, max: sampleCount } };
};
