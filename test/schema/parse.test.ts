import { describe, expect, test } from "vitest";
import { parseWhere } from "../../schema/parse.ts";
import { QuestionError } from "../../schema/question-error.ts";

const error = (where: unknown): QuestionError => {
  try {
    parseWhere(where);
  } catch (thrown) {
    if (thrown instanceof QuestionError) return thrown;
    throw thrown;
  }
  throw new Error("wanted an error");
};

describe("a bad question is told where it is bad, what was wanted and what came", () => {
  test.for([
    [
      { all: [{}, { sample: { ageAtCollection: { from: 60, to: 40 } } }] },
      "where.all[1].sample.ageAtCollection: wanted from <= to, got 60..40",
    ],
    [{ sample: { ageAtCollection: {} } }, "where.sample.ageAtCollection: wanted from, to or both, got neither"],
    [
      { sample: { collectedYear: { from: 2013.5 } } },
      "where.sample.collectedYear.from: wanted a whole number from 0 to 9999, got 2013.5",
    ],
    [{ sex: [] }, "where.sex: wanted at least one value, got an empty list. Leave the field out to ask for everybody"],
    [{ all: [] }, "where.all: wanted at least one value, got an empty list. Leave the field out to ask for everybody"],
    [{ sex: ["WOMAN"] }, 'where.sex[0]: wanted one of FEMALE, MALE, OTHER, got "WOMAN"'],
    [
      { disease: { codes: ["E11"] } },
      'where.disease.codes[0]: wanted a code of ICD10, ORPHA, NANBYO, NANDO, ONCOTREE, BBJ, MONDO with its system, such as ICD10:E11, got "E11". Did you mean ICD10:E11?',
    ],
    [{ gender: ["FEMALE"] }, /^where\.gender: wanted one of all, any, not, disease/],
    [
      { disease: { codes: ["ICD10:Z99.Z"] } },
      /^where\.disease\.codes\[0\]: wanted a code of ICD-10.*got "ICD10:Z99\.Z"/,
    ],
    [
      { disease: {} },
      "where.disease.codes: wanted at least one value, got an empty list. Leave the field out to ask for everybody",
    ],
    [
      { programme: ["CONTROL"] },
      /^where\.programme\[0\]: wanted a code of PROGRAMME with its system, such as PROGRAMME:CONTROL_GROUP/,
    ],
    ["FEMALE", 'where: wanted an object, got "FEMALE"'],
  ] as const)("%j", ([where, message]) => {
    const found = error(where);
    if (typeof message === "string") expect(found.message).toBe(message);
    else expect(found.message).toMatch(message);
    expect(found.message.startsWith(`${found.at}:`)).toBe(true);
    expect(found.says.ja).not.toBe("");
  });

  test("a near miss is suggested", () => {
    expect(error({ sample: { type: ["PLASMAA"] } }).suggestions).toContain("PLASMA");
    expect(error({ diseases: { codes: [] } }).suggestions).toContain("disease");
  });

  test("too many criteria, levels and values are refused", () => {
    const sex = { sex: ["FEMALE"] };
    expect(error({ all: Array.from({ length: 51 }, () => sex) }).message).toContain("wanted at most 50 criteria");
    const deep = Array.from({ length: 9 }).reduce<object>((inner) => ({ not: inner }), sex);
    expect(error(deep).message).toContain("wanted at most 8 levels");
    const codes = Array.from({ length: 201 }, () => "ICD10:E11");
    expect(error({ disease: { codes } }).message).toContain("wanted at most 200 values, got 201");
  });
});

test("null is the same as absent, and codes come in any spelling", () => {
  expect(parseWhere({ sex: null, disease: { codes: ["icd10:e112", "ＩＣＤ10:C34"], descendants: null } })).toEqual({
    op: "donor",
    field: "DISEASE",
    values: ["ICD10:E11.2", "ICD10:C34"],
    descendants: true,
  });
});

// 4,000 letters in place of a programme came back in the suggestion, twice.
test("what came is quoted in part, in suggestions too", () => {
  const { message, suggestions } = error({ programme: ["x".repeat(4000)] });
  expect([message.length < 400, suggestions]).toEqual([true, []]);
  expect(error({ programme: ["control_group"] }).suggestions).toEqual(["PROGRAMME:CONTROL_GROUP"]);
});
