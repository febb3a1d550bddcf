import pg from "pg";
import { type CdmRow, type CdmTable, cdmWriter, indicesSql, tablesSql } from "../../../sandbox/ncbn/cdm.ts";
import { ownPostgres } from "../../postgres.ts";
import type { FieldDonor, FieldSample } from "../truth/donors.ts";
import type { FieldServer, FieldServerKind } from "./server.ts";

/**
 * OMOP CDM 5.4 with the official list of fields in a PostgreSQL of this machine. As in many real ones there are no foreign keys, so
 * that rows belong to nobody; NULLs stand where the standard has none; what is not known is concept 0, another concept or NULL; the
 * vocabulary is in a schema of its own, the tables are in capitals, and some diagnoses are preliminary or ruled out. SQL is not recorded: `npm test` starts it with fewer questions.
 */
export const omop: FieldServerKind = {
  name: "omop",
  records: false,

  async start(donors) {
    const server = await ownPostgres();
    const url = await server.newDatabase();
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    await load(client, donors);
    await client.end();
    const [version] = rows[0]!.server_version.split(" ");
    return {
      version: `PostgreSQL ${version}, OMOP CDM 5.4`,
      urls: { database: url },
      stop: async () => server[Symbol.asyncDispose](),
    } satisfies FieldServer;
  },

  bankYaml: ({ database }) => `id: omop
name: { en: An OMOP CDM }
contact: { name: Office, email: office@omop.example }
size: { donors: 5000, samples: 50000 }
adapter:
  kind: omop
  url: ${database}
  schema: CDM
  vocabularySchema: vocabulary
  release: { version: cdm_etl_reference }
  disease: { by: source_concept, vocabulary: ICD10, status: { not: [ruled out] } }
  sex: concept
  cohort: { concepts: [${ABOUT.cohort}], value: concept }
  data: { concepts: [${ABOUT.data}], value: source_value }
  use: { concepts: [${ABOUT.use}], value: string }
  sampleType: { by: concept }
  sampleOrigin: concept
  storage: { by: source_value, part: { separator: "|", number: 2 } }
  age: { by: source_value, part: { separator: "|", number: 3 } }
absent: { sex: ["8551"], year: ["1900"] }
disease: { system: ICD10, spelling: dotted }
sex: { "8532": FEMALE, "8507": MALE, "8521": OTHER }
cohort: { "2000000011": PATIENT, "2000000012": POPULATION, "2000000013": FAMILY }
data: { WGS: WGS, SNP_ARRAY: SNP_ARRAY, IMAGING: IMAGING }
use: { whenAbsent: denied, codes: { ACADEMIC: ACADEMIC, COMMERCIAL: COMMERCIAL, OVERSEAS: OVERSEAS } }
sampleType: { "2000000021": DNA, "2000000022": RNA, "2000000023": PLASMA, "2000000024": WHOLE_BLOOD }
sampleOrigin: { "2000000031": TUMOUR, "2000000032": NORMAL }
storage: { ROOM: ROOM, MINUS_80: MINUS_80, LN2: LN2 }
complete: [disease, cohort, data, use]
disclosure: { off: true }
`,
};

/** observation_concept_id of each kind of record. */
const ABOUT = { cohort: 2_000_000_001, data: 2_000_000_002, use: 2_000_000_003 } as const;
const SEX = { FEMALE: 8532, MALE: 8507, OTHER: 8521 } as const;
const COHORT = { PATIENT: 2_000_000_011, POPULATION: 2_000_000_012, FAMILY: 2_000_000_013 } as const;
/** Saliva is not mapped: it is a concept that the bank.yaml does not name, no concept, or NULL. */
const TYPE = { DNA: 2_000_000_021, RNA: 2_000_000_022, PLASMA: 2_000_000_023, WHOLE_BLOOD: 2_000_000_024 } as const;
const ORIGIN = { TUMOUR: 2_000_000_031, NORMAL: 2_000_000_032 } as const;
/** A person that there is not. */
const NOBODY = 9_999_999;

const load = async (client: pg.Client, donors: readonly FieldDonor[]): Promise<void> => {
  const run = (sql: string, values: readonly unknown[] = []) => client.query(sql, [...values]);
  await run("CREATE SCHEMA cdm");
  for (const sql of tablesSql("cdm")) await run(sql);
  for (const [table, column] of NULLABLE) await run(`ALTER TABLE cdm.${table} ALTER ${column} DROP NOT NULL`);
  const writer = cdmWriter(run, "cdm");
  for (const [table, row] of rowsOf(donors)) await writer.add(table, row);
  await writer.flush();
  for (const sql of indicesSql("cdm")) await run(sql);
  await run("CREATE SCHEMA vocabulary");
  for (const table of ["concept", "concept_ancestor"]) await run(`ALTER TABLE cdm.${table} SET SCHEMA vocabulary`);
  const { rows } = await client.query<{ t: string }>("SELECT tablename AS t FROM pg_tables WHERE schemaname = 'cdm'");
  for (const { t } of rows) await run(`ALTER TABLE cdm.${t} RENAME TO "${t.toUpperCase()}"`);
  await run('ALTER SCHEMA cdm RENAME TO "CDM"');
  await run("ANALYZE");
};

const NULLABLE = [
  ["person", "gender_concept_id"],
  ["specimen", "person_id"],
  ["specimen", "specimen_concept_id"],
  ["specimen", "specimen_date"],
  ["condition_occurrence", "person_id"],
] as const;

type Row = readonly [CdmTable, CdmRow];

function* rowsOf(donors: readonly FieldDonor[]): Generator<Row> {
  yield ["cdm_source", SOURCE];
  const codes = [...new Set(donors.flatMap(({ diagnoses }) => diagnoses))];
  for (const [at, code] of codes.entries()) yield ["concept", conceptRow(code, at)];
  let id = 0;
  for (const [at, donor] of donors.entries()) {
    const person = at + 1;
    yield ["person", personRow(donor, person)];
    // A diagnosis may stand there twice, and one of nobody beside it.
    const diagnoses = donor.diagnoses.flatMap((code, n) => (n % 2 === 0 ? [code, code] : [code]));
    for (const [code, status] of [
      ...diagnoses.map((each) => [each, statusOf(each, person)] as const),
      ...notHad(donor, person),
    ]) {
      yield ["condition_occurrence", { ...conditionRow(++id, person, conceptOf(codes, code)), ...status }];
    }
    for (const row of observationsOf(donor)) {
      yield ["observation", { ...OBSERVED, ...row, observation_id: ++id, person_id: person }];
    }
    for (const sample of donor.samples) yield ["specimen", specimenRow(sample, ++id, person)];
  }
  for (const person of [NOBODY, null]) {
    for (let n = 0; n < 20; n++) {
      yield ["condition_occurrence", conditionRow(++id, person, conceptOf(codes, codes[n % codes.length]!))];
      const sample = donors.flatMap(({ samples }) => samples)[n]!;
      yield ["specimen", specimenRow(sample, ++id, person)];
    }
  }
}

const SOURCE: CdmRow = {
  cdm_source_name: "field",
  cdm_source_abbreviation: "field",
  cdm_holder: "field",
  cdm_etl_reference: "1",
  source_release_date: "2026-04-01",
  cdm_release_date: "2026-04-01",
  cdm_version_concept_id: 0,
  vocabulary_version: "none",
};

const FIRST_CODE = 2_000_001_000;
const conceptOf = (codes: readonly string[], code: string): number => FIRST_CODE + codes.indexOf(code);

const conceptRow = (code: string, at: number): CdmRow => ({
  concept_id: FIRST_CODE + at,
  concept_name: code,
  domain_id: "Condition",
  vocabulary_id: "ICD10",
  concept_class_id: "ICD10",
  concept_code: code,
  valid_start_date: "1970-01-01",
  valid_end_date: "2099-12-31",
});

const personRow = ({ id, sex, sexKnown }: FieldDonor, person: number): CdmRow => ({
  person_id: person,
  gender_concept_id: sexKnown ? SEX[sex] : [0, 8551, null][person % 3]!,
  year_of_birth: 1960,
  race_concept_id: 0,
  ethnicity_concept_id: 0,
  person_source_value: id,
});

const conditionRow = (id: number, person: number | null, concept: number): CdmRow => ({
  condition_occurrence_id: id,
  person_id: person,
  condition_concept_id: 0,
  condition_start_date: "2014-01-01",
  condition_type_concept_id: 0,
  condition_source_concept_id: concept,
});

const PRELIMINARY = 32_899;

/** Every third Parkinson's disease is known by a preliminary diagnosis alone; the others have a status that counts, or none. */
const statusOf = (code: string, person: number): CdmRow => {
  if (code === "G20" && person % 3 === 0) return { condition_status_concept_id: PRELIMINARY };
  return { condition_status_concept_id: [32_893, 0, null, 32_902][person % 4]! };
};

/** Diagnoses that a donor never had: they were ruled out, or never confirmed. */
const notHad = ({ diagnoses }: FieldDonor, person: number): readonly (readonly [string, CdmRow])[] => [
  ...(person % 5 === 0 && !diagnoses.includes("E11.9")
    ? [["E11.9", { condition_status_concept_id: 0, condition_status_source_value: "Ruled out" }] as const]
    : []),
  ...(person % 7 === 0 && !diagnoses.includes("G20")
    ? [["G20", { condition_status_concept_id: PRELIMINARY }] as const]
    : []),
];

const OBSERVED: CdmRow = { observation_date: "2014-01-01", observation_type_concept_id: 0 };

/** Beside what is asked for there are observations of other things with the same values. */
const observationsOf = ({ cohort, data, uses }: FieldDonor): readonly CdmRow[] => [
  { observation_concept_id: ABOUT.cohort, value_as_concept_id: COHORT[cohort] },
  { observation_concept_id: 4_000_000, value_as_concept_id: COHORT.PATIENT, value_source_value: "WGS" },
  ...data.map((kind): CdmRow => ({ observation_concept_id: ABOUT.data, value_source_value: kind })),
  ...uses.map((use): CdmRow => ({ observation_concept_id: ABOUT.use, value_as_string: use })),
];

const specimenRow = (sample: FieldSample, id: number, person: number | null): CdmRow => {
  const { type, origin, originKnown, storage, storageKnown, age, ageKnown, day, dayKnown } = sample;
  const [one, other, third] = [id % 3 === 0, id % 3 === 1, id % 3 === 2];
  return {
    specimen_id: id,
    person_id: person,
    specimen_concept_id: type === "SALIVA" ? (one ? 2_000_000_025 : other ? 0 : null) : TYPE[type],
    specimen_type_concept_id: 0,
    specimen_date: dayKnown ? day : third ? null : "1900-01-01",
    disease_status_concept_id: originKnown ? ORIGIN[origin] : one ? null : 0,
    specimen_source_value: `${id}|${storageKnown ? storage : ""}|${ageKnown ? Math.floor(age) : ""}`,
  };
};
