import fc from "fast-check";
import { expect, test } from "vitest";
import type { MappedCodes } from "../../adapters/adapter.ts";
import type { LocalCounts, LocalQuestion, Range } from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import { FIELD_NAMES } from "../../schema/fields.ts";
import { anyPopulation, anyQuestion } from "./arbitrary.ts";
import { evaluateLocal } from "./evaluate.ts";
import { openSqon, startCatalogue } from "./sqon-bank.ts";

const NEVER = new AbortController().signal;
const SEED = 20261122;
const [POPULATION] = fc.sample(anyPopulation(60), { seed: SEED, numRuns: 1 });
const CODES = ["0012", "12", "a,b", "it's", "糖尿病", "never"];

/** A mapping that names every code, with the warrant that there are no others or without. */
const mapping = (complete: boolean): MappedCodes =>
  Object.fromEntries(FIELD_NAMES.map((field) => [field, { codes: CODES, absent: [], complete }]));

/** Asks many random questions, some of which may be refused; every count that is given has to be the true one. */
const compare = async (complete: boolean) => {
  const { url } = await startCatalogue(POPULATION!);
  const adapter = await openSqon(url, { aliases: 500 }, mapping(complete));
  const release = await adapter.release(NEVER);
  const plain: LocalQuestion[] = fc
    .sample(anyQuestion, { seed: SEED, numRuns: 1500 })
    .map(({ donors, samples }) => ({ donors, samples }));
  const got = await adapter.count(plain, release, NEVER);
  const tally = { donors: 0, samples: 0, refused: 0 };
  const check = (given: Range, wanted: LocalCounts, unit: "donors" | "samples", asked: LocalQuestion) => {
    if (given.max === null) return;
    tally[unit] += 1;
    expect(given, JSON.stringify(asked)).toEqual(wanted[unit]);
  };
  for (const [index, asked] of plain.entries()) {
    const outcome = got[index]!;
    if (outcome instanceof BankError) {
      expect(outcome.code, outcome.message).toBe("BANK_UNSUPPORTED");
      tally.refused += 1;
      continue;
    }
    const wanted = evaluateLocal(POPULATION!, asked);
    check(outcome.donors, wanted, "donors", asked);
    check(outcome.samples, wanted, "samples", asked);
  }
  return tally;
};

test("any question has the counts that the plain evaluator finds", { timeout: 30_000 }, async () => {
  const { donors, samples, refused } = await compare(true);
  expect(donors).toBeGreaterThan(1450);
  expect(samples).toBeGreaterThan(800);
  expect(refused).toBeLessThan(50);
});

test("without the warrant that all codes are known less can be asked, and nothing wrong", {
  timeout: 30_000,
}, async () => {
  const { donors, refused } = await compare(false);
  expect(donors).toBeGreaterThan(400);
  expect(refused).toBeGreaterThan(100);
});
