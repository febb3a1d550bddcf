import { mkdir, mkdtemp, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADAPTERS } from "../../adapters/index.ts";
import type { Counts, Test } from "../../adapters/local.ts";
import { loadNcbn, serveNcbn } from "../../sandbox/ncbn/database.ts";
import { lockFolder } from "../../sandbox/ncbn/lock.ts";
import cdm from "../../sandbox/ncbn/omop-cdm54.json" with { type: "json" };
import { publishNcbn } from "../../sandbox/ncbn/publish.ts";
import { donorsIn, records } from "../../sandbox/population.ts";
import type { ReleaseNumber } from "../../sandbox/releases.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { FieldName } from "../../schema/fields.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { mappedCodes } from "../../subgraphs/serve/open.ts";
import { EVERY } from "../adapters/questions.ts";
import { type Postgres, startPostgres } from "../postgres.ts";

const SIZE = 0.01;
const NEVER = new AbortController().signal;

let root: string;
let postgres: Postgres;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "odan-ncbn-"));
  postgres = await startPostgres();
}, 120_000);
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

/** The adapter that NCBN's bank.yaml asks for, on a database. */
const openBank = async (url: string) => {
  const file = "subgraphs/banks/ncbn/bank.yaml";
  const mapping = parseMapping(await readFile(file, "utf8"), file, { ODAN_NCBN_URL: url });
  const options = ADAPTERS.omop.options.parse(mapping.yaml.adapter);
  const { announced } = mapping.yaml.release;
  const context = { bank: "ncbn", folder: ".", env: process.env, announced };
  return ADAPTERS.omop.open(options, mappedCodes(mapping), context, NEVER);
};

/** What the adapter counts of the recorded population, field by field. */
const expectPopulation = async (url: string, number: ReleaseNumber = 1): Promise<void> => {
  const DONORS = [...records("ncbn", { size: SIZE, release: number })];
  const SAMPLES = DONORS.flatMap(({ samples }) => samples);
  const adapter = await openBank(url);
  const release = await adapter.release(NEVER);
  const told = { 1: ["ncbn@2026.1", "2026-04-01"], 2: ["ncbn@2026.2", "2026-10-01"] }[number];
  expect(release).toEqual({ id: told[0], date: told[1], kind: "ANNOUNCED" });
  const codes = (...all: readonly string[]) => ({ codes: all, negate: false, missing: false });
  const missing = { codes: [], negate: false, missing: true };
  const unknown = { from: 1, to: 0, missing: true };
  const by = async (field: FieldName, cells: readonly Test[]): Promise<readonly Counts[]> => {
    const [got] = await adapter.count([{ donors: EVERY, samples: EVERY, by: [{ field, cells }] }], release, NEVER);
    if (got === undefined || got instanceof BankError || got.cells === undefined) throw got ?? new Error("no cells");
    return got.cells;
  };
  const donors = async (field: FieldName, ...cells: readonly Test[]) =>
    (await by(field, cells)).map((cell) => cell.donors.min);
  const samples = async (field: FieldName, ...cells: readonly Test[]) =>
    (await by(field, cells)).map((cell) => cell.samples.min);
  const held = (test: (donor: (typeof DONORS)[number]) => boolean): number => DONORS.filter(test).length;
  const kept = (test: (sample: (typeof SAMPLES)[number]) => boolean): number => SAMPLES.filter(test).length;

  expect(await donors("SEX", codes("8532"), missing)).toEqual([
    held(({ sex }) => sex === "FEMALE"),
    held(({ sex }) => sex === null),
  ]);
  expect(await donors("CENTRE", codes("1"), codes("6"))).toEqual([
    held(({ centre }) => centre === "ncbn/ncc"),
    held(({ centre }) => centre === "ncbn/ncgg"),
  ]);
  expect(await donors("DISEASE", codes("C34.1"), missing)).toEqual([
    held(({ diagnoses }) => diagnoses.includes("ICD10:C34.1")),
    held(({ diagnoses }) => diagnoses.length === 0),
  ]);
  expect(await donors("USE", codes("2000000202"))).toEqual([held(({ uses }) => uses.includes("COMMERCIAL"))]);
  expect(await donors("DATA", codes("2000000301"))).toEqual([held(({ data }) => data.includes("WGS"))]);
  expect(await donors("PROGRAMME", codes("2000000401"))).toEqual([held(({ programmes }) => programmes.length > 0)]);
  expect(await donors("COHORT", codes("patient"))).toEqual([DONORS.length]);
  expect(await samples("SAMPLE_TYPE", codes("2000000004"))).toEqual([kept(({ type }) => type === "PLASMA")]);
  expect(await samples("SAMPLE_ORIGIN", codes("2000000101"), missing)).toEqual([
    kept(({ origin }) => origin === "TUMOUR"),
    kept(({ origin }) => origin === null),
  ]);
  expect(await samples("STORAGE", codes("MINUS_80"), missing)).toEqual([
    kept(({ storage }) => storage === "MINUS_80"),
    kept(({ storage }) => storage === null),
  ]);
  expect(await samples("COLLECTED_YEAR", { from: 2015, to: 2015, missing: false }, unknown)).toEqual([
    kept(({ year }) => year === 2015),
    kept(({ year }) => year === null),
  ]);
  // The CDM has no age without a day.
  expect(await samples("AGE_AT_COLLECTION", { from: 60, to: 69, missing: false }, unknown)).toEqual([
    kept(({ age, year }) => year !== null && age !== null && age >= 60 && age <= 69),
    kept(({ age, year }) => year === null || age === null),
  ]);
  await adapter[Symbol.asyncDispose]();
};

test("PGlite holds the recorded population, is built once, and its folder has one owner", {
  timeout: 60_000,
}, async () => {
  const folder = join(root, "ncbn");
  const first = await serveNcbn(folder, SIZE, 0);
  expect(first.built).toBe(true);
  await expectPopulation(first.url);
  await expect(serveNcbn(folder, SIZE, 0)).rejects.toThrow(
    `ODAN_DATA: ${folder} is in use by another process. Stop it, or choose another folder.`,
  );
  await first[Symbol.asyncDispose]();
  const second = await serveNcbn(folder, SIZE, 0);
  expect(second.built).toBe(false);
  await publishNcbn(second.url, SIZE, 2);
  await expectPopulation(second.url, 2);
  await second[Symbol.asyncDispose]();
});

test("a lock whose owner was killed is taken over, one that is renewed is not", async () => {
  const folder = join(root, "locked");
  // A lock is a folder; its owner renews the time of its change.
  await mkdir(`${folder}.locked`);
  await utimes(`${folder}.locked`, new Date(0), new Date(0));
  const unlock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow("is in use by another process");
  await unlock();
  await (await lockFolder(folder))();
});

test("another release is there in one step, with its donors, and so is the first one again", {
  timeout: 60_000,
}, async () => {
  const url = await postgres.newDatabase();
  await loadNcbn(url, SIZE);
  const held = await rowsOf(url);
  const seen = new Set<string>();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const state =
    "SELECT max(cdm_etl_reference) AS number, (SELECT count(*)::int FROM cdm.person) AS donors FROM cdm.cdm_source";
  for (const release of [2, 1, 2, 1] as const) {
    let changing = true;
    const looking = (async () => {
      while (changing) {
        const { rows } = await client.query<{ number: string; donors: number }>(state);
        seen.add(`${rows[0]!.number}: ${rows[0]!.donors}`);
      }
    })();
    await publishNcbn(url, SIZE, release);
    changing = false;
    await looking;
    await expectPopulation(url, release);
    expect(await loadNcbn(url, SIZE)).toBe(false);
  }
  await client.end();
  expect([...seen].sort()).toEqual([`2026.1: ${donorsIn("ncbn", SIZE, 1)}`, `2026.2: ${donorsIn("ncbn", SIZE, 2)}`]);
  // Codes that only release 2 has stay known, and nobody's rows are left behind.
  const { concepts, ...again } = await rowsOf(url);
  const { concepts: before, ...first } = held;
  expect(again).toEqual(first);
  expect(concepts).toBeGreaterThanOrEqual(before!);
});

/** How many rows each table holds. */
const rowsOf = async (url: string): Promise<{ readonly [table: string]: number }> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const tables = ["person", "observation_period", "condition_occurrence", "observation", "specimen", "cdm_source"];
  const counts = tables.map((table) => `(SELECT count(*)::int FROM cdm.${table}) AS ${table}`);
  const { rows } = await client.query(
    `SELECT ${counts.join(", ")}, (SELECT count(*)::int FROM cdm.concept) AS concepts`,
  );
  await client.end();
  return rows[0];
};

test("a PostgreSQL server is loaded once, with the tables that the CDM asks for", { timeout: 60_000 }, async () => {
  const url = await postgres.newDatabase();
  expect(await loadNcbn(url, SIZE)).toBe(true);
  expect(await loadNcbn(url, SIZE)).toBe(false);
  await expectPopulation(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string; nullable: string }>(
    "SELECT table_name || '.' || column_name AS name, is_nullable AS nullable FROM information_schema.columns WHERE table_schema = 'cdm'",
  );
  const official = Object.entries(cdm.tables).flatMap(([table, fields]) =>
    fields.map(([field, , required]) => ({ name: `${table}.${field}`, nullable: required ? "NO" : "YES" })),
  );
  const byName = (one: { readonly name: string }, other: { readonly name: string }) => (one.name < other.name ? -1 : 1);
  expect([...rows].sort(byName)).toEqual(official.sort(byName));
  const orphans = await client.query(
    `SELECT condition_source_value FROM cdm.condition_occurrence o WHERE NOT EXISTS (
       SELECT FROM cdm.concept s JOIN cdm.concept_relationship r ON r.concept_id_1 = s.concept_id AND relationship_id = 'Maps to'
       JOIN cdm.concept t ON t.concept_id = r.concept_id_2 AND t.standard_concept = 'S'
       WHERE s.concept_id = o.condition_source_concept_id AND s.concept_code = o.condition_source_value
       AND t.concept_id = o.condition_concept_id)`,
  );
  expect(orphans.rows).toEqual([]);
  await client.query("COMMENT ON SCHEMA cdm IS 'of somebody else'");
  await client.end();
  await expect(loadNcbn(url, SIZE)).rejects.toThrow("wanted a database without a schema cdm of its own");
});
