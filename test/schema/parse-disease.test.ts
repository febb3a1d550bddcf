import { describe, expect, test } from "vitest";
import { diseaseCode } from "../../schema/parse-disease.ts";
import { QuestionError } from "../../schema/question-error.ts";

const refused = (value: string): QuestionError => {
  try {
    diseaseCode(value, "at");
  } catch (error) {
    if (error instanceof QuestionError) return error;
  }
  throw new Error(`wanted ${value} refused`);
};

describe("a code that there is not", () => {
  // ORPHA, NANBYO, NANDO, BBJ and MONDO once suggested nothing at all.
  test.each([
    ["ORPHA:8O3", "ORPHA:803"],
    ["NANBYO:349", "NANBYO:348"],
    ["NANBYO:0", "NANBYO:1"],
    ["BBJ:60", "BBJ:51"],
    ["NANDO:120002", "NANDO:1200002"],
    ["MONDO:00049766", "MONDO:0004976"],
    ["ONCOTREE:LUADD", "ONCOTREE:LUAD"],
    ["ICD10:E99", "ICD10:E90"],
    // The code of one system under another's name.
    ["ORPHA:G12.2", "ICD10:G12.2"],
    ["ICD10:LUAD", "ONCOTREE:LUAD"],
    // A name in place of a code.
    ["ORPHA:Fabry disease", "ORPHA:324"],
    ["ICD10:atrial fibrillation", "ICD10:I48"],
  ])("%s is named, and %s is suggested", (given, near) => {
    const { message, suggestions } = refused(given);
    expect(message).toContain(JSON.stringify(given));
    expect(suggestions).toContain(near);
    expect(suggestions.length).toBeLessThanOrEqual(3);
  });
});

describe("a code of a system that there is not", () => {
  // ICD11:5A11 once suggested ICD10:5A11, which is no code.
  test.each([
    ["ICD:E11", ["ICD10:E11"]],
    ["ICD-10:E11", ["ICD10:E11"]],
    ["ICD10CM:E11.9", ["ICD10:E11.9"]],
    ["ICD10 E11", ["ICD10:E11"]],
    ["ORPHANET:803", ["ORPHA:803"]],
    ["E11", ["ICD10:E11"]],
    ["MESH:LUAD", ["ONCOTREE:LUAD"]],
    ["ICD11:5A11", []],
    ["OMIM:105400", []],
    // A name in place of a code.
    ["type 2 diabetes", ["ICD10:E11", "MONDO:0005148", "NANDO:2200461"]],
    ["筋萎縮性側索硬化症", ["NANBYO:2", "ORPHA:803", "NANDO:1200002"]],
    ["no such disease", []],
    ["803", []],
    ["", []],
  ])("%s: %j", (given, near) => {
    const { message, suggestions } = refused(given);
    expect(message).toContain(`got ${JSON.stringify(given)}`);
    expect(message).toContain("ICD10, ORPHA, NANBYO, NANDO, ONCOTREE, BBJ, MONDO");
    expect(suggestions).toEqual(near);
  });

  test("what is suggested can be asked", () => {
    for (const given of ["ICD:E11", "ORPHA:999999", "MONDO:00049766", "NANDO:12", "ORPHA:411O", "BBJ:0"]) {
      for (const near of refused(given).suggestions) expect(diseaseCode(near, "at")).toBe(near);
    }
  });
});
