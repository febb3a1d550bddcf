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
import { type FieldName, isSampleField } from "../../schema/fields.ts";

/** Local codes by field; a field that is absent or empty is a missing value. */
export type LocalValues = { readonly [F in FieldName]?: readonly string[] };

/** One sample as its bank records it: local codes, completed years of age, calendar year; null is missing. */
export type LocalSample = { readonly values: LocalValues; readonly age: number | null; readonly year: number | null };

/** One donor as its bank records it, in local codes. */
export type LocalDonor = { readonly values: LocalValues; readonly samples: readonly LocalSample[] };

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
      return passes(donor.values[predicate.field] ?? [], predicate.test, trees[predicate.field]);
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
    case "has":
      return passes(sampleValues(sample, selector.field), selector.test, trees[selector.field]);
  }
};

/** The values that a test of this field looks at; ages and years as numbers. */
const sampleValues = (sample: LocalSample, field: FieldName): readonly (string | number)[] => {
  if (field === "AGE_AT_COLLECTION") return sample.age === null ? [] : [sample.age];
  if (field === "COLLECTED_YEAR") return sample.year === null ? [] : [sample.year];
  return sample.values[field] ?? [];
};

const passes = (
  values: readonly (string | number)[],
  test: Test,
  tree: ReadonlyMap<string, readonly string[]> | undefined,
): boolean => {
  if (values.length === 0) return test.missing;
  if (isRange(test)) {
    const { from, to } = test;
    return values.some((value) => (from === null || Number(value) >= from) && (to === null || Number(value) <= to));
  }
  const codes = new Set(test.below ? test.codes.flatMap((code) => tree?.get(code) ?? [code]) : test.codes);
  return values.some((value) => codes.has(String(value)) !== test.negate);
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
    if (!ofDonor.every(([{ field }, test]) => passes(donor.values[field] ?? [], test, trees[field]))) continue;
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
