import { hasDisease } from "./oracle-codes.ts";

/**
 * The oracle: says the truth of any question by looking at every donor. It reads the raw `where` as it was asked and knows
 * nothing of parsing, canonical forms, adapters or databases; codes are compared by oracle-codes.ts.
 */
export type TrueSample = {
  readonly type: string;
  readonly origin: string | null;
  readonly age: number;
  readonly year: number;
  readonly storage: string | null;
};
export type TrueDonor = {
  readonly sex: string;
  readonly cohort: string;
  readonly family: string;
  readonly centre: string | null;
  readonly diagnoses: readonly string[];
  readonly programmes: readonly string[];
  readonly data: readonly string[];
  readonly uses: readonly string[];
  readonly samples: readonly TrueSample[];
};

/** Which fields a bank's data hold no value of: the truth of the facet value NOT_RECORDED. */
export type Unrecorded = {
  readonly donor: ReadonlySet<string>;
  readonly samples: readonly ReadonlySet<string>[];
};
export type World = readonly { readonly truth: TrueDonor; readonly unrecorded: Unrecorded }[];

// biome-ignore lint/suspicious/noExplicitAny: the raw input, whatever it is
type Raw = any;
export type CellAsked = readonly { readonly field: string; readonly value: string }[];

/** The true counts of a question, narrowed by the values of a facet's cell. */
export const truthOf = (world: World, where: Raw, cell: CellAsked = []): { donors: number; samples: number } => {
  let donors = 0;
  let samples = 0;
  const selectors = positiveSamples(where, true);
  const ofSample = cell.filter(({ field }) => field in SAMPLE_VALUE);
  const ofDonor = cell.filter(({ field }) => !(field in SAMPLE_VALUE));
  for (const { truth, unrecorded } of world) {
    if (!meets(truth, where)) continue;
    if (!ofDonor.every(({ field, value }) => donorHas(truth, unrecorded, field, value))) continue;
    let selected = 0;
    truth.samples.forEach((sample, i) => {
      if (selectors.length > 0 && !selectors.some((criterion) => sampleMeets(sample, criterion))) return;
      if (ofSample.every(({ field, value }) => sampleHas(sample, unrecorded.samples[i], field, value))) selected += 1;
    });
    samples += selected;
    if (ofSample.length === 0 || selected > 0) donors += 1;
  }
  return { donors, samples };
};

const meets = (donor: TrueDonor, where: Raw): boolean =>
  (where.all ?? []).every((part: Raw) => meets(donor, part)) &&
  (where.any == null || where.any.some((part: Raw) => meets(donor, part))) &&
  (where.not == null || !meets(donor, where.not)) &&
  (where.disease == null ||
    where.disease.codes.some((x: string) => hasDisease(donor.diagnoses, x, where.disease.descendants ?? true))) &&
  (where.sex == null || where.sex.includes(donor.sex)) &&
  (where.cohort == null || where.cohort.includes(donor.cohort)) &&
  (where.family == null || where.family.some((value: string) => familyIs(donor.family, value))) &&
  (where.centre == null || where.centre.includes(donor.centre)) &&
  (where.programme == null || donor.programmes.some((code) => where.programme.includes(code))) &&
  (where.data == null || donor.data.some((kind) => where.data.includes(kind))) &&
  (where.use == null || donor.uses.some((use) => where.use.includes(use))) &&
  (where.sample == null || donor.samples.some((sample) => sampleMeets(sample, where.sample)));

const sampleMeets = (sample: TrueSample, criterion: Raw): boolean =>
  (criterion.type == null || criterion.type.includes(sample.type)) &&
  (criterion.origin == null || criterion.origin.includes(sample.origin)) &&
  (criterion.storage == null || criterion.storage.includes(sample.storage)) &&
  inRange(sample.age, criterion.ageAtCollection) &&
  inRange(sample.year, criterion.collectedYear);

const inRange = (n: number, range: Raw): boolean =>
  range == null || ((range.from == null || n >= range.from) && (range.to == null || n <= range.to));

/** A donor of a complete trio has relatives in the bank. */
const familyIs = (family: string, value: string): boolean =>
  family === value || (value === "RELATIVE_HELD" && family === "TRIO");

/** The sample criteria under an even number of `not`s: together, by OR, they say which samples are counted. */
const positiveSamples = (where: Raw, positive: boolean): readonly Raw[] => [
  ...(where.sample != null && positive ? [where.sample] : []),
  ...(where.all ?? []).flatMap((part: Raw) => positiveSamples(part, positive)),
  ...(where.any ?? []).flatMap((part: Raw) => positiveSamples(part, positive)),
  ...(where.not == null ? [] : positiveSamples(where.not, !positive)),
];

const SAMPLE_VALUE: { readonly [field: string]: (sample: TrueSample) => string | number | null } = {
  SAMPLE_TYPE: (s) => s.type,
  SAMPLE_ORIGIN: (s) => s.origin,
  STORAGE: (s) => s.storage,
  AGE_AT_COLLECTION: (s) => s.age,
  COLLECTED_YEAR: (s) => s.year,
};

const donorHas = (donor: TrueDonor, unrecorded: Unrecorded, field: string, value: string): boolean => {
  if (value === "NOT_RECORDED") return unrecorded.donor.has(field);
  switch (field) {
    case "DISEASE":
      return hasDisease(donor.diagnoses, value, true);
    case "SEX":
      return donor.sex === value;
    case "COHORT":
      return donor.cohort === value;
    case "FAMILY":
      return familyIs(donor.family, value);
    case "CENTRE":
      return donor.centre === value;
    case "PROGRAMME":
      return donor.programmes.includes(value);
    case "DATA":
      return donor.data.includes(value);
    case "USE":
      return donor.uses.includes(value);
    default:
      throw new Error(`no such field of a donor: ${field}`);
  }
};

const sampleHas = (
  sample: TrueSample,
  unrecorded: ReadonlySet<string> | undefined,
  field: string,
  value: string,
): boolean => {
  if (value === "NOT_RECORDED") return unrecorded?.has(field) ?? false;
  const held = SAMPLE_VALUE[field]?.(sample) ?? null;
  if (typeof held !== "number") return held === value;
  const [from, to] = value.split("-").map(Number);
  return held >= (from ?? held) && held <= (to ?? from ?? held);
};
