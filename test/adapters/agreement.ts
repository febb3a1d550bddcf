import fc from "fast-check";
import { expect } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import type { LocalQuestion } from "../../adapters/local.ts";
import { ALL_FIELDS, anyBatch, anyPopulation, anyQuestion, everyCell } from "./arbitrary.ts";
import { evaluateLocal, type LocalDonor } from "./evaluate.ts";
import { EVERY } from "./questions.ts";

const NEVER = new AbortController().signal;

/** The 60 random donors that adapters of full logic are compared over. */
export const POPULATION: readonly LocalDonor[] = fc.sample(anyPopulation(60), { seed: 20261122, numRuns: 1 })[0]!;

type Agreement = { readonly donors: readonly LocalDonor[]; readonly questions: fc.Arbitrary<LocalQuestion> };

/** Any question has the counts that the plain evaluator finds. */
export const agreesOnQuestions = async (
  adapter: Adapter,
  numRuns: number,
  { donors, questions }: Agreement = { donors: POPULATION, questions: anyQuestion },
): Promise<void> => {
  const release = await adapter.release(NEVER);
  const property = fc.asyncProperty(questions, async (asked) => {
    expect(await adapter.count([asked], release, NEVER)).toEqual([evaluateLocal(donors, asked)]);
  });
  await fc.assert(property, { seed: 20261122, numRuns });
};

/** Questions of one batch have the counts that the plain evaluator finds for each alone. */
export const agreesOnBatches = async (
  adapter: Adapter,
  numRuns: number,
  donors: readonly LocalDonor[] = POPULATION,
): Promise<void> => {
  const release = await adapter.release(NEVER);
  const property = fc.asyncProperty(anyBatch, async (batch) => {
    expect(await adapter.count(batch, release, NEVER)).toEqual(batch.map((asked) => evaluateLocal(donors, asked)));
  });
  await fc.assert(property, { seed: 20261128, numRuns });
};

/** Every pair of facets has the cells that the plain evaluator finds. */
export const agreesOnPairsOfFacets = async (adapter: Adapter): Promise<void> => {
  const samples = { op: "has", field: "AGE_AT_COLLECTION", test: { from: 1, to: 8, missing: true } } as const;
  const questions = ALL_FIELDS.flatMap((first) =>
    ALL_FIELDS.map((second) => ({ donors: EVERY, samples, by: [everyCell(first), everyCell(second)] as const })),
  );
  const got = await adapter.count(questions, await adapter.release(NEVER), NEVER);
  expect(got).toEqual(questions.map((asked) => evaluateLocal(POPULATION, asked)));
};
