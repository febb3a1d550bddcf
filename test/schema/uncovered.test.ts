import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeSystem, splitDisease } from "../../schema/codes/disease-code.ts";
import { icd10Atoms, icd10Blocks, icd10Categories, icd10Chapters, icd10Span } from "../../schema/codes/icd10.ts";
import { uncovered } from "../../schema/codes/uncovered.ts";

const GRAPHS = ["ORPHA", "NANDO", "ONCOTREE"] as const;
const curies = (system: string, codes: readonly string[]): readonly string[] =>
  codes.map((code) => `${system}:${code}`);

/** What it means that one code covers another, said of two codes. */
const covers = (other: string, code: string): boolean => {
  const [[system, above], [own, below]] = [splitDisease(other), splitDisease(code)];
  if (system !== own || other === code) return false;
  if (system !== "ICD10") return codeSystem(system).graph()?.below(above).has(below) ?? false;
  const [[s, e], [start, end]] = [icd10Span(above, true)[0]!, icd10Span(below, true)[0]!];
  return s <= start && end <= e && (e - s > end - start || above < below);
};

/** Codes that often cover each other: of each system some, and what lies above and below them. */
const POOLS: { readonly [system: string]: readonly string[] } = {
  ICD10: curies("ICD10", [
    ...icd10Chapters,
    ...icd10Blocks,
    ...icd10Categories.slice(0, 150),
    ...icd10Atoms().slice(0, 300),
    "A00-B99",
    "A00-A01",
    "C00-D48",
    "C00-D49",
  ]),
  ...Object.fromEntries(
    GRAPHS.map((system) => {
      const graph = codeSystem(system).graph()!;
      const broad = [...graph.codes].sort((a, b) => graph.below(b).size - graph.below(a).size).slice(0, 200);
      const narrow = broad.slice(20, 60).flatMap((code) => [...graph.below(code)].slice(0, 10));
      return [system, curies(system, [...new Set([...broad, ...narrow])])];
    }),
  ),
  MIXED: ["ICD10:E10-E14", "ICD10:E11", "MONDO:0005148", "BBJ:33", "NANBYO:2", "NANDO:1200002", "ORPHA:803"],
};

describe("codes of a list that another one covers", () => {
  test.each(Object.entries(POOLS))("are left out, and no others: %s", (_, pool) => {
    let left = 0;
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...pool), { minLength: 1, maxLength: 40 }), (codes) => {
        const listed = codes.toSorted();
        const found = uncovered(listed);
        expect(found).toEqual(listed.filter((code) => !listed.some((other) => covers(other, code))));
        left += listed.length - found.length;
      }),
      { numRuns: 150, seed: 12 },
    );
    expect(left).toBeGreaterThan(25);
  });

  test.each(GRAPHS)("no code of %s lies below itself, so that one of each circle is left", (system) => {
    const graph = codeSystem(system).graph()!;
    const circular = graph.codes.filter((code) => graph.parents(code).some((parent) => graph.below(code).has(parent)));
    expect(circular).toEqual([]);
  });
});
