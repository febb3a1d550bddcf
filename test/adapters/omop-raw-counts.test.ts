import { afterAll, beforeAll, describe, test } from "vitest";
import { type Postgres, startPostgres } from "../postgres.ts";
import { FIXTURE } from "./fixture.ts";
import { connect, OPTIONS, openOmop, writeCdm } from "./omop-bank.ts";
import { expectNoCount, PLANTED } from "./raw-count.ts";

describe("no message of omop says how many", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 120_000);
  afterAll(() => postgres[Symbol.asyncDispose]());

  test.each([
    ["in an error", `RAISE EXCEPTION '${PLANTED} rows'`, "SQLSTATE P0001"],
    ["in a value", `PERFORM '${PLANTED} rows'::int; RETURN true`, "SQLSTATE 22P02"],
  ])("%s", async (_, body, where) => {
    const url = await postgres.newDatabase();
    const client = await connect(url);
    await writeCdm(client, FIXTURE);
    const adapter = await openOmop(url, OPTIONS);
    await client.query(`CREATE FUNCTION cdm.boom() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN ${body}; END $$`);
    await client.query("ALTER TABLE cdm.person RENAME TO person_then");
    await client.query("CREATE VIEW cdm.person AS SELECT * FROM cdm.person_then WHERE cdm.boom()");
    await expectNoCount(Promise.resolve(adapter), where);
  });
});
