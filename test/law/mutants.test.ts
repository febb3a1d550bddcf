import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { cases } from "./case.ts";
import { checkLaw, loadProduct } from "./law.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COPIES = path.join(ROOT, ".odan/mutants", String(process.pid));
/** A law that needs more cases than this to see a planted fault would not see a real one either. */
const RUNS = 6_000;

afterAll(() => rm(COPIES, { recursive: true, force: true }));

test.for(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
  "the law catches: %s",
  { timeout: 180_000 },
  async ([, mutant], { task }) => {
    const root = await plant(mutant, path.join(COPIES, task.id));
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

/** A copy of the product's source with the fault in it. */
const plant = async ({ file, find, replace }: Mutant, root: string): Promise<string> => {
  await mkdir(root, { recursive: true });
  await Promise.all(
    ["schema", "adapters", "subgraphs"].map((folder) =>
      cp(path.join(ROOT, folder), path.join(root, folder), { recursive: true }),
    ),
  );
  const target = path.join(root, file);
  const source = await readFile(target, "utf8");
  expect(source.split(find).length, `"${find}" stands in ${file} exactly once`).toBe(2);
  await writeFile(
    target,
    source.replace(find, () => replace),
  );
  return root;
};
