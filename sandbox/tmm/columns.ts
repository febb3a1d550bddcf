import { icd10Label, icd10Parent } from "../../schema/codes/icd10.ts";
import type { RecordedDonor } from "../donor.ts";
import { type BeaconColumns, type EntryType, MISSING } from "./beacon-index.ts";
import { AGE, COHORT, DATA, FAMILY, ORIGIN, SAMPLE_TYPE, SEX, STORAGE, type Term, USE, YEAR } from "./terms.ts";

/** Everything that a beacon serves of a population: the columns to count in and the filters to list. */
export type BeaconData = { readonly columns: BeaconColumns; readonly terms: readonly Term[] };

/**
 * How far a term can be used beside the entry type that it belongs to. Real beacons differ: with `own`, an
 * individual-scoped filter is refused on biosamples and a biosample-scoped one on individuals.
 */
export type Reach = "both" | "own";

/** Lays any recorded donors out as a beacon's columns. Diagnoses must be CURIEs; a diagnosis may be of any system. */
export const beaconData = (donors: Iterable<RecordedDonor>, reach: Reach = "both"): BeaconData => {
  const columns = beaconColumns(reach);
  for (const donor of donors) columns.add(donor);
  return columns.done();
};

/** The same for donors that are added one at a time. */
export const beaconColumns = (reach: Reach = "both") => {
  const terms = lists();
  const sampleTerms = lists();
  const owner: number[] = [];
  const ages: number[] = [];
  const years: number[] = [];
  let individuals = 0;
  const add = (donor: RecordedDonor): void => {
    const individual = individuals++;
    for (const id of new Set(idsOf(donor))) terms.add(id, individual);
    for (const sample of donor.samples) {
      const biosample = owner.push(individual) - 1;
      ages.push(sample.age ?? MISSING);
      years.push(sample.year ?? MISSING);
      if (sample.type !== null) sampleTerms.add(SAMPLE_TYPE[sample.type][0], biosample);
      if (sample.origin !== null) sampleTerms.add(ORIGIN[sample.origin][0], biosample);
      if (sample.storage !== null) sampleTerms.add(STORAGE[sample.storage][0], biosample);
    }
  };
  const done = (): BeaconData => {
    const parents = parentsOf(terms.ids().filter((id) => id.startsWith(ICD10)));
    const found = { individual: terms.ids(), biosample: sampleTerms.ids() };
    const numbers = new Map([
      [AGE, Int16Array.from(ages)],
      [YEAR, Int16Array.from(years)],
    ]);
    const biosamples = { owner: Uint32Array.from(owner), terms: sampleTerms.done(), numbers };
    return {
      columns: { individuals, terms: terms.done(), parents, biosamples },
      terms: catalogue(found, [...parents.keys(), ...parents.values()], reach, { ages, years }),
    };
  };
  return { add, done };
};

const ICD10 = "ICD10:";

const idsOf = (donor: RecordedDonor): string[] => [
  SEX[donor.sex === null || donor.sex === "OTHER" ? "unknown" : donor.sex][0],
  COHORT[donor.cohort][0],
  FAMILY[donor.family][0],
  ...donor.diagnoses,
  ...donor.programmes.map(lowered),
  ...donor.data.map((kind) => DATA[kind][0]),
  ...donor.uses.map((use) => USE[use][0]),
];

/** PROGRAMME:CONTROL_GROUP is programme:CONTROL_GROUP here. */
const lowered = (programme: string): string => programme.replace(/^PROGRAMME:/, "programme:");

/** Term -> indices, while they come. */
const lists = () => {
  const found = new Map<string, number[]>();
  return {
    add: (id: string, index: number): void => {
      const list = found.get(id);
      if (list === undefined) found.set(id, [index]);
      else list.push(index);
    },
    ids: (): string[] => [...found.keys()],
    done: (): Map<string, Uint32Array> => new Map([...found].map(([id, indices]) => [id, Uint32Array.from(indices)])),
  };
};

const parentsOf = (ids: readonly string[]): Map<string, string> => {
  const parents = new Map<string, string>();
  for (const id of ids) {
    for (
      let at = id.slice(ICD10.length), above = icd10Parent(at);
      above !== null;
      at = above, above = icd10Parent(at)
    ) {
      parents.set(ICD10 + at, ICD10 + above);
    }
  }
  return parents;
};

/** The beacon's own words always, whether or not a record has them; diseases and origins only as far as recorded. */
const catalogue = (
  found: { readonly [E in EntryType]: readonly string[] },
  icd10: readonly string[],
  reach: Reach,
  numbers: { readonly ages: readonly number[]; readonly years: readonly number[] },
): Term[] => {
  const other: { readonly [E in EntryType]: EntryType } = { individual: "biosample", biosample: "individual" };
  const term = (of: EntryType, id: string, label: string, more: Partial<Term> = {}): Term => {
    const type = /^[A-Z][A-Z0-9]*:/.test(id) ? "ontologyTerm" : "custom";
    return { id, type, label, of, scopes: reach === "both" ? [of, other[of]] : [of], ...more };
  };
  const words = (of: EntryType, section: Readonly<Record<string, readonly [string, string]>>): Term[] =>
    Object.values(section).map(([id, label]) => term(of, id, label));
  const own = [
    ...[SEX, COHORT, FAMILY, DATA, USE].flatMap((section) => words("individual", section)),
    ...[SAMPLE_TYPE, STORAGE].flatMap((section) => words("biosample", section)),
    ...words("biosample", ORIGIN).filter(({ id }) => found.biosample.includes(id)),
    ...PROGRAMMES.map((programme) => term("individual", `programme:${programme}`, programme)),
  ];
  const named = new Set(own.map(({ id }) => id));
  const recorded = [...new Set([...found.individual, ...icd10])].filter((id) => !named.has(id)).sort();
  return [
    ...own,
    ...recorded.map((id) => term("individual", id, id.startsWith(ICD10) ? icd10Label(id.slice(ICD10.length)).en : id)),
    term("biosample", AGE, "Age at collection, completed years", valuesOf("duration", numbers.ages)),
    term("biosample", YEAR, "Year of collection", valuesOf("integer", numbers.years)),
  ];
};

const PROGRAMMES = ["CONTROL_GROUP", "PUBLIC_PRIVATE_100K"];

/** The values that a numeric term takes, as ISO 8601 durations in years or as integers. */
const valuesOf = (value: "duration" | "integer", numbers: readonly number[]): Partial<Term> => {
  const seen = [...new Set(numbers)].filter((number) => number !== MISSING).sort((a, b) => a - b);
  const values = seen.map((number) => (value === "duration" ? `P${number}Y` : String(number)));
  return { type: "alphanumeric", value, ...(values.length > 0 ? { values } : {}) };
};
