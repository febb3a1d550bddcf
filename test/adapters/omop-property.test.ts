import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Postgres, startPostgres } from "../postgres.ts";
import { ALL_FIELDS, anyBatch, anyPopulation, anyQuestion, everyCell } from "./arbitrary.ts";
import { evaluateLocal } from "./evaluate.ts";
import { connect, OPTIONS, openOmop, writeCdm } from "./omop-bank.ts";
import { EVERY } from "./questions.ts";

const NEVER = new AbortController().signal;
const [POPULATION] = fc.sample(anyPopulation(60), { seed: 20261122, numRuns: 1 });

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

const openPopulation = async () => {
  const url = await postgres.newDatabase();
  await writeCdm(await connect(url), POPULATION!);
  const adapter = await openOmop(url);
  return { adapter, release: await adapter.release(NEVER) };
};

/** The same donors, all born in 2010, of whose samples ages are the difference of the years. */
const BORN = POPULATION!.map(({ samples, ...donor }) => ({
  ...donor,
  samples: samples.map((sample) => ({ ...sample, age: sample.year === null ? null : sample.year - 2010 })),
}));

const openBorn = async () => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(client, BORN);
  await client.query("UPDATE cdm.person SET year_of_birth = 2010");
  const adapter = await openOmop(url, { ...OPTIONS, age: { by: "year_of_birth" } });
  return { adapter, release: await adapter.release(NEVER) };
};

test("any question has the counts that the plain evaluator finds", { timeout: 30_000 }, async () => {
  const { adapter, release } = await openPopulation();
  const property = fc.asyncProperty(anyQuestion, async (asked) => {
    expect(await adapter.count([asked], release, NEVER)).toEqual([evaluateLocal(POPULATION!, asked)]);
  });
  await fc.assert(property, { seed: 20261122, numRuns: 300 });
});

test("questions of one batch have the counts that each has alone, also by ages that are reckoned from birth", {
  timeout: 60_000,
}, async () => {
  const { adapter, release } = await openBorn();
  const property = fc.asyncProperty(anyBatch, async (batch) => {
    expect(await adapter.count(batch, release, NEVER)).toEqual(batch.map((asked) => evaluateLocal(BORN, asked)));
  });
  await fc.assert(property, { seed: 20261128, numRuns: 200 });
});

test("every pair of facets has the cells that the plain evaluator finds", { timeout: 30_000 }, async () => {
  const { adapter, release } = await openPopulation();
  const samples = { op: "has", field: "AGE_AT_COLLECTION", test: { from: 1, to: 8, missing: true } } as const;
  const questions = ALL_FIELDS.flatMap((first) =>
    ALL_FIELDS.map((second) => ({ donors: EVERY, samples, by: [everyCell(first), everyCell(second)] as const })),
  );
  const got = await adapter.count(questions, release, NEVER);
  expect(got).toEqual(questions.map((asked) => evaluateLocal(POPULATION!, asked)));
});
