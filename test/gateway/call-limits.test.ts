import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../../gateway/limits.ts";
import { canonical } from "../../schema/canonical.ts";
import { codeSystem } from "../../schema/codes/disease-code.ts";
import { parseWhere } from "../../schema/parse.ts";
import { checkCost } from "../../schema/wire/limits.ts";

/** As many ICD-10 codes as a question may have. */
const { normalize } = codeSystem("ICD10");
const CODES = [..."ABCDEFGHIJKLMN"]
  .flatMap((letter) => Array.from({ length: 100 }, (_, i) => `${letter}${String(i).padStart(2, "0")}`))
  .filter((code) => normalize(code) !== null)
  .slice(0, LIMITS.codesPerQuestion)
  .map((code) => `ICD10:${code}`);

type Tree = object;
const criterion = fc.oneof(
  fc
    .record({ size: fc.integer({ min: 1, max: 20 }), from: fc.nat({ max: CODES.length - 20 }), below: fc.boolean() })
    .map(
      ({ size, from, below }): Tree => ({
        disease: { codes: CODES.slice(from, from + size), ...(below ? {} : { descendants: false }) },
      }),
    ),
  fc.constantFrom<Tree>(
    { sex: ["FEMALE", "MALE"] },
    {
      sample: {
        type: ["DNA", "PLASMA"],
        ageAtCollection: { from: 40, to: 59 },
        collectedYear: { from: 2003, to: 2013 },
      },
    },
    { data: ["WGS"], use: ["COMMERCIAL"], cohort: ["PATIENT"] },
  ),
);
/** Trees as deep as a question may be. */
const treeOf = (depth: number): fc.Arbitrary<Tree> =>
  depth === 1
    ? criterion
    : fc.oneof(
        { weight: 1, arbitrary: criterion },
        { weight: 2, arbitrary: fc.array(treeOf(depth - 1), { minLength: 1, maxLength: 3 }).map((all) => ({ all })) },
        { weight: 2, arbitrary: fc.array(treeOf(depth - 1), { minLength: 1, maxLength: 3 }).map((any) => ({ any })) },
        { weight: 2, arbitrary: fc.tuple(treeOf(depth - 1), criterion).map(([not, more]) => ({ not, ...more })) },
      );

test("no question that a gateway lets through is refused by a bank for its cost", () => {
  let deep = 0;
  fc.assert(
    fc.property(treeOf(LIMITS.depth), (tree) => {
      let parsed: ReturnType<typeof parseWhere>;
      try {
        parsed = parseWhere(tree);
      } catch {
        return;
      }
      const { where } = canonical(parsed);
      expect(() => checkCost([{ v: 1, where, facets: [] }], 1)).not.toThrow();
      deep = Math.max(deep, JSON.stringify(where).split(/[[{]/).length);
    }),
    { numRuns: 1_000, seed: 20_261_130 },
  );
  expect(deep).toBeGreaterThan(50);
});

test("the largest question by its numbers is let through", () => {
  const lists = Array.from({ length: LIMITS.criteria }, (_, i) => ({
    disease: { codes: CODES.slice(20 * i, 20 * i + 20), descendants: false },
  }));
  const { where } = canonical(parseWhere({ any: lists }));
  const facets = Array.from({ length: 2 }, () => ({
    by: { field: "COLLECTED_YEAR", values: Array.from({ length: 2_100 }, (_, i) => String(i)) },
  }));
  expect(() => checkCost([{ v: 1, where, facets }], 1)).not.toThrow();
});
