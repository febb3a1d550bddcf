import { describe, expect, test } from "vitest";
import { canonical, criteriaOf } from "../../../schema/canonical.ts";
import { readWhere } from "../../../schema/parse.ts";
import { parseQuestion } from "../../../schema/wire/question.ts";

const SEX = { field: "SEX", values: ["FEMALE", "MALE"] };
const facetsOf = (...facets: readonly object[]) => parseQuestion({ v: 1, where: {}, facets }).facets;

describe("facets", () => {
  test("of a known field are known, cell by cell", () => {
    const [facet] = facetsOf({ by: SEX, across: { field: "USE", values: ["ACADEMIC", "OVERSEAS"] } });
    expect(facet).toEqual({
      known: { by: SEX, across: { field: "USE", values: ["ACADEMIC", "OVERSEAS"] } },
      cells: [0, 1, 2, 3],
      lost: [],
    });
  });

  test.each<[string, object]>([
    ["an enum value", { field: "SEX", values: ["FEMALE", "NEW", "NOT_RECORDED"] }],
    ["a code", { field: "DISEASE", values: ["ICD10:E11", "ICD10:Z99.99", "ICD10:E10"] }],
    ["a code system", { field: "DISEASE", values: ["ICD10:E11", "SNOMED:1", "ICD10:E10"] }],
    ["a code without a system", { field: "DISEASE", values: ["ICD10:E11", "E12", "ICD10:E10"] }],
    ["a band", { field: "COLLECTED_YEAR", values: ["2010", "2011/Q1", "2012-2013"] }],
  ])("%s that is not known has no cell among the known ones", (_, by) => {
    const { field, values } = by as { field: string; values: readonly string[] };
    const [facet] = facetsOf({ by, across: SEX });
    expect(facet?.known?.by).toEqual({ field, values: [values[0], values[2]] });
    expect(facet?.cells).toEqual([0, 1, null, null, 2, 3]);
    expect(facet?.lost).toEqual([]);
  });

  test.each<[string, object, readonly string[]]>([
    ["an unknown field", { by: { field: "HEIGHT", values: ["1", "2"] } }, ["HEIGHT"]],
    ["an unknown field across", { by: SEX, across: { field: "HEIGHT", values: ["1"] } }, ["HEIGHT"]],
    ["a member that is not known", { by: SEX, within: "ANCESTRY" }, ["SEX"]],
  ])("with %s are lost", (_, facet, lost) => {
    expect(facetsOf(facet)).toEqual([{ known: null, cells: [null, null], lost }]);
  });
});

describe("a question", () => {
  test("of a higher version is read for what is known of it", () => {
    const where = { sex: ["FEMALE"] };
    expect(parseQuestion({ v: 7, where, facets: [] }).known).toEqual({ v: 1, where, facets: [] });
  });

  test("with a member beside those that are known is not counted on: it may change what the others mean", () => {
    const { known } = parseQuestion({ v: 2, where: { sex: ["FEMALE"] }, facets: [], sex: ["MALE"] });
    expect(readWhere(known.where, LIMITS)).toEqual({ op: "unknown", key: "question.sex", json: ["MALE"] });
  });

  test.each<[unknown, string]>([
    [null, "question: wanted an object, got null"],
    [{ where: {} }, "question.facets: wanted a list, got undefined"],
    [{ facets: [] }, "question.where: wanted an object, got undefined"],
    [{ where: {}, facets: [{}] }, "question.facets[0].by: wanted an object, got undefined"],
    [{ where: {}, facets: [{ by: { field: "SEX" } }] }, "question.facets[0].by.values: wanted a list, got undefined"],
  ])("%j is none", (json, message) => {
    expect(() => parseQuestion(json)).toThrow(message);
  });
});

const LIMITS = { criteria: 5, depth: 4, codes: 3 };
/** Paths of a question's criteria, those that are not known in brackets. */
const criteria = (where: object): readonly string[] =>
  criteriaOf(readWhere(where, LIMITS)).map(({ path, criterion }) => ("json" in criterion ? `[${path}]` : path));

test.each<[object, readonly string[]]>([
  [{ height: { from: 180 } }, ["[height]"]],
  [{ not: { height: { from: 180 } } }, ["[not.height]"]],
  [{ any: [{ height: 1 }, { sex: ["FEMALE"] }] }, ["[any[0].height]", "any[1].sex"]],
  [{ all: [{ sex: ["FEMALE"] }, { not: { any: [{ smoker: true }] } }] }, ["all[0].sex", "[all[1].not.any[0].smoker]"]],
  [{ sex: ["FEMALE", "NEW"] }, ["[sex]"]],
  [{ disease: { codes: ["SNOMED:1"] } }, ["[disease]"]],
  [{ disease: { codes: ["ICD10:E11"], onset: { to: 40 } } }, ["[disease]"]],
  [{ disease: { codes: ["ICD10:E11"], descendants: "some" } }, ["[disease]"]],
  [{ sample: { type: ["DNA"], volume: { from: 2 } } }, ["sample.type", "[sample.volume]"]],
  [{ sample: { type: ["NEW"], origin: ["TUMOUR"] } }, ["[sample.type]", "sample.origin"]],
  [{ sample: { ageAtCollection: { from: 3, unit: "MONTHS" } } }, ["[sample.ageAtCollection]"]],
  [{ sample: "any" }, ["[sample]"]],
  [{ toString: ["x"], constructor: ["y"] }, ["[all[0].toString]", "[all[1].constructor]"]],
  [{ sex: ["FEMALE", "MALE", "OTHER", "FEMALE"] }, ["[sex]"]],
  [{ not: { not: { not: { not: { sex: ["FEMALE"] } } } } }, ["[not.not.not.not]"]],
])("of %j just the part that is not known is unknown", (where, paths) => {
  expect(criteria(where)).toEqual(paths);
});

test("what is not known keeps its place and its words in the canonical form", () => {
  const where = { all: [{ height: { from: 180 } }, { sex: ["MALE"] }, { sample: { volume: 2, type: ["DNA"] } }] };
  const form = canonical(readWhere(where, { criteria: 50, depth: 8, codes: 200 }));
  expect(form.where).toEqual({
    all: [{ height: { from: 180 } }, { sample: { volume: 2, type: ["DNA"] } }, { sex: ["MALE"] }],
  });
});
