import { describe, expect, test } from "vitest";
import type { Capabilities, CodeTest, LocalPredicate, LocalSelector, Range } from "../../adapters/local.ts";
import { plan } from "../../subgraphs/plan/plan.ts";
import { MAX_TERMS } from "../../subgraphs/plan/polynomial.ts";
import { allOf, anyOf, EVERY_SAMPLE, hasSample, notOf } from "../../subgraphs/understand/predicates.ts";

const code = (...codes: readonly string[]): CodeTest => ({ codes, negate: false, missing: false });
const disease = (...codes: readonly string[]): LocalPredicate => ({
  op: "has",
  field: "DISEASE",
  test: code(...codes),
});
const sex = (...codes: readonly string[]): LocalPredicate => ({ op: "has", field: "SEX", test: code(...codes) });
const type = (...codes: readonly string[]): LocalSelector => ({
  op: "has",
  field: "SAMPLE_TYPE",
  test: code(...codes),
});
const year = (from: number, to: number): LocalSelector => ({
  op: "has",
  field: "COLLECTED_YEAR",
  test: { from, to, missing: false },
});

const api = (sampleAnd: "same" | "any" | "unknown"): Capabilities => {
  const field = { on: ["DONORS", "SAMPLES"], rest: false, several: false } as const;
  return {
    counts: ["DONORS", "SAMPLES"],
    donors: { logic: "and", sampleAnd },
    samples: { logic: "and", sampleAnd: "same" },
    fields: { DISEASE: field, SEX: field, SAMPLE_TYPE: field, COLLECTED_YEAR: field },
    facets: [],
  };
};

/** What is asked, in short: `E10 & E11`, `[P]` for a sample that the donor has, `P of ...` for samples counted. */
const asked = (
  donors: LocalPredicate,
  capabilities = api("any"),
  samples = EVERY_SAMPLE,
  unit: "DONORS" | "SAMPLES" = "DONORS",
) =>
  plan(donors, samples, unit, capabilities, 10).asks.map(
    ({ question }) =>
      [...short(question.samples).map((s) => `${s} of`), ...short(question.donors)].join(" & ") || "all",
  );
const short = (tree: LocalPredicate | LocalSelector): readonly string[] => {
  if (tree.op === "sample") return [`[${short(tree.of).join(" ")}]`];
  if (tree.op === "has")
    return ["codes" in tree.test ? tree.test.codes.join("|") : `${tree.test.from}-${tree.test.to}`];
  return tree.op === "not" ? [] : tree.of.flatMap(short);
};
const value = (donors: LocalPredicate, counts: readonly number[], capabilities = api("any")): Range =>
  plan(donors, EVERY_SAMPLE, "DONORS", capabilities, 10).value(counts.map((n) => ({ min: n, max: n })));

describe("inclusion and exclusion for an API that knows AND only", () => {
  test("either of two diseases is a sum less the overlap", () => {
    const either = disease("E10", "E11");
    expect(asked(either)).toEqual(["E11", "E10", "E10 & E11"]);
    // BBJ's published ulcers: 14,413 gastric, 7,167 duodenal, 1,867 both, 19,713 either.
    expect(value(either, [7_167, 14_413, 1_867])).toEqual({ min: 19_713, max: 19_713 });
  });

  test("values of a field that holds one value simply add up", () => {
    expect(asked(sex("F", "M"))).toEqual(["F", "M"]);
  });

  test("not is everybody less those", () => {
    expect(asked(notOf(sex("F")))).toEqual(["all", "F"]);
    expect(value(notOf(sex("F")), [100, 40])).toEqual({ min: 60, max: 60 });
  });

  test("a floored count in a negative term widens the other way", () => {
    const { value: of } = plan(notOf(sex("F")), EVERY_SAMPLE, "DONORS", api("any"));
    expect(
      of([
        { min: 100, max: 100 },
        { min: 1, max: 10 },
      ]),
    ).toEqual({ min: 90, max: 99 });
  });

  test("a subtree is one filter", () => {
    const fields = {
      ...api("any").fields,
      DISEASE: {
        on: ["DONORS", "SAMPLES"],
        rest: false,
        several: false,
        tree: new Map([["E11", ["E11", "E11.2"]]]),
      } as const,
    };
    const [ask] = plan(disease("E11", "E11.2"), EVERY_SAMPLE, "DONORS", { ...api("any"), fields }).asks;
    expect(ask?.question.donors).toEqual({ op: "has", field: "DISEASE", test: { ...code("E11"), below: true } });
  });

  test("counts that cannot all be true are a contradiction, not a number", () => {
    expect(() => value(notOf(sex("F")), [40, 100])).toThrow(/contradict/);
  });

  test(`beyond ${MAX_TERMS} terms there are bounds: the greatest minimum .. the sum of the maxima`, () => {
    const many = anyOf(["A", "B", "C", "D", "E", "F", "G"].map((c) => disease(c)));
    const { asks, value: of, because } = plan(many, EVERY_SAMPLE, "DONORS", api("any"));
    expect(asks).toHaveLength(8);
    expect([...because]).toEqual(["LOGIC_LIMIT"]);
    expect(of([10, 20, 30, 1, 2, 3, 4, 1_000].map((n) => ({ min: n, max: n })))).toEqual({ min: 30, max: 70 });
  });
});

describe("samples that an API joins in its own way", () => {
  const both = allOf([hasSample(type("D")), hasSample(type("P"))]);
  const onOne = hasSample(allOf([type("P"), year(2013, 2013)]));

  test("two samples are exact where each condition is met by any sample", () => {
    expect(asked(both)).toEqual(["[D] & [P]"]);
  });

  test("two samples joined on one are at most the donors of either", () => {
    const bounds = plan(both, EVERY_SAMPLE, "DONORS", api("same"), 10);
    expect([...bounds.because]).toContain("SAME_SAMPLE");
    const counts = bounds.asks.map(({ question }) => {
      const said = short(question.donors).join();
      return {
        min: said === "[D]" ? 80 : said === "[P]" ? 50 : said === "" ? 100 : 0,
        max: said === "[D]" ? 80 : said === "[P]" ? 50 : said === "" ? 100 : 0,
      };
    });
    // 80 + 50 - 100 have both at least.
    expect(bounds.value(counts)).toEqual({ min: 30, max: 50 });
  });

  test("one sample is exact where the API joins on one, and else bounded by its parts and by the samples themselves", () => {
    expect(asked(onOne, api("same"))).toEqual(["[2013-2013 P]"]);
    const bounds = plan(onOne, EVERY_SAMPLE, "DONORS", api("any"), 10);
    expect([...bounds.because]).toContain("SAME_SAMPLE");
    const counts = bounds.asks.map(({ unit, question }) =>
      unit === "SAMPLES" ? 0 : question.donors.op === "all" ? 100 : 50,
    );
    // No sample meets both, so no donor has one.
    expect(bounds.value(counts.map((n) => ({ min: n, max: n })))).toEqual({ min: 0, max: 0 });
  });

  test("one sample is bounded by one question where each condition, and each end of a range, is met by any sample", () => {
    const bounds = plan(onOne, EVERY_SAMPLE, "DONORS", api("any"), 10);
    expect(asked(onOne)).toEqual(["[2013-null] & [null-2013] & [P]", "2013-2013 of & P of"]);
    const exact = (n: number): Range => ({ min: n, max: n });
    expect(bounds.value([exact(50), exact(45)])).toEqual({ min: 5, max: 45 });
    expect(bounds.value([exact(50), exact(70)])).toEqual({ min: 7, max: 50 });
  });

  test("a condition that may be missing is left out of that question", () => {
    const perhaps: LocalSelector = {
      op: "has",
      field: "COLLECTED_YEAR",
      test: { from: 2013, to: 2013, missing: true },
    };
    const base = api("any");
    const rest = { ...base.fields.COLLECTED_YEAR!, rest: true };
    const able = { ...base, fields: { ...base.fields, COLLECTED_YEAR: rest } };
    expect(asked(hasSample(allOf([type("P"), perhaps])), able)).toEqual(["[P]", "2013-2013 of & P of"]);
  });

  test("samples of donors who have two kinds are some of both kinds, and nothing else is asked", () => {
    const either = anyOf([type("D"), type("P")]);
    expect(asked(both, api("any"), either, "SAMPLES").sort()).toEqual(["D of", "P of"]);
    const { value: of } = plan(both, either, "SAMPLES", api("any"), 10);
    expect(of([80, 50].map((n) => ({ min: n, max: n })))).toEqual({ min: 0, max: 130 });
    // By a field of which a sample may hold both, samples that meet both are surely among them.
    const joined = allOf([hasSample(type("P")), hasSample(year(2013, 2013))]);
    const any = anyOf([type("P"), year(2013, 2013)]);
    const once = new Set(asked(joined, api("any"), any, "SAMPLES"));
    expect([...once].sort()).toEqual(["2013-2013 of", "2013-2013 of & P of", "P of"]);
  });

  test("an API with full logic is asked for one count of samples, and for none that no sample can meet", () => {
    const field = { on: ["DONORS", "SAMPLES"], rest: true, several: true } as const;
    const catalogue: Capabilities = {
      ...api("any"),
      donors: { logic: "boolean" },
      samples: { logic: "boolean", sampleAnd: "same" },
      fields: { SAMPLE_TYPE: field, COLLECTED_YEAR: field },
    };
    const { asks } = plan(both, type("D", "P"), "SAMPLES", catalogue, 10);
    expect(asks.map(({ question }) => question)).toEqual([
      { donors: { op: "all", of: [] }, samples: type("D", "P"), only: "SAMPLES" },
    ]);
    const { value: of, asks: none } = plan(
      { op: "all", of: [] },
      allOf([type("D"), type("P")]),
      "SAMPLES",
      catalogue,
      10,
    );
    expect([none.length, of([])]).toEqual([0, { min: 0, max: 0 }]);
  });

  test("a sample like the one counted goes without saying", () => {
    expect(asked(hasSample(type("D", "P")), api("any"), type("D", "P"), "SAMPLES")).toEqual(["D of", "P of"]);
  });

  test("of an interval that is wanted at one end nothing is asked for the other", () => {
    const questions = (min: boolean, tree = onOne) =>
      plan(tree, EVERY_SAMPLE, "DONORS", api("any"), 10, { min, max: !min }).asks.map(({ question }) =>
        [...short(question.samples).map((s) => `${s} of`), ...short(question.donors)].join(" & "),
      );
    expect(questions(true)).toEqual(["2013-2013 of & P of"]);
    expect(questions(false)).toEqual(["[2013-null] & [null-2013] & [P]", "2013-2013 of & P of"]);
    // The least of the others is all less the most of these.
    expect(questions(true, notOf(onOne))).toEqual([...questions(false), ""]);
    expect(questions(false, notOf(onOne))).toEqual([...questions(true), ""]);
  });

  test("the samples of donors who have another sample as well cannot be said", () => {
    const samples = plan(both, anyOf([type("D"), type("P")]), "SAMPLES", api("any"), 10);
    expect([...samples.because]).toContain("SAME_SAMPLE");
    expect(samples.asks.every(({ question }) => !JSON.stringify(question.donors).includes('"sample"'))).toBe(true);
  });
});
