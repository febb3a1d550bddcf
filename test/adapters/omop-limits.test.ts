import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Postgres, startPostgres } from "../postgres.ts";
import { evaluateLocal } from "./evaluate.ts";
import { FIXTURE } from "./fixture.ts";
import { connect, OPTIONS, openOmop, writeCdm } from "./omop-bank.ts";
import { question } from "./questions.ts";

const NEVER = new AbortController().signal;
const EVERYBODY = question([]);
const TOO_LARGE = {
  code: "BANK_BROKEN",
  reason: "TOO_LARGE",
  message: "[bank] PostgreSQL: wanted at most 33554432 bytes, got more",
};

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

const bank = async () => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(client, FIXTURE);
  return { url, client };
};
const flooded = async (client: pg.Client, rows: number, bytes: number): Promise<void> => {
  await client.query("ALTER TABLE cdm.cdm_source RENAME TO source_then");
  await client.query(`CREATE VIEW cdm.cdm_source AS
    SELECT s.cdm_release_date, s.source_release_date, repeat('x', ${bytes})::text AS cdm_etl_reference
    FROM cdm.source_then s, generate_series(1, ${rows})`);
};
const drained = async (client: pg.Client): Promise<void> => {
  await client.query("DROP VIEW cdm.cdm_source; ALTER TABLE cdm.source_then RENAME TO cdm_source");
};

test.each([
  ["one row of 64 MB", 1, 64 * 2 ** 20],
  ["sixty-four thousand rows of 1 KB", 2 ** 16, 2 ** 10],
])("a database that sends %s is cut off, and asked again when it is mended", async (_, rows, bytes) => {
  const { url, client } = await bank();
  const adapter = await openOmop(url, OPTIONS);
  const release = await adapter.release(NEVER);
  await flooded(client, rows, bytes);
  await expect(adapter.release(NEVER)).rejects.toMatchObject(TOO_LARGE);
  expect(await adapter.count([EVERYBODY, EVERYBODY], release, NEVER)).toMatchObject([TOO_LARGE, TOO_LARGE]);
  await expect(openOmop(url, OPTIONS)).rejects.toMatchObject(TOO_LARGE);
  await drained(client);
  expect(await adapter.count([EVERYBODY], release, NEVER)).toEqual([evaluateLocal(FIXTURE, EVERYBODY)]);
});

test("the limit is of one transaction: any number of them may follow", async () => {
  const { url, client } = await bank();
  const adapter = await openOmop(url, { ...OPTIONS, atOnce: 1 });
  await flooded(client, 12, 2 ** 20);
  for (let i = 0; i < 4; i += 1) await adapter.release(NEVER);
});

test("where the first of two databases refuses, the second is counted", async () => {
  const { url } = await bank();
  const away = new URL(url);
  away.port = "1";
  const adapter = await openOmop("", { ...OPTIONS, url: [away.href, url] });
  expect(await adapter.count([EVERYBODY], await adapter.release(NEVER), NEVER)).toEqual([
    evaluateLocal(FIXTURE, EVERYBODY),
  ]);
});
