import { describe, expect, test } from "vitest";
import data from "../../schema/codes/data/withdrawn.json" with { type: "json" };
import { codeSystem, splitDisease } from "../../schema/codes/disease-code.ts";
import { withdrawnCode } from "../../schema/codes/withdrawn.ts";
import { parseWhere } from "../../schema/parse.ts";
import { parseValue } from "../../schema/parse-value.ts";
import { QuestionError } from "../../schema/question-error.ts";

const refused = (code: string): QuestionError => {
  try {
    parseWhere({ disease: { codes: [code] } });
  } catch (error) {
    if (error instanceof QuestionError) return error;
    throw error;
  }
  throw new Error(`${code} was taken`);
};

describe("a question with a withdrawn code is told so, and what to ask instead", () => {
  test.each([
    ["ICD10:I84", "Haemorrhoids", ["ICD10:K64"]],
    ["icd10:i841", "Haemorrhoids", ["ICD10:K64"]],
    ["ICD10:N18.0", "Chronic kidney disease (CKD) (N18.0)", ["ICD10:N18.5"]],
    ["ICD10:C94.1", "Other leukemias of specified cell type (C94.1)", ["ICD10:D45", "ICD10:C94.0"]],
    ["ONCOTREE:MM", "Multiple Myeloma", ["ONCOTREE:PCM"]],
    ["oncotree:all", "Acute Lymphoid Leukemia", ["ONCOTREE:BLL", "ONCOTREE:TLL"]],
    ["ORPHA:90341", "Early-onset sarcoidosis", ["ORPHA:90340"]],
    ["NANDO:1200145", "Danon disease", ["NANDO:1200222"]],
    ["MONDO:0006689", "carcinoid syndrome", ["MONDO:0100347"]],
    ["MONDO:7464", "isolated distichiasis", ["ORPHA:99177"]],
  ])("%s", (code, name, instead) => {
    const { message, says, at, suggestions } = refused(code);
    expect(at).toBe("where.disease.codes[0]");
    expect(message).toBe(
      `where.disease.codes[0]: wanted a code in use, got ${JSON.stringify(code)}, which was withdrawn (${name}). Did you mean ${instead.join(", ")}?`,
    );
    expect(says.ja).toContain(`廃止された ${JSON.stringify(code)}`);
    expect(suggestions).toEqual(instead);
  });

  test("without a successor, by the nearest names: of the same system, else of any", () => {
    expect(refused("ORPHA:411").suggestions).toEqual(["ORPHA:413", "ORPHA:419", "ORPHA:579"].slice(0, 3));
    expect(refused("ORPHA:278").suggestions).toEqual(["NANBYO:7", "NANDO:1200011", "ICD10:G31"]);
    expect(refused("ORPHA:34").message).toBe(
      'where.disease.codes[0]: wanted a code in use, got "ORPHA:34", which was withdrawn (Pipecolic acidemia)',
    );
  });
});

test("what stands in place of a withdrawn code is in use itself", () => {
  for (const [code, , , successors] of data.codes as string[][]) {
    const gone = withdrawnCode(...splitDisease(code!));
    expect([code, gone?.code]).toEqual([code, code]);
    for (const each of successors!.split(" ").filter(Boolean)) {
      expect([code, each, parseValue(each, "code", "DISEASE")]).toEqual([code, each, each]);
    }
  }
});

test("codes in use are not withdrawn, nor are those that never were", () => {
  for (const code of [
    "ICD10:K64",
    "ICD10:E11",
    "ICD10:A00-B99",
    "ORPHA:803",
    "NANBYO:2",
    "BBJ:33",
    "ONCOTREE:LUAD",
    "MONDO:0004976",
  ])
    expect([code, withdrawnCode(...splitDisease(code))]).toEqual([code, null]);
  for (const code of ["ICD10:U99", "ICD10:NONSENSE", "ORPHA:99999999", "ONCOTREE:LUAT", "MONDO:9999999"]) {
    const [system, own] = splitDisease(code);
    expect([code, withdrawnCode(system, own), codeSystem(system).normalize(own)]).toEqual([code, null, null]);
  }
});

test("a mapping may say the withdrawn codes that have a place, since records may hold them", () => {
  expect(parseValue("ORPHA:278", "is", "DISEASE", "recorded")).toBe("ORPHA:278");
  expect(parseValue("ICD10:K35.9", "is", "DISEASE", "recorded")).toBe("ICD10:K35.9");
  expect(() => parseValue("ICD10:I84", "is", "DISEASE", "recorded")).toThrow("Did you mean ICD10:K64?");
  expect(() => parseValue("ONCOTREE:MM", "is", "DISEASE", "recorded")).toThrow("Did you mean ONCOTREE:PCM?");
});
