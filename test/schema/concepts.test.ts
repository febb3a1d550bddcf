import { describe, expect, test } from "vitest";
import { relatedCodes } from "../../schema/codes/relations.ts";
import { findDiseases } from "../../schema/words/find-diseases.ts";

const codes = (text: string, first = 20): readonly string[] => findDiseases(text, first).hits.map(({ code }) => code);

describe("diseases are found by what people call them", () => {
  test("the whole name stands before a name that it is part of", () => {
    const found = codes("脊髄性筋萎縮症");
    expect(found[0]).toBe("NANBYO:3");
    expect(found).toContain("NANBYO:1");
  });

  // E08.0 to E08.9 and O24.0 to O24.9, whose labels are made of their categories', stood before E10 and E11.
  test("subcategories that no source has a name for are no hits of their category's name", () => {
    const diabetes = codes("diabetes");
    expect(diabetes).toEqual(expect.arrayContaining(["ICD10:E10-E14", "ICD10:E10", "ICD10:E11"]));
    // E23.2 is diabetes insipidus.
    expect(diabetes.filter((code) => /^ICD10:(?:E0|E1[34]|O24)/.test(code) && code.includes("."))).toEqual([]);
    expect(codes("hypertension", 3)).toContain("ICD10:I10");
    expect(codes("ケトアシドーシス", 5)).toEqual(expect.arrayContaining(["ICD10:E10.1", "ICD10:E11.1"]));
  });

  test.each([
    ["IgA腎症", "NANBYO:66"],
    ["ＩｇＡ腎症", "NANBYO:66"],
    ["iga腎症", "NANBYO:66"],
    ["2型糖尿病", "ICD10:E11"],
    ["２型糖尿病", "ICD10:E11"],
    ["type 2 diabetes", "ICD10:E11"],
    ["TYPE 2 DIABETES", "ICD10:E11"],
    ["E11", "ICD10:E11"],
    ["e112", "ICD10:E11.2"],
    ["ICD10:E11", "ICD10:E11"],
    ["筋ジストロフィー", "NANBYO:113"],
    ["きんじすとろふぃー".replace("きん", "筋"), "NANBYO:113"],
    ["Fabry disease", "ORPHA:324"],
    ["LUAD", "ONCOTREE:LUAD"],
    ["lung adenocarcinoma", "ONCOTREE:LUAD"],
    ["ALS", "NANBYO:2"],
    ["BBJ:33", "BBJ:33"],
    ["66", "NANBYO:66"],
    ["0004976", "MONDO:0004976"],
    ["MONDO:0004976", "MONDO:0004976"],
    ["mondo_0004976", "MONDO:0004976"],
    ["non-small cell lung carcinoma", "ICD10:C34"],
  ])("%s finds %s first", (text, code) => expect(codes(text)[0]).toBe(code));

  test("codes and numbers are found by the whole of them only", () => {
    expect(codes("34814")).toEqual([]);
    expect(codes("66", 200)).not.toContain("ORPHA:661");
  });

  test("what the text met is told, each concept comes once, and nothing is found by nothing", () => {
    expect(findDiseases("ALS", 1).hits).toMatchObject([{ code: "NANBYO:2", matched: "ALS" }]);
    const found = codes("diabetes", 200);
    expect(new Set(found).size).toBe(found.length);
    expect(codes("")).toEqual([]);
    expect(codes("　")).toEqual([]);
    expect(codes("no such disease")).toEqual([]);
  });
});

test("relations are told in both directions, and what is merely near is none", () => {
  expect(relatedCodes("ORPHA:803")).toEqual([
    { code: "NANBYO:2", verdict: "EXACT" },
    { code: "MONDO:0004976", verdict: "EXACT" },
    { code: "ICD10:G12.2", verdict: "BROADER" },
  ]);
  expect(relatedCodes("ICD10:G12.2")).toContainEqual({ code: "ORPHA:803", verdict: "NARROWER" });
  expect(relatedCodes("NANBYO:2")[0]).toEqual({ code: "NANDO:1200002", verdict: "EXACT" });
  expect(relatedCodes("MONDO:0004976")).toEqual([{ code: "ORPHA:803", verdict: "EXACT" }]);
  expect(relatedCodes("MONDO:0005015")).toEqual([{ code: "ICD10:E10-E14", verdict: "EXACT" }]);
  expect(relatedCodes("BBJ:33")).toEqual([{ code: "ICD10:E10-E14", verdict: "EXACT" }]);
  expect(relatedCodes("NANBYO:101")).toEqual([{ code: "NANDO:1200460", verdict: "EXACT" }]);
});
