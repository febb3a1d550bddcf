import fc from "fast-check";
import { expect, test } from "vitest";
import { ALL_FIELDS, anyBatch, anyPopulation, anyQuestion, everyCell } from "./arbitrary.ts";
import { evaluateLocal } from "./evaluate.ts";
import { EVERY } from "./questions.ts";
import { newFolder, openTabular, writeBank } from "./tabular-bank.ts";

const NEVER = new AbortController().signal;
const [POPULATION] = fc.sample(anyPopulation(60), { seed: 20261122, numRuns: 1 });

const openPopulation = async () => {
  const folder = await newFolder();
  await writeBank(folder, POPULATION!);
  const adapter = await openTabular(folder);
  return { adapter, release: await adapter.release(NEVER) };
};

test("any question has the counts that the plain evaluator finds", { timeout: 30_000 }, async () => {
  const { adapter, release } = await openPopulation();
  const property = fc.asyncProperty(anyQuestion, async (asked) => {
    expect(await adapter.count([asked], release, NEVER)).toEqual([evaluateLocal(POPULATION!, asked)]);
  });
  await fc.assert(property, { seed: 20261122, numRuns: 200 });
});

test("questions of one batch have the counts that each has alone", { timeout: 60_000 }, async () => {
  const { adapter, release } = await openPopulation();
  const property = fc.asyncProperty(anyBatch, async (batch) => {
    expect(await adapter.count(batch, release, NEVER)).toEqual(batch.map((asked) => evaluateLocal(POPULATION!, asked)));
  });
  await fc.assert(property, { seed: 20261128, numRuns: 100 });
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
