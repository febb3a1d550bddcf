import { describe, expect, test } from "vitest";
import { FIELD_NAMES, FIELDS, type FieldName } from "../../schema/fields.ts";
import { parseCurie, valueLabel, valuesOf } from "../../schema/vocabulary.ts";

describe("valueLabel", () => {
  test.each<[FieldName, string, string, string]>([
    ["SEX", "FEMALE", "female", "女性"],
    ["SAMPLE_TYPE", "PLASMA", "plasma", "血漿"],
    ["SEX", "NOT_RECORDED", "not recorded", "記載なし"],
    ["AGE_AT_COLLECTION", "NOT_RECORDED", "not recorded", "記載なし"],
    ["AGE_AT_COLLECTION", "40-49", "40 to 49 years", "40〜49歳"],
    ["AGE_AT_COLLECTION", "90-", "90 years or older", "90歳以上"],
    ["AGE_AT_COLLECTION", "-39", "39 years or younger", "39歳以下"],
    ["COLLECTED_YEAR", "2013", "2013", "2013年"],
    ["COLLECTED_YEAR", "2010-2013", "2010 to 2013", "2010〜2013年"],
    ["DISEASE", "ICD10:E11", "Type 2 diabetes mellitus", "2型糖尿病"],
    ["PROGRAMME", "PROGRAMME:CONTROL_GROUP", "Control group", "コントロール群"],
    ["PROGRAMME", "PROGRAMME:NEW", "PROGRAMME:NEW", "PROGRAMME:NEW"],
    ["CENTRE", "ncbn/ncgg", "ncbn/ncgg", "ncbn/ncgg"],
    ["DISEASE", "ICD10:E1X", "ICD10:E1X", "ICD10:E1X"],
    ["SEX", "toString", "toString", "toString"],
    ["COLLECTED_YEAR", "early", "early", "early"],
  ])("%s %s is %s, %s", (field, value, en, ja) => expect(valueLabel(field, value)).toEqual({ en, ja }));

  test("no two values of a field share a name", () => {
    for (const field of FIELD_NAMES) {
      const labels = valuesOf(field).map((value) => valueLabel(field, value));
      expect(new Set(labels.map(({ en }) => en)).size).toBe(labels.length);
      expect(new Set(labels.map(({ ja }) => ja)).size).toBe(labels.length);
    }
  });
});

test("exactly the fields with fixed values have a list", () => {
  const listed = FIELD_NAMES.filter((field) => valuesOf(field).length > 0);
  expect(listed).toEqual(FIELD_NAMES.filter((field) => FIELDS[field].values === "fixed"));
});

test.each([
  ["ICD10:E11", { system: "ICD10", code: "E11" }],
  ["icd10: e11", { system: "ICD10", code: "e11" }],
  ["PROGRAMME:CANCER_WGS", { system: "PROGRAMME", code: "CANCER_WGS" }],
  ["SNOMED:1", null],
  ["ICD10:", null],
  ["E11", null],
  [":E11", null],
])("parseCurie reads %s as %j", (curie, parts) => expect(parseCurie(curie)).toEqual(parts));
