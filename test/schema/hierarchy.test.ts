import { describe, expect, test } from "vitest";
import { DEEPEST_PATH, WIDEST_GROUP } from "../../gateway/http/cost/list-sizes.ts";
import { codeSystem, DISEASE_SYSTEMS } from "../../schema/codes/disease-code.ts";
import { codesBehind, countBelow, pathOf, rootsOf } from "../../schema/codes/hierarchy.ts";
import { icd10Categories } from "../../schema/codes/icd10.ts";

describe("the tree of diseases", () => {
  test.each([
    ["ICD10:E11.2", ["ICD10:E00-E90", "ICD10:E10-E14", "ICD10:E11"], 0],
    ["ICD10:E10-E14", ["ICD10:E00-E90"], 55],
    ["ICD10:C18-C20", ["ICD10:C00-D49", "ICD10:C00-C97", "ICD10:C00-C75", "ICD10:C15-C26"], 13],
    ["ORPHA:70", ["ORPHA:98053", "ORPHA:71859", "ORPHA:183497"], 4],
    ["NANDO:1200002", ["NANDO:0000001", "NANDO:1000001", "NANDO:1100001"], 0],
    ["ONCOTREE:LUAD", ["ONCOTREE:TISSUE", "ONCOTREE:LUNG", "ONCOTREE:NSCLC"], 0],
    ["NANBYO:2", [], 0],
    ["MONDO:0004976", [], 0],
    ["ORPHA:278", [], 0],
  ])("%s lies where its system has it", (code, path, below) => {
    expect(pathOf(code).slice(0, path.length)).toEqual(path);
    expect(countBelow(code)).toBe(below);
  });

  test("begins at codes that nothing lies above", () => {
    expect(rootsOf("ICD10")).toHaveLength(22);
    expect(rootsOf("ONCOTREE")).toEqual(["ONCOTREE:TISSUE"]);
    expect(rootsOf("NANBYO")).toHaveLength(348);
    for (const root of DISEASE_SYSTEMS.flatMap((system) => rootsOf(system))) expect(pathOf(root)).toEqual([]);
  });

  test("has as many codes below a code as its children have, with themselves", () => {
    for (const code of ["ICD10:A00-B99", "ICD10:C00-D48", "ONCOTREE:LUNG", "NANDO:1000001"]) {
      const below = new Set<string>();
      const visit = (each: string): void => {
        const [system, own] = each.split(":") as ["ICD10" | "ONCOTREE" | "NANDO", string];
        for (const child of codeSystem(system).children(own)) {
          below.add(child);
          visit(child);
        }
      };
      visit(code);
      expect(countBelow(code)).toBe(below.size);
    }
  });

  test("makes a group of its blocks and categories", () => {
    expect(codesBehind("ICD10:C18-C20")).toEqual(["ICD10:C18", "ICD10:C19", "ICD10:C20"]);
    expect(codesBehind("ICD10:C18")).toEqual(["ICD10:C18"]);
    expect(codesBehind("ORPHA:70")).toEqual(["ORPHA:70"]);
  });

  test("is never deeper and no group wider than cost reckons with", () => {
    const codes = DISEASE_SYSTEMS.flatMap((system) =>
      (system === "ICD10" ? icd10Categories.map((category) => `${category}.0`) : codeSystem(system).codes()).map(
        (code) => `${system}:${code}`,
      ),
    );
    for (const code of codes) expect(pathOf(code).length).toBeLessThanOrEqual(DEEPEST_PATH);
    for (let first = 0; first < icd10Categories.length; first += 13) {
      for (let last = first + 1; last < icd10Categories.length; last += 11) {
        const group = codesBehind(`ICD10:${icd10Categories[first]}-${icd10Categories[last]}`);
        expect(group.length).toBeLessThanOrEqual(WIDEST_GROUP);
      }
    }
  }, 60_000);
});
