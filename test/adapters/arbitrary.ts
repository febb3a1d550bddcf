import fc from "fast-check";
import type {
  CodeTest,
  LocalFacet,
  LocalPredicate,
  LocalQuestion,
  LocalSelector,
  RangeTest,
} from "../../adapters/local.ts";
import {
  type CodeField,
  type DonorField,
  FIELD_NAMES,
  FIELDS,
  isNumberField,
  isSampleField,
  type SampleField,
} from "../../schema/fields.ts";
import type { LocalDonor, LocalValues } from "./evaluate.ts";

/** The codes of random populations; some contain each other's letters, one is never recorded. */
const CODES = ["0012", "12", "a,b", "it's", "糖尿病", "never"];
const RECORDED = CODES.slice(0, 5);

const DONOR_FIELDS = FIELD_NAMES.filter((field): field is DonorField => !isSampleField(field) && field !== "CENTRE");
const SAMPLE_FIELDS = FIELD_NAMES.filter(isSampleField);
const SAMPLE_CODES = ["SAMPLE_TYPE", "SAMPLE_ORIGIN", "STORAGE"] as const;

/** Any donors: every field may be missing, records and samples may be none or several. */
export const anyPopulation = (size: number): fc.Arbitrary<readonly LocalDonor[]> => {
  const attribute = fc.subarray(RECORDED, { maxLength: 1 });
  const values = (fields: readonly CodeField[]): fc.Arbitrary<LocalValues> =>
    fc
      .tuple(...fields.map((field) => (FIELDS[field].many ? fc.subarray(RECORDED) : attribute)))
      .map((lists) => Object.fromEntries(fields.map((field, index) => [field, lists[index] ?? []])));
  const number = (min: number, max: number) => fc.option(fc.integer({ min, max }));
  const sample = fc.record({ values: values(SAMPLE_CODES), age: number(0, 9), year: number(2013, 2016) });
  const donor = fc.record({ values: values(DONOR_FIELDS), samples: fc.array(sample, { maxLength: 4 }) });
  return fc.array(donor, { minLength: size, maxLength: size });
};

const codeTest: fc.Arbitrary<CodeTest> = fc.record({
  codes: fc.subarray(CODES),
  negate: fc.boolean(),
  missing: fc.boolean(),
});
const rangeTest: fc.Arbitrary<RangeTest> = fc.record({
  from: fc.option(fc.constantFrom(0, 3, 5, 2013, 2015)),
  to: fc.option(fc.constantFrom(2, 4, 9, 2014, 2016)),
  missing: fc.boolean(),
});

const testOf = (field: SampleField | DonorField): fc.Arbitrary<CodeTest | RangeTest> =>
  isNumberField(field) ? rangeTest : codeTest;

const sampleTest: fc.Arbitrary<LocalSelector> = fc
  .constantFrom(...SAMPLE_FIELDS)
  .chain((field) => testOf(field).map((test) => ({ op: "has", field, test })));

const { selector } = fc.letrec<{ selector: LocalSelector }>((tie) => ({
  selector: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    sampleTest,
    fc.record({ op: fc.constantFrom("all", "any"), of: fc.array(tie("selector"), { maxLength: 3 }) }),
    fc.record({ op: fc.constant("not"), of: tie("selector") }),
  ),
}));

const donorTest: fc.Arbitrary<LocalPredicate> = fc
  .constantFrom(...DONOR_FIELDS)
  .chain((field) => codeTest.map((test) => ({ op: "has", field, test })));

const { predicate } = fc.letrec<{ predicate: LocalPredicate }>((tie) => ({
  predicate: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    donorTest,
    fc.record({ op: fc.constantFrom("all", "any"), of: fc.array(tie("predicate"), { maxLength: 3 }) }),
    fc.record({ op: fc.constant("not"), of: tie("predicate") }),
    fc.record({ op: fc.constant("sample"), of: selector }),
  ),
}));

const facet: fc.Arbitrary<LocalFacet> = fc
  .constantFrom(...DONOR_FIELDS, ...SAMPLE_FIELDS)
  .chain((field) => fc.array(testOf(field), { maxLength: 4 }).map((cells) => ({ field, cells })));

/**
 * Questions that an engine may count together: they have the same donors but for the samples that these must have, and one
 * of them is asked with a breakdown as well.
 */
export const anyBatch: fc.Arbitrary<readonly LocalQuestion[]> = fc
  .record({
    rest: predicate,
    held: fc.array(fc.tuple(selector, selector), { minLength: 1, maxLength: 3 }),
    cells: facet,
  })
  .map(({ rest, held, cells }) => {
    const questions = held.flatMap(([samples, other]): readonly LocalQuestion[] => [
      { donors: { op: "all", of: [rest, { op: "sample", of: samples }] }, samples },
      { donors: { op: "all", of: [rest, { op: "sample", of: other }] }, samples },
    ]);
    const [first] = questions;
    return [...questions, { ...first!, by: [cells] }, { donors: rest, samples: { op: "all", of: [] } }];
  });

/** Any question of the local language: nested trees, negation, missing values, and no, one or two facets. */
export const anyQuestion: fc.Arbitrary<LocalQuestion> = fc
  .record({ donors: predicate, samples: selector, facets: fc.array(facet, { maxLength: 2 }) })
  .map(({ donors, samples, facets: [first, second] }) => {
    if (first === undefined) return { donors, samples };
    return { donors, samples, by: second === undefined ? [first] : [first, second] };
  });

/** A facet with a cell for each code or a few bands, and one for what is missing. */
export const everyCell = (field: SampleField | DonorField): LocalFacet => {
  if (!isNumberField(field)) {
    const cells = CODES.map((code) => ({ codes: [code], negate: false, missing: false }));
    return { field, cells: [...cells, { codes: [], negate: false, missing: true }] };
  }
  const from = field === "COLLECTED_YEAR" ? 2013 : 0;
  const bands = [0, 2, 4, 6].map((step) => ({ from: from + step, to: from + step + 1, missing: false }));
  return { field, cells: [...bands, { from: 1, to: 0, missing: true }] };
};

/** The fields that random populations have. */
export const ALL_FIELDS = [...DONOR_FIELDS, ...SAMPLE_FIELDS];
