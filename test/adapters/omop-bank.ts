import pg from "pg";
import { onTestFinished } from "vitest";
import type { Adapter, MappedCodes } from "../../adapters/adapter.ts";
import { omop } from "../../adapters/omop.ts";
import { cdmWriter, indicesSql, tablesSql } from "../../sandbox/ncbn/cdm.ts";
import type { LocalDonor } from "./evaluate.ts";
import { openAdapter } from "./kit-bank.ts";

const SCHEMA = "cdm";
/** observation_concept_id of each kind of record. */
const OBSERVED = { COHORT: 1, FAMILY: 2, PROGRAMME: 3, DATA: 4, USE: 5 } as const;
const part = (number: number) => ({ by: "source_value", part: { separator: "|", number } });
const observed = (concept: number) => ({ concepts: [concept], value: "string" });

/** The options that fit what writeCdm writes. */
export const OPTIONS = {
  kind: "omop",
  timeoutMs: 20_000,
  atOnce: 2,
  release: { version: "cdm_etl_reference" },
  disease: { by: "source_value", status: { counts: ["certain"] } },
  sex: "source_value",
  cohort: observed(OBSERVED.COHORT),
  family: observed(OBSERVED.FAMILY),
  programme: observed(OBSERVED.PROGRAMME),
  data: observed(OBSERVED.DATA),
  use: observed(OBSERVED.USE),
  sampleType: part(1),
  storage: part(2),
  age: part(3),
  sampleOrigin: "source_value",
} as const;

/** specimen_date must not be NULL: this year stands for one that is not known. */
export const ABSENT: MappedCodes = { COLLECTED_YEAR: { codes: [], absent: ["1900"], complete: false } };

/** A connection of the test's own, which ends with it. */
export const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
};

/**
 * Writes any donors as a CDM, in one transaction; whatever the schema held is gone. Diagnoses and ages may be in doubt, and nothing
 * else.
 */
export const writeCdm = async (client: pg.Client, donors: readonly LocalDonor[], number = 1): Promise<void> => {
  const run = (sql: string, values: readonly unknown[] = []) => client.query(sql, [...values]);
  await run("BEGIN");
  await run(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await run(`CREATE SCHEMA ${SCHEMA}`);
  for (const sql of tablesSql(SCHEMA)) await run(sql);
  const writer = cdmWriter(run, SCHEMA);
  let id = 0;
  for (const [index, { values, inDoubt, samples }] of donors.entries()) {
    const person = index + 1;
    await writer.add("person", {
      person_id: person,
      gender_concept_id: 0,
      year_of_birth: 1970,
      race_concept_id: 0,
      ethnicity_concept_id: 0,
      gender_source_value: values.SEX?.[0] ?? null,
    });
    const diagnoses = [
      ...(values.DISEASE ?? []).map((code, at) => ({ code, status: at % 2 === 0 ? "" : "certain" })),
      ...(inDoubt?.DISEASE ?? []).map((code) => ({ code, status: "Suspected" })),
    ];
    for (const { code, status } of diagnoses) {
      await writer.add("condition_occurrence", {
        condition_occurrence_id: ++id,
        person_id: person,
        condition_concept_id: 0,
        condition_start_date: "2014-01-01",
        condition_type_concept_id: 0,
        condition_source_value: code,
        condition_status_source_value: status,
      });
    }
    for (const [field, concept] of Object.entries(OBSERVED)) {
      for (const code of values[field as keyof typeof OBSERVED] ?? []) {
        await writer.add("observation", {
          observation_id: ++id,
          person_id: person,
          observation_concept_id: concept,
          observation_date: "2014-01-01",
          observation_type_concept_id: 0,
          value_as_string: code,
        });
      }
    }
    for (const { values: of, age, year, numbers } of samples) {
      const written = numbers?.AGE_AT_COLLECTION === undefined ? age : "about 40";
      await writer.add("specimen", {
        specimen_id: ++id,
        person_id: person,
        specimen_concept_id: 0,
        specimen_type_concept_id: 0,
        specimen_date: `${year ?? 1900}-07-01`,
        specimen_source_value: [of.SAMPLE_TYPE?.[0], of.STORAGE?.[0], written].map((one) => one ?? "").join("|"),
        disease_status_source_value: of.SAMPLE_ORIGIN?.[0] ?? null,
      });
    }
  }
  await writer.add("cdm_source", {
    cdm_source_name: "test",
    cdm_source_abbreviation: "test",
    cdm_holder: "test",
    cdm_etl_reference: String(number),
    source_release_date: "2026-04-01",
    cdm_release_date: "2026-04-01",
    cdm_version_concept_id: 0,
    vocabulary_version: "none",
  });
  await writer.flush();
  for (const sql of indicesSql(SCHEMA)) await run(sql);
  await run("COMMIT");
};

/** Opens an adapter on a database. */
export const openOmop = (url: string, options: object = OPTIONS, mapping: MappedCodes = ABSENT): Promise<Adapter> =>
  openAdapter({ kind: omop, options: { url, ...options }, mapping });

/** How many sessions of adapters a database has. */
export const sessions = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'odan' AND datname = current_database()",
  );
  return rows[0]?.n ?? -1;
};
