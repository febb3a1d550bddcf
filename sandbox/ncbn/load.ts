import type { RecordedDonor, RecordedSample } from "../donor.ts";
import { prng } from "../prng.ts";
import { RELEASES } from "../releases.ts";
import { type CdmRow, type CdmTable, cdmWriter, indicesSql, type RunSql, tablesSql } from "./cdm.ts";
import {
  CENTRES,
  CONSENT,
  conditionRows,
  conditions,
  DATA,
  DISEASE_STATUS,
  GENDER,
  OBSERVATION,
  ownConceptRows,
  PROGRAMME,
  RECORD_TYPE,
  SPECIMEN,
} from "./concepts.ts";

/** The schema that the CDM lies in. */
export const SCHEMA = "cdm";

/** Version of the loaded tables. Raise it when they change. */
export const FORMAT = 2;

/** The day of collection where it is not known: specimen_date must not be NULL. */
const NO_DAY = "1900-01-01";
const OBSERVED = "2024-12-31";

type Donors = Iterable<RecordedDonor> | AsyncIterable<RecordedDonor>;

/** Makes the schema and loads any donors into it, as release 1. A code that NCBN does not have throws a RangeError. */
export const loadCdm = async (run: RunSql, donors: Donors): Promise<void> => {
  await run(`CREATE SCHEMA ${SCHEMA}`);
  for (const sql of tablesSql(SCHEMA)) await run(sql);
  const writer = cdmWriter(run, SCHEMA);
  for (const [index, centre] of CENTRES.entries()) {
    await writer.add("care_site", {
      care_site_id: index + 1,
      care_site_name: centre.toUpperCase(),
      care_site_source_value: centre,
    });
  }
  for (const row of ownConceptRows()) await writer.add("concept", row);
  await writer.add("cdm_source", SOURCE);
  await addDonors(writer, donors, { codes: [], last: {} });
  for (const sql of indicesSql(SCHEMA)) await run(sql);
  await run("ANALYZE");
};

/** The content of the tables so far: ICD-10 codes in the order of their concepts, and the highest id of each table. */
export type Held = { readonly codes: readonly string[]; readonly last: { readonly [T in CdmTable]?: number } };

/** Writes the rows of donors, and those of the codes that only they have. */
export const addDonors = async (
  writer: ReturnType<typeof cdmWriter>,
  donors: Donors,
  { codes, last }: Held,
): Promise<void> => {
  const icd10 = conditions(codes);
  const before = icd10.known.size;
  const next = counters(last);
  for await (const donor of donors) {
    for (const [table, row] of donorRows(donor, next("person"), icd10.of, next)) await writer.add(table, row);
  }
  for (const [table, row] of conditionRows(icd10.known, before)) await writer.add(table, row);
  await writer.flush();
};

const SOURCE: CdmRow = {
  cdm_source_name: "National Center Biobank Network (synthetic)",
  cdm_source_abbreviation: "NCBN",
  cdm_holder: "Sandbox",
  cdm_etl_reference: RELEASES[1].number,
  source_release_date: RELEASES[1].date,
  cdm_release_date: RELEASES[1].date,
  cdm_version: "5.4",
  cdm_version_concept_id: 0,
  vocabulary_version: "sandbox",
};

/** Statuses of diagnoses that were had: primary, secondary and confirmed ones, and none, which is concept 0 or NULL. */
const STATUSES: readonly (number | null)[] = [32_902, 0, 32_908, null, 32_893];

type Next = (table: CdmTable) => number;
const counters = (before: Held["last"]): Next => {
  const last = new Map(Object.entries(before) as [CdmTable, number][]);
  return (table) => {
    const id = (last.get(table) ?? 0) + 1;
    last.set(table, id);
    return id;
  };
};

function* donorRows(
  donor: RecordedDonor,
  person: number,
  conditionOf: ReturnType<typeof conditions>["of"],
  next: Next,
): Generator<readonly [CdmTable, CdmRow]> {
  const born = birthOf(donor);
  yield [
    "person",
    {
      person_id: person,
      gender_concept_id: GENDER[donor.sex ?? "OTHER"],
      year_of_birth: donor.birthYear,
      month_of_birth: born.month,
      day_of_birth: born.day,
      birth_datetime: born.date,
      race_concept_id: 0,
      ethnicity_concept_id: 0,
      care_site_id: CENTRES.findIndex((centre) => donor.centre === `ncbn/${centre}`) + 1,
      person_source_value: donor.id,
      gender_source_value: donor.sex?.slice(0, 1) ?? null,
    },
  ];
  yield [
    "observation_period",
    {
      observation_period_id: person,
      person_id: person,
      observation_period_start_date: born.date,
      observation_period_end_date: OBSERVED,
      period_type_concept_id: RECORD_TYPE,
    },
  ];
  for (const diagnosis of donor.diagnoses) {
    const code = diagnosis.replace("ICD10:", "");
    const { source, standard } = conditionOf(code);
    const id = next("condition_occurrence");
    yield [
      "condition_occurrence",
      {
        condition_occurrence_id: id,
        person_id: person,
        condition_concept_id: standard,
        condition_start_date: OBSERVED,
        condition_type_concept_id: RECORD_TYPE,
        condition_source_value: code,
        condition_source_concept_id: source,
        condition_status_concept_id: STATUSES[id % STATUSES.length]!,
      },
    ];
  }
  const observed = [
    ...donor.uses.map((use) => [OBSERVATION.CONSENT, CONSENT[use], use] as const),
    ...donor.data.map((kind) => [OBSERVATION.DATA, DATA[kind], kind] as const),
    ...donor.programmes.map((programme) => [OBSERVATION.PROGRAMME, PROGRAMME[programme], programme] as const),
  ];
  for (const [about, value, code] of observed) {
    yield [
      "observation",
      {
        observation_id: next("observation"),
        person_id: person,
        observation_concept_id: about,
        observation_date: OBSERVED,
        observation_type_concept_id: RECORD_TYPE,
        value_as_concept_id: known(value, code),
        value_source_value: code,
      },
    ];
  }
  for (const sample of donor.samples) {
    const id = next("specimen");
    yield ["specimen", specimenRow(sample, id, person)];
  }
}

/**
 * The day of collection is in the middle of the year. Without the year there is no day; without the age specimen_datetime,
 * from which the age is computed, is NULL.
 */
const specimenRow = ({ type, origin, age, year, storage }: RecordedSample, id: number, person: number): CdmRow => {
  const day =
    year === null
      ? NO_DAY
      : `${year}-${String(4 + (id % 6)).padStart(2, "0")}-${String(1 + (id % 28)).padStart(2, "0")}`;
  return {
    specimen_id: id,
    person_id: person,
    specimen_concept_id: type === null ? 0 : known(SPECIMEN[type], type),
    specimen_type_concept_id: RECORD_TYPE,
    specimen_date: day,
    specimen_datetime: year === null || age === null ? null : `${day} 09:00:00`,
    // What is not known is concept 0 or NULL, as the hospital's system had it.
    disease_status_concept_id: origin === null ? [0, null][id % 2]! : DISEASE_STATUS[origin],
    specimen_source_value: `${type ?? ""}|${storage ?? ""}`,
  };
};

/** Samples are taken from April to September: a donor who is a year younger than the years suggest was born after that. */
const birthOf = ({ id, birthYear, samples }: RecordedDonor) => {
  const late = samples.some(({ age, year }) => age !== null && year !== null && age < year - birthYear);
  const draw = prng(`birth/${id}`);
  const month = late ? draw.between(10, 12) : draw.between(1, 3);
  const day = draw.between(1, 28);
  return { month, day, date: `${birthYear}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}` };
};

const known = (concept: number | undefined, code: string): number => {
  if (concept === undefined) throw new RangeError(`NCBN has no concept for ${code}`);
  return concept;
};
