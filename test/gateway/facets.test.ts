import { describe, expect, test } from "vitest";
import { salvagedCard } from "../../gateway/banks/salvaged-card.ts";
import { cellsOf, type FacetInput, facetJson, planFacets } from "../../gateway/search/facets.ts";
import { frameOf, listRows, tableOf } from "../../gateway/search/tables.ts";
import { type CellCounts, countOf, exactCount } from "../../schema/count.ts";
import { QuestionError } from "../../schema/question-error.ts";
import { type Card, parseCard } from "../../schema/wire/card.ts";

const both = (name: string) => ({ en: name, ja: name, missing: null });

const bank = (id: string, centres: readonly string[] = [], programmes: readonly string[] = []): Card => {
  const values = programmes.map((value) => ({ value: { value, label: both(value) }, verdict: "EXACT" }));
  const fields = [{ field: "PROGRAMME", verdict: "EXACT", facet: true, values }];
  return parseCard({
    ...salvagedCard({}, id),
    size: { donors: 100, samples: 500, enrolmentsPerPerson: 1 },
    centres: centres.map((centre) => ({ id: `${id}/${centre}`, name: both(`Centre ${centre}`) })),
    capabilities: { counts: [], sameSample: true, fields },
  });
};

const BANKS = [bank("a", ["x", "y"], ["PROGRAMME:P", "PROGRAMME:Q"]), bank("b", ["z"], ["PROGRAMME:Q"])];
const plan = (facet: FacetInput) => planFacets([facet], BANKS, 2026)[0]!;
const listed = (facet: FacetInput) => plan(facet).by.listed;

describe("the values of a facet are fixed before any bank is asked", () => {
  test("of an attribute: the enum's, and that nothing is recorded", () => {
    expect(listed({ by: "SEX" })).toEqual(["FEMALE", "MALE", "OTHER", "NOT_RECORDED"]);
    expect(listed({ by: "STORAGE" })).toEqual(["ROOM", "PLUS_4", "MINUS_20", "MINUS_80", "LN2", "NOT_RECORDED"]);
  });

  test("of records: the enum's only, since what is not recorded is not there", () => {
    expect(listed({ by: "USE" })).toEqual(["ACADEMIC", "COMMERCIAL", "OVERSEAS"]);
    expect(listed({ by: "SAMPLE_TYPE" })).toHaveLength(28);
  });

  test("of ages: bands of ten years, with what lies above asked for but never listed", () => {
    const { by } = plan({ by: "AGE_AT_COLLECTION" });
    expect(by.listed).toEqual([
      ...["0-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80-89", "90-99", "100-109"],
      "NOT_RECORDED",
    ]);
    expect(facetJson({ ...plan({ by: "AGE_AT_COLLECTION" }) }).by.values).toEqual([...by.listed, "110-9999"]);
  });

  test("of years: 2000 to the current one", () => {
    const { by } = plan({ by: "COLLECTED_YEAR" });
    expect(by.listed).toHaveLength(28);
    expect([by.listed[0], by.listed[26], by.listed[27]]).toEqual(["2000", "2026", "NOT_RECORDED"]);
    expect(by.rest).toEqual(["0-1999", "2027-9999"]);
  });

  test("of programmes and centres: those that the banks name, each once", () => {
    expect(listed({ by: "PROGRAMME" })).toEqual(["PROGRAMME:P", "PROGRAMME:Q"]);
    expect(listed({ by: "CENTRE" })).toEqual(["a/x", "a/y", "b/z", "NOT_RECORDED"]);
  });

  test("of diseases: the chapters, a level, what lies below a code, or both", () => {
    expect(listed({ by: "DISEASE" })).toHaveLength(22);
    expect(plan({ by: "DISEASE" }).level).toBe("CHAPTER");
    expect(listed({ by: "DISEASE", level: "CATEGORY" }).length).toBeGreaterThan(1900);
    expect(listed({ by: "DISEASE", under: "ICD10:E10-E14" })).toEqual(
      ["E10", "E11", "E12", "E13", "E14"].map((code) => `ICD10:${code}`),
    );
    expect(plan({ by: "DISEASE", under: "ICD10:E10-E14" }).level).toBeNull();
    const inChapter = listed({ by: "DISEASE", under: "ICD10:H60-H95", level: "CATEGORY" });
    expect(inChapter[0]).toBe("ICD10:H60");
    expect(inChapter.every((code) => code.startsWith("ICD10:H"))).toBe(true);
  });

  test("named by the asker: exactly these, in that order, each once, in their normal form", () => {
    expect(listed({ by: "SEX", values: ["MALE", "NOT_RECORDED", "MALE"] })).toEqual(["MALE", "NOT_RECORDED"]);
    expect(listed({ by: "DISEASE", values: ["ICD10:e112", "NOT_RECORDED"] })).toEqual(["ICD10:E11.2", "NOT_RECORDED"]);
    expect(listed({ by: "AGE_AT_COLLECTION", values: ["18-64", "65-65"] })).toEqual(["18-64", "65"]);
    expect(plan({ by: "SEX", values: ["MALE"], first: 3 }).first).toBeNull();
  });

  test("cells overlap for records and for all samples, since one donor has several", () => {
    const overlapping = (facet: FacetInput) => plan(facet).overlapping;
    expect([overlapping({ by: "SEX" }), overlapping({ by: "CENTRE", across: "SEX" })]).toEqual([false, false]);
    expect([overlapping({ by: "DISEASE" }), overlapping({ by: "SAMPLE_TYPE" })]).toEqual([true, true]);
    expect(overlapping({ by: "SEX", across: "AGE_AT_COLLECTION" })).toBe(true);
  });
});

test.each<[readonly FacetInput[], string]>([
  [[], "facets: wanted at least one, got an empty list. Leave it out to ask for none"],
  [Array.from({ length: 10 }, () => ({ by: "SEX" as const })), "facets: wanted at most 9 facets, got 10"],
  [[{ by: "SEX" }, { by: "SEX", across: "SEX" }], "facets[1].across: wanted another field than by, got SEX"],
  [[{ by: "SEX", first: 0 }], "facets[0].first: wanted 1 to 200, got 0"],
  [[{ by: "SEX", first: 201 }], "facets[0].first: wanted 1 to 200, got 201"],
  [[{ by: "SEX", level: "BLOCK" }], "facets[0].level: wanted it only with DISEASE and without values, got BLOCK"],
  [
    [{ by: "SEX", under: "x".repeat(61) }],
    `facets[0].under: wanted it only with DISEASE and without values, got ${"x".repeat(60)}…`,
  ],
  [
    [{ by: "SEX", values: [] }],
    "facets[0].values: wanted at least one, got an empty list. Leave it out to ask for none",
  ],
  [
    [{ by: "AGE_AT_COLLECTION", values: ["50-40"] }],
    'facets[0].values[0]: wanted a number or a range such as 40-49, got "50-40"',
  ],
  [[{ by: "DISEASE", under: "PROGRAMME:P" }], "facets[0].under: "],
  [[{ by: "SEX", values: ["FEMAL"] }], "facets[0].values[0]: wanted one of FEMALE, MALE, OTHER"],
  [[{ by: "DISEASE", level: "CATEGORY", across: "SEX" }], "facets[0]: wanted at most 2500 values or cells"],
])("%j is refused", (facets, message) => {
  expect(() => planFacets(facets, BANKS, 2026)).toThrow(message);
  expect(() => planFacets(facets, BANKS, 2026)).toThrow(QuestionError);
});

const cell = (min: number, max: number | null, samples = 0): CellCounts => ({
  donors: countOf(min, max, ["SMALL_COUNT"]),
  samples: exactCount(samples),
});
const label = (_: string, value: string) => both(value);
const names = (facet: FacetInput, cells: readonly CellCounts[], total = cell(0, 0)) => {
  const planned = plan(facet);
  const table = tableOf(frameOf(planned, listRows(planned, cells), label), cells, total);
  return { ...table, cells: table.cells.map(({ by, across }) => (across ? `${by.value} ${across.value}` : by.value)) };
};

describe("the table is cut after merging", () => {
  // FEMALE, MALE, OTHER, NOT_RECORDED
  const cells = [cell(5, 9, 3), cell(2, 9, 4), cell(0, 2, 2), cell(0, null, 1)];

  test("no upper end is the largest, then the maximum of donors, then of samples, then the value", () => {
    expect(names({ by: "SEX" }, cells).cells).toEqual(["NOT_RECORDED", "MALE", "FEMALE", "OTHER"]);
    const equal = [cell(1, 4), cell(2, 4), cell(0, 4), cell(3, 4)];
    expect(names({ by: "SEX" }, equal).cells).toEqual(["FEMALE", "MALE", "NOT_RECORDED", "OTHER"]);
  });

  test("what was cut is bounded by the largest that was cut", () => {
    const table = names({ by: "SEX", first: 2 }, cells);
    expect(table.cells).toEqual(["NOT_RECORDED", "MALE"]);
    expect(table.more).toBe(true);
    expect(table.unlisted).toEqual({
      donors: { min: 0, max: 9, because: ["SMALL_COUNT", "NOT_COUNTED"] },
      samples: { min: 0, max: 3, because: ["NOT_COUNTED"] },
    });
  });

  test("where every value is listed no other one holds anything", () => {
    const table = names({ by: "SEX" }, cells);
    expect(table.more).toBe(false);
    expect(table.unlisted).toEqual({ donors: exactCount(0), samples: exactCount(0) });
  });

  test("beside values that the asker named, others may hold as much as the total", () => {
    const table = names(
      { by: "SEX", values: ["OTHER", "MALE"], first: 1 },
      [cell(0, 2, 1), cell(2, 9, 4)],
      cell(7, 30, 60),
    );
    expect(table.cells).toEqual(["OTHER", "MALE"]);
    expect(table.more).toBe(false);
    expect(table.unlisted.donors).toEqual({ min: 0, max: 30, because: ["SMALL_COUNT", "NOT_COUNTED"] });
    expect(table.unlisted.samples).toEqual({ min: 0, max: 60, because: ["NOT_COUNTED"] });
  });

  test("values outside of the list are bounded by what the banks say of them", () => {
    const ages = [...Array.from({ length: 12 }, () => cell(1, 5)), cell(0, 3)];
    const table = names({ by: "AGE_AT_COLLECTION" }, ages, cell(60, 60));
    expect(table.cells).toHaveLength(12);
    expect(table.cells).not.toContain("110-9999");
    expect([table.more, table.unlisted.donors.max]).toEqual([false, 3]);
  });

  test("a cross table keeps or cuts whole rows", () => {
    const facet: FacetInput = { by: "USE", across: "SEX", first: 1 };
    expect(cellsOf(plan(facet))).toBe(12);
    const rows = [1, 7, 3].flatMap((max) => [cell(0, max), cell(0, 1), cell(0, 2), cell(0, 0)]);
    const table = names(facet, rows);
    expect(table.cells).toEqual([
      "COMMERCIAL FEMALE",
      "COMMERCIAL MALE",
      "COMMERCIAL OTHER",
      "COMMERCIAL NOT_RECORDED",
    ]);
    expect(table.unlisted.donors.max).toBe(3);
  });
});
