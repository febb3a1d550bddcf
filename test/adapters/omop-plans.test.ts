import { afterAll, beforeAll, expect, test } from "vitest";
import { type Postgres, startPostgres } from "../postgres.ts";
import { FIXTURE } from "./fixture.ts";
import { ABSENT, connect, OPTIONS, openOmop, writeCdm } from "./omop-bank.ts";
import { has, question } from "./questions.ts";

const NEVER = new AbortController().signal;

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

/** Codes of a whole system but a few, as the outer end of a condition names them. */
const ALL_BUT_FEW = Array.from({ length: 21_816 }, (_, i) => `X${i}`);

// With <> ALL the planner expected one row, and joined 20,000 donors with 60,000 samples row by row,
// which took more than ten seconds.
test("a breakdown of donors without thousands of codes is no join row by row", { timeout: 60_000 }, async () => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(client, FIXTURE);
  await client.query(`
    INSERT INTO cdm.person (person_id, gender_concept_id, year_of_birth, race_concept_id, ethnicity_concept_id, gender_source_value)
      SELECT 100000 + i, 0, 1960, 0, 0, 'S' || (i % 2) FROM generate_series(1, 20000) i;
    INSERT INTO cdm.specimen (specimen_id, person_id, specimen_concept_id, specimen_type_concept_id, specimen_date,
        specimen_source_value)
      SELECT 100000 + i, 100001 + i % 20000, 0, 0, '2015-01-01', 'T' || (i % 5) || '||' FROM generate_series(1, 60000) i;
    INSERT INTO cdm.condition_occurrence (condition_occurrence_id, person_id, condition_concept_id, condition_start_date,
        condition_type_concept_id, condition_source_value)
      SELECT 100000 + i, 100001 + i % 20000, 0, '2015-01-01', 0, 'E1' || (i % 20) FROM generate_series(1, 60000) i;
    ANALYZE`);
  const adapter = await openOmop(url, { ...OPTIONS, disease: { by: "source_value" }, timeoutMs: 10_000 }, ABSENT);
  const without = has("DISEASE", { codes: ALL_BUT_FEW, negate: true, missing: false });
  const cells = (codes: readonly string[]) => codes.map((each) => ({ codes: [each], negate: false, missing: false }));
  const asked = {
    ...question([without]),
    by: [
      { field: "SEX", cells: cells(["S0", "S1"]) },
      { field: "SAMPLE_TYPE", cells: cells(["T1", "T2", "T3", "T4"]) },
    ] as const,
  };
  const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
  expect(got).toMatchObject({ donors: { min: expect.any(Number) } });
  if (got === undefined || got instanceof Error) throw got;
  expect(got.donors.min).toBeGreaterThanOrEqual(20_000);
  expect(got.cells?.reduce((sum, { samples }) => sum + samples.min, 0)).toBeGreaterThanOrEqual(48_000);
});
