import { describe, expect, test } from "vitest";
import {
  icd10Atoms,
  icd10Blocks,
  icd10Categories,
  icd10Chapters,
  icd10Children,
  icd10Label,
  icd10Level,
  icd10Parent,
  icd10Span,
  normalizeIcd10,
  suggestIcd10,
} from "../../schema/codes/icd10.ts";
import { icd10Listed } from "../../schema/codes/icd10-listed.ts";
import type { Span } from "../../schema/codes/spans.ts";

const codesIn = (spans: readonly Span[]): readonly string[] =>
  spans.flatMap(([start, end]) => icd10Atoms().slice(start, end));
const whole = (code: string): Span => icd10Span(code, true)[0]!;
const within = (inner: Span, outer: Span): boolean => inner[0] >= outer[0] && inner[1] <= outer[1];

describe("normalizeIcd10", () => {
  test.each([
    ["E11", "E11"],
    ["e112", "E11.2"],
    [" e11.2 ", "E11.2"],
    ["Ｅ１１．２", "E11.2"],
    ["e10-e14", "E10-E14"],
    ["E10 – E14", "E10-E14"],
    ["Ｅ１０－Ｅ１４", "E10-E14"],
    ["E11-E11", "E11"],
    ["a00–b99", "A00-B99"],
    ["V01-Y98", "V01-Y98"],
    ["J45.0", "J45.0"],
    ["C4A", "C4A"],
    ["D46.A", "D46.A"],
  ])("reads %s as %s", (text, code) => expect(normalizeIcd10(text)).toBe(code));

  test.each([
    "",
    "E",
    "E1",
    "E11.",
    "E11.23",
    "E14-E10",
    "E10-",
    "-E14",
    "E10-E12-E14",
    "E11.0-E11.3",
    "U99",
    "diabetes",
  ])("knows no %j", (text) => expect(normalizeIcd10(text)).toBeNull());

  test("leaves every canonical code alone", () => {
    for (const code of [...icd10Chapters, ...icd10Blocks, ...icd10Categories]) expect(normalizeIcd10(code)).toBe(code);
    for (const code of icd10Atoms()) expect(normalizeIcd10(code)).toBe(code);
  });
});

describe("icd10Span", () => {
  test("a category with all below it is one span in sorted order", () => {
    const codes = codesIn(icd10Span("E11", true));
    expect(codes).toEqual(["E11", ...[..."0123456789"].map((fourth) => `E11.${fourth}`)]);
  });

  test("a category alone is one atom", () => expect(codesIn(icd10Span("E11", false))).toEqual(["E11"]));

  test("a subcategory is itself either way", () => {
    expect(codesIn(icd10Span("E11.2", true))).toEqual(["E11.2"]);
    expect(codesIn(icd10Span("E11.2", false))).toEqual(["E11.2"]);
  });

  test("a range runs from its first category to the end of its last", () => {
    expect(icd10Span("E10-E14", true)).toEqual([[whole("E10")[0], whole("E14")[1]]]);
    expect(codesIn(icd10Span("E10-E14", false))).toEqual(["E10", "E11", "E12", "E13", "E14"]);
  });

  test("the last category ends the line", () => {
    expect(whole(icd10Categories.at(-1)!)[1]).toBe(icd10Atoms().length);
    expect(whole("Z00-Z99")[1]).toBe(icd10Atoms().length);
  });

  test("E11.2 lies in E11, E11 in its block, the block in its chapter", () => {
    const way = ["E11.2", "E11", "E10-E14", "E00-E90"];
    expect(way.map(icd10Parent)).toEqual([...way.slice(1), null]);
    expect(way.map(icd10Level)).toEqual(["SUBCATEGORY", "CATEGORY", "BLOCK", "CHAPTER"]);
    for (const [i, code] of way.slice(1).entries()) expect(within(whole(way[i]!), whole(code))).toBe(true);
  });

  test("the atoms are sorted and categories follow one another without a gap", () => {
    const all = icd10Atoms();
    expect(all).toEqual([...new Set(all)].sort());
    let at = 0;
    for (const category of icd10Categories) {
      expect(whole(category)[0]).toBe(at);
      at = whole(category)[1];
    }
    expect(at).toBe(icd10Atoms().length);
  });

  test("chapters, and what lies directly below them, part the line without rest", () => {
    for (const codes of [icd10Chapters, icd10Blocks]) {
      let at = 0;
      for (const code of codes) {
        expect(whole(code)[0]).toBe(at);
        at = whole(code)[1];
      }
      expect(at).toBe(icd10Atoms().length);
    }
  });

  test("every category lies inside its chapter, through parents that contain each other", () => {
    for (const category of icd10Categories) {
      let code = category;
      for (let parent = icd10Parent(code); parent !== null; parent = icd10Parent(code)) {
        expect(within(whole(code), whole(parent)), `${code} in ${parent}`).toBe(true);
        code = parent;
      }
      expect(icd10Level(code), category).toBe("CHAPTER");
    }
  });

  test("every code is among the children of its parent", () => {
    const below = (code: string): readonly string[] => [code, ...icd10Children(code).flatMap(below)];
    for (const code of icd10Chapters.flatMap(below)) {
      const parent = icd10Parent(code);
      if (parent !== null) expect(icd10Children(parent)).toContain(code);
    }
  });

  test("refuses what is not canonical", () => {
    expect(() => icd10Span("e11", true)).toThrow('ICD-10: wanted a canonical code, got "e11"');
  });
});

describe("icd10Label", () => {
  test.each([
    ["E11", "Type 2 diabetes mellitus", "2型糖尿病"],
    ["G30", "Alzheimer's disease", "アルツハイマー病"],
    ["C34", "Malignant neoplasm of bronchus and lung", "気管支及び肺の悪性新生物"],
    ["C34.1", "Malignant neoplasm of bronchus and lung (C34.1)", "気管支及び肺の悪性新生物（C34.1）"],
    ["J45.0", "Asthma (J45.0)", "喘息（J45.0）"],
    ["J45.2", "Asthma (J45.2)", "喘息（J45.2）"],
    ["E10-E14", "Diabetes mellitus", "糖尿病"],
    ["C00-D48", "Neoplasms", "新生物"],
    ["E10-E11", "Type 1 diabetes mellitus – Type 2 diabetes mellitus", "1型糖尿病〜2型糖尿病"],
  ])("%s is %s, %s", (code, en, ja) => expect(icd10Label(code)).toEqual({ en, ja }));

  test("every chapter, block, group and category has a name in both languages", () => {
    for (const code of icd10Listed()) {
      if (!code.includes(".")) expect(icd10Label(code), code).not.toHaveProperty("missing");
    }
    expect(icd10Label("M00")).toEqual({ en: "Pyogenic arthritis", ja: "化膿性関節炎" });
    expect(icd10Label("A15-A19")).toEqual({ en: "Tuberculosis", ja: "結核" });
  });

  test("a subcategory keeps its own name, and Japanese stands in where there is no English", () => {
    const ja = "2型糖尿病，腎合併症を伴うもの";
    expect(icd10Label("E11.2")).toEqual({ en: ja, ja, missing: "EN" });
  });

  test("every atom has both names, without full-width letters or bracketed readings", () => {
    for (const code of icd10Atoms()) {
      const { en, ja } = icd10Label(code);
      expect(en).not.toBe("");
      expect(ja).toMatch(/^[^＜＞Ａ-Ｚａ-ｚ０-９]+$/);
    }
  });
});

test.each([
  ["E11.99", ["E11.9"]],
  ["E111X", ["E11.1"]],
  ["E17", ["E16", "E15", "E14"]],
  ["U99", ["U07", "U04"]],
  ["E10-E17", ["E10-E16"]],
  ["E14-E10", ["E14"]],
  ["diabetes", []],
  ["", []],
])("suggests for %j %j", (text, codes) => expect([...suggestIcd10(text)].sort()).toEqual([...codes].sort()));
