import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical, questionHash } from "../../schema/canonical.ts";
import { icd10Categories } from "../../schema/codes/icd10.ts";
import { parseWhere } from "../../schema/parse.ts";
import { mappingOf } from "../../subgraphs/mapping/mapping.ts";
import { cases } from "../law/case.ts";
import { worldOf, yamlOf } from "../law/world.ts";
import { truthOf } from "../oracle.ts";

const form = (where: unknown): string => JSON.stringify(canonical(parseWhere(where)).where);
const F = { sex: ["FEMALE"] };
const P = { sample: { type: ["PLASMA"] } };
const D = { sample: { type: ["DNA"] } };

const UNLIMITED = { criteria: 1_000, depth: 64, codes: 1_000 };

/** Lists of different diseases. */
const listsOf = (op: "any" | "all", lists: number, codes: number): object => ({
  [op]: Array.from({ length: lists }, (_, list) => ({
    disease: { codes: icd10Categories.slice(list * codes, (list + 1) * codes).map((code) => `ICD10:${code}`) },
  })),
});

/** Spellings on one line ask the same; the first is the canonical form. */
const VECTORS: readonly (readonly object[])[] = [
  [{}, { all: [{}] }, { all: [{}, {}] }, { not: { not: {} } }],
  [F, { all: [F] }, { any: [F] }, { not: { not: F } }, { sex: ["FEMALE", "FEMALE"] }, { all: [F, {}] }],
  [
    { sex: ["FEMALE", "MALE"] },
    { sex: ["MALE", "FEMALE"] },
    { any: [{ sex: ["MALE"] }, F] },
    { any: [F, { any: [{ sex: ["MALE"] }] }] },
  ],
  [
    { all: [P, F] },
    { ...F, ...P },
    { all: [F, P] },
    { all: [F, { all: [P] }] },
    { all: [F, P, F] },
    { ...F, all: [P] },
  ],
  [{ all: [D, P] }, { all: [P, D] }, { all: [P, D, P] }],
  [{ sample: { type: ["DNA", "PLASMA"] } }, { any: [P, D] }, { any: [D, P, D] }],
  [
    { disease: { codes: ["ICD10:E11"] } },
    { disease: { codes: ["ICD10:e11"], descendants: true } },
    { disease: { codes: ["ICD10:E11.2", "ICD10:E11"] } },
  ],
  [
    { disease: { codes: ["ICD10:E10-E14"] } },
    { disease: { codes: ["ICD10:E11", "ICD10:E10-E14", "ICD10:E14.0"] } },
    { any: [{ disease: { codes: ["ICD10:E11"] } }, { disease: { codes: ["ICD10:E10-E14"] } }] },
  ],
  [
    { disease: { codes: ["ICD10:E11", "ICD10:E11.2"], descendants: false } },
    { disease: { codes: ["ICD10:E112", "ICD10:E11"], descendants: false } },
  ],
  [{ any: [P, {}] }, { any: [{}, P] }],
  [{ not: F }, { not: { not: { not: F } } }],
];

describe("canonical form", () => {
  test.for(VECTORS.map((v) => [JSON.stringify(v[0]), v] as const))("%s has one form", ([, spellings]) => {
    expect(spellings.map(form)).toEqual(spellings.map(() => JSON.stringify(spellings[0])));
  });

  test("a sample criterion is never absorbed: the selector would change", () => {
    expect(form({ any: [{}, P] })).not.toBe(form({}));
    expect(form({ all: [P, { not: { not: D } }] })).toBe(form({ all: [P, D] }));
    expect(form({ any: [{ sample: { type: ["DNA"], origin: ["TUMOUR"] } }, D] })).toContain("origin");
  });

  test("two samples are not one sample with both types", () => {
    expect(form({ all: [P, D] })).not.toBe(form({ any: [P, D] }));
  });

  test("paths lead into the canonical where", () => {
    const { criteria } = canonical(
      parseWhere({ all: [{ sample: { collectedYear: { from: 2013 }, type: ["DNA"] } }, { not: F }] }),
    );
    expect(criteria.map(({ path, field }) => [path, field])).toEqual([
      ["all[0].not.sex", "SEX"],
      ["all[1].sample.type", "SAMPLE_TYPE"],
      ["all[1].sample.collectedYear", "COLLECTED_YEAR"],
    ]);
  });

  test("the hash of a question is pinned: caches and receipts are made of it", () => {
    expect(questionHash({ v: 1, where: { sex: ["FEMALE"] }, facets: [] })).toBe("0943190c9cf324e44830861760d66c79");
  });

  test("asks the same of every donor and every sample, and is a fixed point", () => {
    fc.assert(
      fc.property(cases, ({ donors, mapping, where }) => {
        const { yaml, system } = yamlOf(mapping);
        const { world } = worldOf(donors, mappingOf(yaml), system, { fields: {} });
        const once = canonical(parseWhere(where)).where;
        expect(truthOf(world, once)).toEqual(truthOf(world, where));
        expect(form(once)).toBe(JSON.stringify(once));
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });

  test.each(["any", "all"] as const)("grows with the number of codes and not with its square: %s", (op) => {
    // 50 lists of 20 codes took 20 s, and 5 lists 20 ms: each list was united with all before it, and all pairs compared.
    const [few, many] = [5, 50].map((lists) => parseWhere(listsOf(op, lists, 20), UNLIMITED));
    const took = (expr: ReturnType<typeof parseWhere>): number => {
      const started = process.cpuUsage();
      canonical(expr);
      const { user, system } = process.cpuUsage(started);
      return user + system;
    };
    const least = (expr: ReturnType<typeof parseWhere>): number =>
      Math.min(...Array.from({ length: 9 }, () => took(expr)));
    least(few!);
    expect(least(many!) / Math.max(least(few!), 50)).toBeLessThan(60);
  });

  test("order does not matter", () => {
    const reversed = (where: unknown): unknown =>
      Array.isArray(where)
        ? where.map(reversed).reverse()
        : typeof where === "object" && where !== null
          ? Object.fromEntries(
              Object.entries(where)
                .map(([key, value]) => [key, reversed(value)])
                .reverse(),
            )
          : where;
    fc.assert(
      fc.property(cases, ({ where }) => {
        expect(form(reversed(where))).toBe(form(where));
      }),
      { numRuns: 2_000, seed: 8 },
    );
  });
});
