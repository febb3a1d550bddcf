import pg from "pg";
import { tablesSql } from "../../../sandbox/ncbn/cdm.ts";

/** Codes of diagnoses; the last is none of ICD-10. */
const CODES =
  "E11.9 E11.2 E10.9 E14.1 I10 I63.5 I63.9 I21.0 C34.1 C34.9 C50.4 C16.2 C18.7 C61 F32.9 G30.1 J45.9 N18.9 K21.9 M17 H25.1 L20.9 R56.0 Q21.1 E78.5 B18.1 D80.0 G20 I48 I50.0 Z99.9 XXX".split(
    " ",
  );

/**
 * Fills a database with persons, about 2.4 diagnoses, 1.5 specimens and an observation each, by the server itself and the same
 * each time, with the indices of the official files.
 */
export const loadMillion = async (url: string, persons: number): Promise<void> => {
  const client = new pg.Client(url);
  await client.connect();
  await client.query("CREATE SCHEMA cdm");
  for (const sql of [...tablesSql("cdm"), ...rowsSql(persons), ...INDICES, "VACUUM ANALYZE"]) await client.query(sql);
  await client.end();
};

const drawn = (count: number, seed: number): string =>
  `(SELECT i, abs(hashint4(i + ${seed})) AS h FROM generate_series(0, ${count - 1}) i) g`;

const rowsSql = (persons: number): readonly string[] => [
  `INSERT INTO cdm.person (person_id, gender_concept_id, year_of_birth, month_of_birth, day_of_birth, birth_datetime,
      race_concept_id, ethnicity_concept_id)
    SELECT i, CASE WHEN h % 100 < 2 THEN 0 WHEN h % 2 = 0 THEN 8532 ELSE 8507 END, date_part('year', d), date_part('month', d),
      date_part('day', d), d, 0, 0
    FROM (SELECT i, h, date '1930-01-01' + h / 100 % 25000 AS d FROM ${drawn(persons, 0)}) p`,
  `INSERT INTO cdm.condition_occurrence (condition_occurrence_id, person_id, condition_concept_id, condition_start_date,
      condition_type_concept_id, condition_source_value)
    SELECT i, i / 3, 0, '2014-01-01', 0, ('{${CODES.join(",")}}'::text[])[1 + (h % 32) * (h / 32 % 32) / 32]
    FROM ${drawn(3 * persons, 7)} WHERE h % 5 > 0`,
  `INSERT INTO cdm.specimen (specimen_id, person_id, specimen_concept_id, specimen_type_concept_id, specimen_date,
      specimen_datetime, specimen_source_value)
    SELECT i, i / 2, 2000000001 + h % 6, 0, d, CASE WHEN h % 20 > 0 THEN d END,
      'x|' || ('{LN2,MINUS_80,ROOM,""}'::text[])[1 + h / 11 % 4]
    FROM (SELECT i, h, date '2012-01-01' + h / 6 % 3650 AS d FROM ${drawn(2 * persons, 99)}) s WHERE h % 4 > 0`,
  `INSERT INTO cdm.observation (observation_id, person_id, observation_concept_id, observation_date,
      observation_type_concept_id, value_as_concept_id)
    SELECT i, i, CASE WHEN h % 2 = 0 THEN 2000000300 ELSE 1 END, '2014-01-01', 0, 2000000301 + h / 2 % 4
    FROM ${drawn(persons, 5)}`,
  `INSERT INTO cdm.cdm_source (cdm_source_name, cdm_source_abbreviation, cdm_holder, source_release_date, cdm_release_date,
      cdm_version_concept_id, vocabulary_version) VALUES ('m', 'm', 'm', '2026-04-01', '2026-04-01', 0, 'none')`,
];

const KEYS = [
  ["person", "person_id"],
  ["specimen", "specimen_id"],
  ["condition_occurrence", "condition_occurrence_id"],
  ["observation", "observation_id"],
] as const;
const INDEXED = [
  ["person", "gender_concept_id"],
  ["specimen", "person_id"],
  ["specimen", "specimen_concept_id"],
  ["condition_occurrence", "person_id"],
  ["condition_occurrence", "condition_concept_id"],
  ["observation", "person_id"],
  ["observation", "observation_concept_id"],
] as const;
const INDICES = [
  ...KEYS.map(([table, column]) => `ALTER TABLE cdm.${table} ADD PRIMARY KEY (${column})`),
  ...INDEXED.map(([table, column]) => `CREATE INDEX ON cdm.${table} (${column})`),
];

/** The bank.yaml of that database. Nothing is warranted, so that each number has two ends. */
export const millionBank = (url: string): string => `id: million
name: { en: A million }
contact: { name: Office, email: office@million.example }
size: { donors: 2000000, samples: 5000000 }
adapter:
  kind: omop
  url: ${url}
  timeoutMs: 120000
  disease: { by: source_value }
  sex: concept
  data: { concepts: [2000000300], value: concept }
  sampleType: { by: concept }
  storage: { by: source_value, part: { separator: "|", number: 2 } }
  age: { by: birth_datetime, at: specimen_datetime }
disease: { system: ICD10, spelling: dotted }
sex: { "8532": FEMALE, "8507": MALE }
data: { "2000000301": WGS, "2000000302": SNP_ARRAY }
sampleType: { "2000000001": DNA, "2000000002": RNA, "2000000003": PLASMA, "2000000004": WHOLE_BLOOD }
storage: { ROOM: ROOM, MINUS_80: MINUS_80, LN2: LN2 }
release: { announced: true }
disclosure: { off: true }
`;
