import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Postgres, startPostgres } from "../postgres.ts";
import { agreesOnBatches, POPULATION } from "./agreement.ts";
import { FIXTURE } from "./fixture.ts";
import { ABSENT, connect, OPTIONS, openOmop, writeCdm } from "./omop-bank.ts";
import { code, has, question } from "./questions.ts";

const NEVER = new AbortController().signal;

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

const openBank = async (donors = FIXTURE) => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(client, donors);
  return { url, client };
};

/** Gives tables, and with `columns` their columns too, names in capitals. */
const inCapitals = async (client: pg.Client, { columns, schema }: { columns: boolean; schema: string }) => {
  const { rows } = await client.query<{ t: string; c: string }>(
    "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = 'cdm'",
  );
  if (columns) {
    for (const { t, c } of rows) await client.query(`ALTER TABLE cdm.${t} RENAME ${c} TO "${c.toUpperCase()}"`);
  }
  for (const t of new Set(rows.map((row) => row.t))) {
    await client.query(`ALTER TABLE cdm.${t} RENAME TO "${t.toUpperCase()}"`);
  }
  if (schema !== "cdm") await client.query(`ALTER SCHEMA cdm RENAME TO "${schema}"`);
};

// "PERSON" could not be named.
test("tables, columns and schemas may be in capitals", { timeout: 60_000 }, async () => {
  for (const { columns, schema } of [
    { columns: false, schema: "cdm" },
    { columns: true, schema: "CDM" },
  ]) {
    const { url, client } = await openBank(POPULATION);
    await inCapitals(client, { columns, schema });
    const adapter = await openOmop(url, { ...OPTIONS, schema });
    await agreesOnBatches(adapter, 60);
    await adapter[Symbol.asyncDispose]();
  }
});

test("a schema is found in small letters too, and the one that is spelled as the options have it comes first", async () => {
  const { url, client } = await openBank();
  const donors = async (schema: string) => {
    const adapter = await openOmop(url, { ...OPTIONS, schema });
    const [got] = await adapter.count([question([])], await adapter.release(NEVER), NEVER);
    return got instanceof Error ? got : got?.donors.max;
  };
  expect(await donors("CDM")).toBe(FIXTURE.length);
  await client.query('CREATE SCHEMA "CDM"; CREATE TABLE "CDM".person AS SELECT * FROM cdm.person WHERE person_id < 3');
  for (const table of [
    "specimen",
    "condition_occurrence",
    "observation",
    "cdm_source",
    "concept",
    "concept_ancestor",
  ]) {
    await client.query(`CREATE TABLE "CDM".${table} AS SELECT * FROM cdm.${table}`);
  }
  expect(await donors("CDM")).toBe(2);
  expect(await donors("cdm")).toBe(FIXTURE.length);
  await client.query('CREATE TABLE cdm."Person" AS SELECT * FROM cdm.person WHERE person_id < 3');
  expect(await donors("cdm"), "exactly so").toBe(FIXTURE.length);
  await client.query('ALTER TABLE cdm.person RENAME TO "PERSON"');
  await expect(openOmop(url, OPTIONS)).rejects.toMatchObject({
    message: "[bank] schema cdm: wanted one table person, got several that differ in capitals",
  });
});

test("a vocabulary may stand in a schema of its own", async () => {
  const { url, client } = await openBank();
  await client.query(`CREATE SCHEMA vocabulary; ALTER TABLE cdm.concept SET SCHEMA vocabulary;
    ALTER TABLE cdm.concept_ancestor SET SCHEMA vocabulary;
    INSERT INTO vocabulary.concept_ancestor VALUES (10, 10, 0, 0), (10, 11, 1, 1);
    INSERT INTO vocabulary.concept (concept_id, concept_name, domain_id, vocabulary_id, concept_class_id, concept_code,
      valid_start_date, valid_end_date) VALUES (5, 'x', 'Condition', 'ICD10', 'x', 'E11.9', '1970-01-01', '2099-12-31');
    UPDATE cdm.condition_occurrence SET condition_concept_id = 11, condition_source_concept_id = 5 WHERE person_id = 1`);
  for (const [disease, code10] of [
    [{ by: "standard" }, "10"],
    [{ by: "source_concept" }, "E11.9"],
  ] as const) {
    const mapping = { ...ABSENT, DISEASE: { codes: [code10], absent: [], complete: false } };
    const missing = openOmop(url, { ...OPTIONS, disease }, mapping);
    const table = code10 === "10" ? "concept_ancestor" : "concept";
    await expect(missing).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: `[bank] adapter.vocabularySchema: wanted a table ${table} in the schema cdm, got none`,
    });
    const adapter = await openOmop(url, { ...OPTIONS, disease, vocabularySchema: "vocabulary" }, mapping);
    const [got] = await adapter.count([question([has("DISEASE", code(code10))])], await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject({ donors: { min: 1, max: 1 } });
  }
});

// They were found at the first question that used them.
test("a table, a column or a right that is not there is told at opening, by its name", async () => {
  const { url, client } = await openBank();
  await client.query("CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA cdm TO reader");
  await client.query(
    "GRANT SELECT ON ALL TABLES IN SCHEMA cdm TO reader; REVOKE SELECT ON cdm.observation FROM reader",
  );
  const reader = new URL(url);
  reader.username = "reader";
  await expect(openOmop(reader.href)).rejects.toMatchObject({
    code: "BANK_REFUSED",
    message: "[bank] cdm.observation: wanted the right to read person_id, got none",
  });
  await client.query("REVOKE USAGE ON SCHEMA cdm FROM reader; DROP OWNED BY reader; DROP ROLE reader");
  await client.query("ALTER TABLE cdm.specimen DROP COLUMN disease_status_source_value");
  await expect(openOmop(url)).rejects.toMatchObject({
    code: "BANK_BROKEN",
    message: "[bank] cdm.specimen: wanted a column disease_status_source_value, got none",
  });
  await client.query("DROP TABLE cdm.observation");
  const { sampleOrigin: _, ...options } = OPTIONS;
  await expect(openOmop(url, options)).rejects.toMatchObject({
    message: "[bank] adapter.schema: wanted a table observation in the schema cdm, got none",
  });
  const { cohort, family, programme, data, use, ...few } = options;
  await (await openOmop(url, few))[Symbol.asyncDispose]();
});

test("views without the columns that no option names are enough", async () => {
  const { url, client } = await openBank();
  await client.query(`ALTER SCHEMA cdm RENAME TO held; CREATE SCHEMA cdm;
    CREATE VIEW cdm.person AS SELECT person_id::bigint AS person_id, year_of_birth FROM held.person;
    CREATE VIEW cdm.specimen AS SELECT person_id::bigint AS person_id, specimen_date, specimen_concept_id FROM held.specimen;
    CREATE VIEW cdm.cdm_source AS SELECT * FROM held.cdm_source`);
  const { kind, timeoutMs, atOnce, release } = OPTIONS;
  const options = { kind, timeoutMs, atOnce, release, sampleType: { by: "concept" }, age: { by: "year_of_birth" } };
  await expect(openOmop(url, options)).rejects.toMatchObject({
    message: "[bank] cdm.person: wanted a column gender_concept_id, got none",
  });
  await client.query(`CREATE OR REPLACE VIEW cdm.person AS
    SELECT person_id::bigint AS person_id, year_of_birth, 0 AS gender_concept_id FROM held.person`);
  const adapter = await openOmop(url, options);
  const aged = { op: "has", field: "AGE_AT_COLLECTION", test: { from: 0, to: 99, missing: false } } as const;
  const asked = question([has("SEX", { codes: [], negate: false, missing: true })], aged);
  const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
  expect(got).toMatchObject({ donors: { min: FIXTURE.length } });
});
