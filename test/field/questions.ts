import { numbersOf } from "./truth/donors.ts";
import type { FieldSampleWhere, FieldWhere } from "./truth/truth.ts";

/** The seed of the questions that are asked. */
export const QUESTION_SEED = 20_261_201;

/** A question with at most one breakdown. */
export type FieldQuestion = { readonly where: FieldWhere; readonly facets: readonly FieldFacet[] };
type FieldFacet = { readonly by: FieldAxis; readonly across?: FieldAxis };
type FieldAxis = { readonly field: string; readonly values: readonly string[] };

const VALUES = {
  sex: ["FEMALE", "MALE", "OTHER"],
  cohort: ["PATIENT", "POPULATION", "FAMILY"],
  codes: ["ICD10:E11", "ICD10:E11.9", "ICD10:E10", "ICD10:I10", "ICD10:C34", "ICD10:C34.1", "ICD10:G20", "ICD10:A00"],
  data: ["WGS", "SNP_ARRAY", "IMAGING"],
  use: ["ACADEMIC", "COMMERCIAL", "OVERSEAS"],
  type: ["DNA", "RNA", "PLASMA", "WHOLE_BLOOD", "SALIVA", "URINE"],
  origin: ["TUMOUR", "NORMAL"],
  storage: ["ROOM", "MINUS_80", "LN2"],
} as const;
const NONE = "NOT_RECORDED";
const AXES: readonly FieldAxis[] = [
  { field: "SEX", values: [...VALUES.sex, NONE] },
  { field: "COHORT", values: VALUES.cohort },
  { field: "DISEASE", values: VALUES.codes },
  { field: "DATA", values: [...VALUES.data, NONE] },
  { field: "SAMPLE_TYPE", values: VALUES.type },
  { field: "SAMPLE_ORIGIN", values: [...VALUES.origin, NONE] },
  { field: "STORAGE", values: [...VALUES.storage, NONE] },
  { field: "AGE_AT_COLLECTION", values: ["0-17", "18-39", "40-49", "50-79", NONE] },
  { field: "COLLECTED_YEAR", values: ["2012", "2015", "2016-2020", NONE] },
];

/** Seeded questions of all kinds: conjunctions, alternatives, negations, one sample and several, facets and cross tables. */
export const fieldQuestions = (seed: number, count: number): readonly FieldQuestion[] => {
  const next = numbersOf(seed);
  const one = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)]!;
  const some = (values: readonly string[]): readonly string[] => {
    const found = values.filter(() => next() < 0.4);
    return found.length > 0 ? found : [one(values)];
  };
  const range = (from: number, to: number) => {
    const [a, b] = [from + Math.floor(next() * (to - from)), from + Math.floor(next() * (to - from))];
    return one([{ from: Math.min(a, b), to: Math.max(a, b) }, { from: a }, { to: b }]);
  };
  const sample = (): FieldSampleWhere => ({
    ...(next() < 0.5 ? { type: some(VALUES.type) } : {}),
    ...(next() < 0.3 ? { origin: some(VALUES.origin) } : {}),
    ...(next() < 0.4 ? { storage: some(VALUES.storage) } : {}),
    ...(next() < 0.4 ? { ageAtCollection: range(0, 80) } : {}),
    ...(next() < 0.4 ? { collectedYear: range(2011, 2023) } : {}),
  });
  const leaf = (): FieldWhere => {
    const at = next();
    if (at < 0.35) return { sample: sample() };
    if (at < 0.6) return { disease: { codes: some(VALUES.codes) } };
    if (at < 0.7) return { sex: some(VALUES.sex) };
    if (at < 0.8) return { cohort: some(VALUES.cohort) };
    return at < 0.9 ? { data: some(VALUES.data) } : { use: some(VALUES.use) };
  };
  const parts = (depth: number): readonly FieldWhere[] =>
    Array.from({ length: 1 + Math.floor(next() * 3) }, () => where(depth));
  const where = (depth: number): FieldWhere => {
    const at = next();
    if (depth === 0 || at < 0.4) return leaf();
    if (at < 0.6) return { all: parts(depth - 1) };
    if (at < 0.75) return { any: parts(depth - 1) };
    return at < 0.9 ? { not: where(depth - 1) } : { ...leaf(), not: where(depth - 1) };
  };
  const facets = (): readonly FieldFacet[] => {
    const at = next();
    if (at < 0.6) return [];
    const by = one(AXES);
    const across = one(AXES);
    return at < 0.85 || by === across ? [{ by }] : [{ by, across }];
  };
  return Array.from({ length: count }, () => ({ where: where(3), facets: facets() }));
};
