import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { volumeOf } from "../lanes.ts";
import { cases } from "./case.ts";
import { checkLaw, loadProduct, type Seen } from "./law.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** A longer run: LAW_RUNS=1000000 LAW_SEED=7 npx vitest ... */
const RUNS = Number(process.env["LAW_RUNS"] ?? volumeOf("test/law/law.test.ts"));
const SEED = Number(process.env["LAW_SEED"] ?? 20_261_122);

test(`the law holds for ${RUNS} populations, mappings, local APIs and questions`, {
  timeout: 60_000 + RUNS * 20,
}, async () => {
  const product = await loadProduct(ROOT);
  const seen: Seen = { numbers: 0, exact: 0, positive: 0, open: 0 };
  await fc.assert(
    fc.asyncProperty(cases, (given) => checkLaw(product, given, seen)),
    { numRuns: RUNS, seed: SEED, endOnFailure: false },
  );
  // A law that is tried on nothing but zeros and open ends proves little.
  expect(seen.positive / seen.numbers).toBeGreaterThan(0.3);
  expect(seen.exact / seen.numbers).toBeGreaterThan(0.3);
  expect(seen.open / seen.numbers).toBeLessThan(0.2);
});
