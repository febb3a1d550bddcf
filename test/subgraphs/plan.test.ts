import { describe, expect, test } from "vitest";
import type { Capabilities, CodeTest, LocalPredicate, LocalSelector, Range, Unit } from "../../adapters/local.ts";
import { signedSum } from "../../subgraphs/count/outcomes.ts";
import { MAX_TERMS } from "../../subgraphs/plan/conjunction.ts";
import { plan } from "../../subgraphs/plan/plan.ts";
import { type Ends, evaluate, exactNodes, type Plan, reasonsOf } from "../../subgraphs/plan/tree.ts";
import {
  allOf,
  anyOf,
  EVERY_DONOR,
  EVERY_SAMPLE,
  hasSample,
  notOf,
  SURE,
} from "../../subgraphs/understand/predicates.ts";

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

const donorsOf = (donors: LocalPredicate, capabilities = api("any"), ends?: Ends): Plan =>
  plan({ unit: "DONORS", donors, samples: EVERY_SAMPLE }, { capabilities, samplesPerDonor: 10 }, ends);
const samplesOf = (donors: LocalPredicate, samples: LocalSelector, capabilities = api("any")): Plan =>
  plan({ unit: "SAMPLES", donors, samples }, { capabilities, samplesPerDonor: 10 });

/** The local counts that a plan asks for, in words: "donors with E10 and E11", "donors with a P sample", "P samples". */
const asked = (bounds: Plan): readonly string[] =>
  [...exactNodes(bounds)].flatMap(({ unit, terms }) => terms.map(({ question }) => inWords(question, unit)));
const inWords = (
  { donors, samples }: { readonly donors: LocalPredicate; readonly samples: LocalSelector },
  unit: Unit,
): string => {
  const [things, conditions] = [unit === "DONORS" ? [] : named(samples), named(donors)];
  const counted = unit === "DONORS" ? "donors" : [...things, "samples"].join(" ");
  return conditions.length === 0
    ? `${things.length === 0 ? "all " : ""}${counted}`
    : `${counted} with ${conditions.join(" and ")}`;
};
const named = (tree: LocalPredicate | LocalSelector): readonly string[] => {
  if (tree.op === "sample") return [`a ${[...named(tree.of), "sample"].join(" ")}`];
  if (tree.op === "not") throw new Error("an API with AND only is never asked a `not`");
  if (tree.op === "sure") return ["sure"];
  if (tree.op !== "has") return tree.of.flatMap(named);
  const { test } = tree;
  if ("codes" in test) return [test.codes.join("|") + (test.doubt ? "?" : "")];
  return [test.from === test.to ? `${test.from}` : `${test.from ?? ""}-${test.to ?? ""}`];
};

type Counts = { readonly [question: string]: number | Range };
/** The interval that a plan makes of these local counts. Fails where a count is asked for that is not given. */
const value = (bounds: Plan, counts: Counts): Range =>
  evaluate(bounds, ({ unit, terms }) =>
    signedSum(
      terms,
      terms.map(({ question }) => {
        const found = counts[inWords(question, unit)];
        if (found === undefined) throw new Error(`no count of ${inWords(question, unit)}`);
        return typeof found === "number" ? { min: found, max: found } : found;
      }),
    ),
  );

describe("inclusion and exclusion for an API that knows AND only", () => {
  test("either of two diseases is a sum less the overlap", () => {
    const either = donorsOf(disease("E10", "E11"));
    expect(asked(either).toSorted()).toEqual(["donors with E10", "donors with E10 and E11", "donors with E11"]);
    // BBJ's published ulcers: 14,413 gastric, 7,167 duodenal, 1,867 both, 19,713 either.
    expect(
      value(either, { "donors with E10": 14_413, "donors with E11": 7_167, "donors with E10 and E11": 1_867 }),
    ).toEqual({ min: 19_713, max: 19_713 });
  });

  test("values of a field that holds one value simply add up", () => {
    expect(asked(donorsOf(sex("F", "M")))).toEqual(["donors with F", "donors with M"]);
  });

  test("a value that is wanted for sure does not exclude the same one in doubt", () => {
    const doubtful: LocalPredicate = { op: "has", field: "SEX", test: { ...code("F"), doubt: true } };
    const sure = donorsOf(allOf([sex("F"), notOf(doubtful)]));
    expect(value(sure, { "donors with F": 40, "donors with F? and F": 40 })).toEqual({ min: 0, max: 0 });
  });

  test("a sample that surely counts takes a filter more", () => {
    const dna = hasSample(allOf([type("D"), SURE]));
    expect(asked(donorsOf(dna, api("same")))).toEqual(["donors with a D sure sample"]);
    expect([...reasonsOf(donorsOf(dna, api("any")))]).toEqual(["SAME_SAMPLE"]);
    expect(asked(samplesOf(EVERY_DONOR, SURE))).toEqual(["sure samples"]);
    expect(value(samplesOf(EVERY_DONOR, notOf(SURE)), { "all samples": 9, "sure samples": 7 })).toEqual({
      min: 2,
      max: 2,
    });
  });

  test("not is everybody less those", () => {
    const others = donorsOf(notOf(sex("F")));
    expect(asked(others)).toEqual(["all donors", "donors with F"]);
    expect(value(others, { "all donors": 100, "donors with F": 40 })).toEqual({ min: 60, max: 60 });
  });

  test("a floored count in a negative term widens the other way", () => {
    const others = donorsOf(notOf(sex("F")));
    expect(value(others, { "all donors": 100, "donors with F": { min: 1, max: 10 } })).toEqual({ min: 90, max: 99 });
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
    const [node] = exactNodes(donorsOf(disease("E11", "E11.2"), { ...api("any"), fields }));
    expect(node?.terms.map(({ question }) => question.donors)).toEqual([
      { op: "has", field: "DISEASE", test: { ...code("E11"), below: true } },
    ]);
  });

  test("counts that cannot all be true are a contradiction, not a number", () => {
    const others = donorsOf(notOf(sex("F")));
    expect(() => value(others, { "all donors": 40, "donors with F": 100 })).toThrow(/contradict/);
  });

  test(`beyond ${MAX_TERMS} terms there are bounds: the greatest minimum .. the sum of the maxima`, () => {
    const many = donorsOf(anyOf(["A", "B", "C", "D", "E", "F", "G"].map((c) => disease(c))));
    const counts = { A: 10, B: 20, C: 30, D: 1, E: 2, F: 3, G: 4 };
    expect(asked(many)).toEqual([...Object.keys(counts).map((c) => `donors with ${c}`), "all donors"]);
    expect([...reasonsOf(many)]).toEqual(["LOGIC_LIMIT"]);
    const each = Object.fromEntries(Object.entries(counts).map(([c, n]) => [`donors with ${c}`, n]));
    expect(value(many, { ...each, "all donors": 1_000 })).toEqual({ min: 30, max: 70 });
    expect(value(many, { ...each, "all donors": 60 })).toEqual({ min: 30, max: 60 });
  });
});

describe("samples that an API joins in its own way", () => {
  const both = allOf([hasSample(type("D")), hasSample(type("P"))]);
  const onOne = hasSample(allOf([type("P"), year(2013, 2013)]));

  test("two samples are exact where each condition is met by any sample", () => {
    expect(asked(donorsOf(both))).toEqual(["donors with a D sample and a P sample"]);
  });

  test("two samples joined on one are at most the donors of either", () => {
    const bounds = donorsOf(both, api("same"));
    expect([...reasonsOf(bounds)]).toContain("SAME_SAMPLE");
    const counts = { "all donors": 100, "donors with a D sample": 80, "donors with a P sample": 50 };
    // 80 + 50 - 100 have both at least.
    expect(value(bounds, { ...counts, "D samples": 80, "P samples": 50 })).toEqual({ min: 30, max: 50 });
  });

  test("one sample is exact where the API joins on one, and else bounded by its parts and by the samples themselves", () => {
    expect(asked(donorsOf(onOne, api("same")))).toEqual(["donors with a 2013 P sample"]);
    const bounds = donorsOf(onOne);
    expect([...reasonsOf(bounds)]).toContain("SAME_SAMPLE");
    // No sample meets both, so no donor has one.
    const counts = { "donors with a 2013- sample and a -2013 sample and a P sample": 50, "2013 P samples": 0 };
    expect(value(bounds, counts)).toEqual({ min: 0, max: 0 });
  });

  test("one sample is bounded by one question where each condition, and each end of a range, is met by any sample", () => {
    const bounds = donorsOf(onOne);
    const apart = "donors with a 2013- sample and a -2013 sample and a P sample";
    expect(asked(bounds).toSorted()).toEqual(["2013 P samples", apart]);
    expect(value(bounds, { [apart]: 50, "2013 P samples": 45 })).toEqual({ min: 5, max: 45 });
    expect(value(bounds, { [apart]: 50, "2013 P samples": 70 })).toEqual({ min: 7, max: 50 });
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
    const bounds = donorsOf(hasSample(allOf([type("P"), perhaps])), able);
    expect(asked(bounds).toSorted()).toEqual(["2013 P samples", "donors with a P sample"]);
  });

  test("samples of donors who have two kinds are some of both kinds, and nothing else is asked", () => {
    const either = samplesOf(both, anyOf([type("D"), type("P")]));
    expect(asked(either).toSorted()).toEqual(["D samples", "P samples"]);
    expect(value(either, { "D samples": 80, "P samples": 50 })).toEqual({ min: 0, max: 130 });
    // A sample may hold both values of this field: samples that meet both are among them.
    const joined = allOf([hasSample(type("P")), hasSample(year(2013, 2013))]);
    const once = new Set(asked(samplesOf(joined, anyOf([type("P"), year(2013, 2013)]))));
    expect([...once].toSorted()).toEqual(["2013 P samples", "2013 samples", "P samples"]);
  });

  test("an API with full logic is asked for one count of samples, and for none that no sample can meet", () => {
    const field = { on: ["DONORS", "SAMPLES"], rest: true, several: true } as const;
    const catalogue: Capabilities = {
      ...api("any"),
      donors: { logic: "boolean" },
      samples: { logic: "boolean", sampleAnd: "same" },
      fields: { SAMPLE_TYPE: field, COLLECTED_YEAR: field },
    };
    const [node, ...others] = exactNodes(samplesOf(both, type("D", "P"), catalogue));
    expect(others).toEqual([]);
    expect(node?.terms).toEqual([
      { times: 1, question: { donors: EVERY_DONOR, samples: type("D", "P"), only: "SAMPLES" } },
    ]);
    const none = samplesOf(EVERY_DONOR, allOf([type("D"), type("P")]), catalogue);
    expect(asked(none)).toEqual([]);
    expect(value(none, {})).toEqual({ min: 0, max: 0 });
  });

  test("that a donor has a sample like the counted one is implied", () => {
    const bounds = samplesOf(hasSample(type("D", "P")), type("D", "P"));
    expect(asked(bounds)).toEqual(["D samples", "P samples"]);
  });

  test("of an interval that is wanted at one end nothing is asked for the other", () => {
    const least = (tree = onOne) => asked(donorsOf(tree, api("any"), { min: true, max: false })).toSorted();
    const most = (tree = onOne) => asked(donorsOf(tree, api("any"), { min: false, max: true })).toSorted();
    expect(least()).toEqual(["2013 P samples"]);
    expect(most()).toEqual(["2013 P samples", "donors with a 2013- sample and a -2013 sample and a P sample"]);
    // The least of the others is all less the most of these.
    expect(least(notOf(onOne))).toEqual([...most(), "all donors"].toSorted());
    expect(most(notOf(onOne))).toEqual([...least(), "all donors"].toSorted());
  });

  test("the samples of donors who have another sample as well cannot be said", () => {
    const bounds = samplesOf(both, anyOf([type("D"), type("P")]));
    expect([...reasonsOf(bounds)]).toContain("SAME_SAMPLE");
    expect(asked(bounds).filter((question) => question.includes("with"))).toEqual([]);
  });
});
