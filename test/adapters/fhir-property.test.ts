import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { LocalPredicate, LocalQuestion, LocalSelector, Test } from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import { type DonorField, FIELDS, isNumberField, isSampleField, type SampleField } from "../../schema/fields.ts";
import { ALL_FIELDS, anyPopulation } from "./arbitrary.ts";
import { evaluateLocal } from "./evaluate.ts";
import { openFhir, startFhir } from "./fhir-bank.ts";

const NEVER = new AbortController().signal;
const CODES = ["0012", "12", "a,b", "it's", "糖尿病", "never"];
const [POPULATION] = fc.sample(anyPopulation(60), { seed: 20261122, numRuns: 1 });
const MAPPING = Object.fromEntries(
  ALL_FIELDS.filter((field) => !isNumberField(field)).map((field) => [
    field,
    { codes: CODES, absent: [], complete: true },
  ]),
);

/** Tests that the adapter says it can evaluate: of records, codes alone. */
const testOf = (field: DonorField | SampleField): fc.Arbitrary<Test> => {
  if (isNumberField(field)) {
    const [from, to] = field === "COLLECTED_YEAR" ? [2012, 2017] : [-1, 10];
    const end = fc.option(fc.integer({ min: from, max: to }));
    return fc.record({ from: end, to: end, missing: fc.boolean() });
  }
  const codes = fc.subarray(CODES);
  if (FIELDS[field].many) return codes.map((some) => ({ codes: some, negate: false, missing: false }));
  const plain = fc.record({ codes, negate: fc.constant(false), missing: fc.boolean() });
  return fc.oneof(plain, fc.record({ codes, negate: fc.constant(true), missing: fc.constant(true) }));
};
const sampleTest: fc.Arbitrary<LocalSelector> = fc
  .constantFrom(...ALL_FIELDS.filter(isSampleField))
  .chain((field) => testOf(field).map((one) => ({ op: "has", field, test: one })));
const donorTest: fc.Arbitrary<LocalPredicate> = fc
  .constantFrom(...ALL_FIELDS.filter((field): field is DonorField => !isSampleField(field)))
  .chain((field) =>
    testOf(field).map((one) => ({ op: "has", field, test: one as Extract<Test, { codes: readonly string[] }> })),
  );
const all = <T>(parts: fc.Arbitrary<T>, most: number) =>
  fc.array(parts, { maxLength: most }).map((of) => ({ op: "all" as const, of }));
const hasSample: fc.Arbitrary<LocalPredicate> = sampleTest.map((of) => ({ op: "sample", of }));

test("random conjunctions have the counts that the plain evaluator finds", { timeout: 30_000 }, async () => {
  const { server, url } = await startFhir(POPULATION!);
  const adapter = await openFhir(url, {}, MAPPING);
  expect(Object.keys(adapter.capabilities.fields).sort()).toEqual([...ALL_FIELDS].sort());
  const release = await adapter.release(NEVER);
  const seen = { exact: 0, bounds: 0, unsaid: 0 };
  onTestFinished(() => console.info(`fhir: ${JSON.stringify(seen)}, ${server.requests.length} requests`));
  const agrees = async (asked: LocalQuestion, unit: "donors" | "samples") => {
    const [got] = await adapter.count([asked], release, NEVER);
    const { min } = evaluateLocal(POPULATION!, asked)[unit];
    if (got instanceof BankError) {
      expect(got).toMatchObject({ code: "BANK_UNSUPPORTED" });
      seen.unsaid += 1;
      return;
    }
    const range = got![unit];
    if (range.min === range.max) expect(range).toEqual({ min, max: min });
    expect(range.min).toBeLessThanOrEqual(min);
    expect(range.max).toBeGreaterThanOrEqual(min);
    seen[range.min === range.max ? "exact" : "bounds"] += 1;
  };
  const property = fc.asyncProperty(
    all(donorTest, 2),
    fc.array(hasSample, { maxLength: 2 }),
    all(sampleTest, 2),
    async (donors, samples, selected) => {
      await agrees(
        { donors: { op: "all", of: [...donors.of, ...samples] }, samples: selected, only: "DONORS" },
        "donors",
      );
      await agrees({ donors, samples: selected, only: "SAMPLES" }, "samples");
    },
  );
  await fc.assert(property, { seed: 20261122, numRuns: 150 });
  expect(seen.exact).toBeGreaterThan(5 * (seen.bounds + seen.unsaid));
});
