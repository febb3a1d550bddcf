import { rm } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { COPIES, plant } from "../mutant.ts";
import { cases } from "./case.ts";
import { checkLaw, loadProduct } from "./law.ts";
import { MUTANTS } from "./mutants.ts";

/** A law that needs more cases than this to see a planted fault would not see a real one either. */
const RUNS = 6_000;

afterAll(() => rm(COPIES, { recursive: true, force: true }));

test.for(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
  "the law catches: %s",
  { timeout: 180_000 },
  async ([, mutant], { task }) => {
    const root = await plant(mutant, task.id);
    const product = await loadProduct(root);
    const seen = { numbers: 0, exact: 0, positive: 0, open: 0 };
    const found = await fc.check(
      fc.asyncProperty(cases, (given) => checkLaw(product, given, seen)),
      { numRuns: RUNS, seed: 20_261_122, endOnFailure: true },
    );
    expect(found.failed).toBe(true);
    expect(String(found.errorInstance)).toMatch(/outside|not exact|contradict|no answer/);
  },
);
