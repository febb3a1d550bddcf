import type { FieldDonor, FieldSample } from "./donors.ts";

/** A question as this folder makes them: a part of what `where` allows. */
export type FieldWhere = {
  readonly all?: readonly FieldWhere[];
  readonly any?: readonly FieldWhere[];
  readonly not?: FieldWhere;
  readonly sex?: readonly string[];
  readonly cohort?: readonly string[];
  readonly disease?: { readonly codes: readonly string[] };
  readonly data?: readonly string[];
  readonly use?: readonly string[];
  readonly sample?: FieldSampleWhere;
};
export type FieldSampleWhere = {
  readonly type?: readonly string[];
  readonly origin?: readonly string[];
  readonly storage?: readonly string[];
  readonly ageAtCollection?: FieldRange;
  readonly collectedYear?: FieldRange;
};
type FieldRange = { readonly from?: number; readonly to?: number };

/** A cell of a breakdown: each field with the value that it has there. */
export type FieldCell = readonly { readonly field: string; readonly value: string }[];

/**
 * How many donors, and how many of their samples, a question is about, found by looking at each of them. The samples are
 * those that meet one of the sample conditions that are not negated, or all where there is none.
 */
export const fieldTruth = (
  donors: readonly FieldDonor[],
  where: FieldWhere,
  cell: FieldCell = [],
): { readonly donors: number; readonly samples: number } => {
  const wanted = sampleConditions(where, false);
  const [ofSample, ofDonor] = [true, false].map((is) => cell.filter(({ field }) => isOfSample(field) === is));
  let [donorCount, sampleCount] = [0, 0];
  for (const donor of donors) {
    if (!meets(donor, where) || !ofDonor!.every((each) => donorIs(donor, each))) continue;
    const counted = donor.samples.filter(
      (sample) =>
        (wanted.length === 0 || wanted.some((condition) => sampleMeets(sample, condition))) &&
        ofSample!.every((each) => sampleIs(sample, each)),
    );
    sampleCount += counted.length;
    if (ofSample!.length === 0 || counted.length > 0) donorCount += 1;
  }
  return { donors: donorCount, samples: sampleCount };
};

const meets = (donor: FieldDonor, where: FieldWhere): boolean => {
  const { all = [], any, not, sex, cohort, disease, data, use, sample } = where;
  if (!all.every((part) => meets(donor, part))) return false;
  if (any !== undefined && !any.some((part) => meets(donor, part))) return false;
  if (not !== undefined && meets(donor, not)) return false;
  if (sex !== undefined && !sex.includes(donor.sex)) return false;
  if (cohort !== undefined && !cohort.includes(donor.cohort)) return false;
  if (disease !== undefined && !disease.codes.some((code) => hasDiagnosis(donor, code))) return false;
  if (data !== undefined && !donor.data.some((kind) => data.includes(kind))) return false;
  if (use !== undefined && !donor.uses.some((each) => use.includes(each))) return false;
  return sample === undefined || donor.samples.some((each) => sampleMeets(each, sample));
};

/** A code of ICD-10 is met by itself and by all that is written behind it. */
const hasDiagnosis = ({ diagnoses }: FieldDonor, asked: string): boolean => {
  const code = asked.replace("ICD10:", "");
  return diagnoses.some((each) => each === code || each.startsWith(code.includes(".") ? code : `${code}.`));
};

const sampleMeets = (sample: FieldSample, where: FieldSampleWhere): boolean => {
  const { type, origin, storage, ageAtCollection, collectedYear } = where;
  if (type !== undefined && !type.includes(sample.type)) return false;
  if (origin !== undefined && !origin.includes(sample.origin)) return false;
  if (storage !== undefined && !storage.includes(sample.storage)) return false;
  return isIn(yearsOf(sample), ageAtCollection) && isIn(yearOf(sample), collectedYear);
};

const yearsOf = ({ age }: FieldSample): number => Math.floor(age);
const yearOf = ({ day }: FieldSample): number => Number(day.slice(0, 4));

const isIn = (number: number, range: FieldRange | undefined): boolean =>
  (range?.from === undefined || number >= range.from) && (range?.to === undefined || number <= range.to);

const sampleConditions = (where: FieldWhere, negated: boolean): readonly FieldSampleWhere[] => {
  const { sample, all = [], any = [], not } = where;
  const own = sample !== undefined && !negated ? [sample] : [];
  const inner = [...all, ...any].flatMap((part) => sampleConditions(part, negated));
  return [...own, ...inner, ...(not === undefined ? [] : sampleConditions(not, !negated))];
};

const OF_SAMPLES = ["SAMPLE_TYPE", "SAMPLE_ORIGIN", "STORAGE", "AGE_AT_COLLECTION", "COLLECTED_YEAR"];
const isOfSample = (field: string): boolean => OF_SAMPLES.includes(field);
const NONE = "NOT_RECORDED";

const donorIs = (donor: FieldDonor, { field, value }: FieldCell[number]): boolean => {
  switch (field) {
    case "SEX":
      return value === NONE ? !donor.sexKnown : donor.sex === value;
    case "COHORT":
      return donor.cohort === value;
    case "DISEASE":
      return value === NONE ? donor.diagnoses.length === 0 : hasDiagnosis(donor, value);
    default:
      return value === NONE ? donor.data.length === 0 : donor.data.some((kind) => kind === value);
  }
};

const sampleIs = (sample: FieldSample, { field, value }: FieldCell[number]): boolean => {
  const [from, to = from] = value.split("-").map(Number);
  switch (field) {
    case "SAMPLE_TYPE":
      return sample.type === value;
    case "SAMPLE_ORIGIN":
      return value === NONE ? !sample.originKnown : sample.origin === value;
    case "STORAGE":
      return value === NONE ? !sample.storageKnown : sample.storage === value;
    case "AGE_AT_COLLECTION":
      return value === NONE ? !sample.ageKnown : isIn(yearsOf(sample), { from: from!, to: to! });
    default:
      return value === NONE ? !sample.dayKnown : isIn(yearOf(sample), { from: from!, to: to! });
  }
};
