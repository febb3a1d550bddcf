import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import { omop } from "../../adapters/omop.ts";
import { type Postgres, startPostgres } from "../postgres.ts";
import { FIXTURE } from "./fixture.ts";
import { openAdapter } from "./kit-bank.ts";
import { ABSENT, connect, OPTIONS, writeCdm } from "./omop-bank.ts";
import { code, has, question } from "./questions.ts";

const NEVER = new AbortController().signal;

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

const openBank = async (options: object = OPTIONS, announced = false) => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(client, FIXTURE);
  const open = () => openAdapter({ kind: omop, options: { url, ...options }, mapping: MAPPING, announced });
  return { client, open };
};
const MAPPING = { ...ABSENT, DISEASE: { codes: ["10"], absent: [], complete: false } };

const idOf = async (adapter: Adapter): Promise<string> => (await adapter.release(NEVER)).id;

// cdm_source stayed as it was: the cached number and the one of another spelling stood under one release.
test("any change of the data that counts read is another release, whatever cdm_source says", async () => {
  const { client, open } = await openBank({
    ...OPTIONS,
    disease: { by: "standard" },
    centre: "care_site_source_value",
    age: { by: "birth_datetime" },
  });
  await client.query("INSERT INTO cdm.concept_ancestor VALUES (10, 10, 0, 0), (77, 78, 1, 1)");
  await client.query(
    "INSERT INTO cdm.care_site (care_site_id, care_site_source_value) VALUES (1, 'north'), (2, 'south')",
  );
  const adapter = await open();
  const seen = [await idOf(adapter)];
  expect(seen[0]).toMatch(/^bank@1\.[0-9a-f]{12}$/);
  const changes = [
    "UPDATE cdm.person SET gender_source_value = 'other' WHERE person_id = 3",
    "UPDATE cdm.person SET birth_datetime = '1970-07-02', month_of_birth = 7 WHERE person_id = 1",
    "UPDATE cdm.condition_occurrence SET condition_concept_id = 10 WHERE person_id = 1",
    "UPDATE cdm.condition_occurrence SET person_id = 4 WHERE person_id = 1",
    "UPDATE cdm.specimen SET specimen_date = specimen_date + 400 WHERE specimen_id = (SELECT min(specimen_id) FROM cdm.specimen)",
    "UPDATE cdm.observation SET value_as_string = 'another' WHERE observation_concept_id = 4",
    "DELETE FROM cdm.specimen WHERE specimen_id = (SELECT max(specimen_id) FROM cdm.specimen)",
    "INSERT INTO cdm.concept_ancestor VALUES (10, 11, 1, 1)",
    "UPDATE cdm.care_site SET care_site_source_value = 'west' WHERE care_site_id = 2",
    // Two like rows become two others.
    "UPDATE cdm.specimen SET disease_status_source_value = 'T' WHERE person_id = 6",
  ];
  for (const change of changes) {
    await client.query(change);
    seen.push(await idOf(adapter));
  }
  expect(new Set(seen).size, "each change").toBe(changes.length + 1);
  await client.query("UPDATE cdm.care_site SET care_site_source_value = 'south' WHERE care_site_id = 2");
  await client.query("UPDATE cdm.specimen SET disease_status_source_value = NULL WHERE person_id = 6");
  expect(await idOf(adapter), "as it was").toBe(seen[8]);
});

test("what no count reads is no change, and neither are the same data written again", async () => {
  const { client, open } = await openBank();
  const adapter = await open();
  const before = await idOf(adapter);
  await client.query("UPDATE cdm.person SET person_source_value = 'x'");
  await client.query("INSERT INTO cdm.concept_ancestor VALUES (77, 78, 1, 1)");
  await client.query("CREATE TABLE beside (n int)");
  await client.query("UPDATE cdm.specimen SET person_id = person_id");
  await client.query("CLUSTER cdm.specimen USING specimen_pkey");
  expect(await idOf(adapter)).toBe(before);
  expect(await idOf(await open())).toBe(before);
});

test("a question of the release before is not answered from changed data, not even in the same moment", async () => {
  const { client, open } = await openBank();
  const adapter = await open();
  const release = await adapter.release(NEVER);
  const asked = [question([has("SEX", code("changed"))])];
  expect(await adapter.count(asked, release, NEVER)).toMatchObject([{ donors: { min: 0, max: 0 } }]);
  const other = await connect(urlOf(client));
  await other.query("BEGIN; UPDATE cdm.person SET gender_source_value = 'changed' WHERE person_id = 1");
  expect(await adapter.count(asked, release, NEVER)).toMatchObject([{ donors: { min: 0, max: 0 } }]);
  // A transaction that began later ends first.
  await client.query("CREATE TABLE beside (n int)");
  expect(await adapter.count(asked, release, NEVER)).toMatchObject([{ donors: { min: 0, max: 0 } }]);
  await other.query("COMMIT");
  expect(await adapter.count(asked, release, NEVER)).toMatchObject([{ code: "BANK_GONE" }]);
  expect(await adapter.count(asked, await adapter.release(NEVER), NEVER)).toMatchObject([
    { donors: { min: 1, max: 1 } },
  ]);
});

const urlOf = ({ database }: pg.Client): string => {
  const url = new URL(postgres.url);
  url.pathname = `/${database}`;
  return url.href;
};

// No transaction of this server tells that such rows changed.
test("rows that come from elsewhere are read each time", async () => {
  const { client, open } = await openBank();
  await client.query(`ALTER TABLE cdm.specimen RENAME TO every_specimen;
    CREATE SEQUENCE cdm.moment; SELECT nextval('cdm.moment');
    CREATE VIEW cdm.specimen AS SELECT * FROM cdm.every_specimen WHERE specimen_id % 2 = (SELECT last_value % 2 FROM cdm.moment)`);
  const adapter = await open();
  const before = await adapter.release(NEVER);
  await client.query("SELECT nextval('cdm.moment')");
  expect(await adapter.count([question([])], before, NEVER)).toMatchObject([{ code: "BANK_GONE" }]);
});

test("a bank that announces its releases is known by what it announces", async () => {
  const { client, open } = await openBank(OPTIONS, true);
  const adapter = await open();
  expect(await adapter.release(NEVER)).toEqual({ id: "bank@1", date: "2026-04-01", kind: "ANNOUNCED" });
  await client.query("DELETE FROM cdm.specimen");
  expect(await idOf(adapter)).toBe("bank@1");
});

test("a release that is typed needs no cdm_source, and without one it says what to do", async () => {
  const typed = { ...OPTIONS, release: { id: "2026.1", date: "2026-05-01" } };
  const announced = await openBank(typed, true);
  await announced.client.query("DROP TABLE cdm.cdm_source");
  expect(await (await announced.open()).release(NEVER)).toEqual({
    id: "bank@2026.1",
    date: "2026-05-01",
    kind: "ANNOUNCED",
  });
  const watched = await openBank(typed);
  const adapter = await watched.open();
  const before = await idOf(adapter);
  expect(before).toMatch(/^bank@2026\.1\.[0-9a-f]{12}$/);
  await watched.client.query("DELETE FROM cdm.specimen");
  expect(await idOf(adapter)).not.toBe(before);

  const empty = await openBank();
  await empty.client.query("DELETE FROM cdm.cdm_source");
  await expect(empty.open()).rejects.toMatchObject({
    code: "BANK_BROKEN",
    message:
      "[bank] cdm_source: wanted a release with its dates, got no row: fill it in, or name the release in bank.yaml: adapter.release: { id, date }",
  });
});
