import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAnswers } from "../../../schema/wire/answer.ts";
import { parseCard } from "../../../schema/wire/card.ts";
import { parseLease } from "../../../schema/wire/lease.ts";
import { checkCost } from "../../../schema/wire/limits.ts";
import { parseQuestion, type Question } from "../../../schema/wire/question.ts";
import { parseReadings } from "../../../schema/wire/reading.ts";
import { WrongAnswer } from "../../../schema/wire/shape.ts";
import { readQuestion } from "../../../subgraphs/understand/reading.ts";

/** Keys that JavaScript has a meaning for, and those of the contract, so that a mutation hits something. */
const KEYS = ["__proto__", "constructor", "toString", "valueOf", "hasOwnProperty", "length", "then", ""];
const OWN = [
  "v",
  "where",
  "facets",
  "by",
  "across",
  "field",
  "values",
  "sex",
  "sample",
  "disease",
  "codes",
  "all",
  "any",
  "not",
];
const WORDS = [...KEYS, ...OWN, "SEX", "DISEASE", "AGE_AT_COLLECTION", "FEMALE", "ICD10:E11", "10-19", "NOT_RECORDED"];

/** JSON as it may be parsed, and as GraphQL reads it from a literal: then its objects have no prototype. */
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, -1, Number.POSITIVE_INFINITY, 0.5, "", ...WORDS),
    fc.string({ maxLength: 5 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc
      .tuple(fc.array(fc.tuple(fc.constantFrom(...KEYS, ...OWN), tie("value")), { maxLength: 4 }), fc.boolean())
      .map(([entries, hasPrototype]) => objectOf(entries, hasPrototype)),
  ),
})).value;

const objectOf = (entries: readonly (readonly [string, unknown])[], hasPrototype: boolean): object => {
  const made: object = hasPrototype ? {} : Object.create(null);
  for (const [key, value] of entries) {
    Object.defineProperty(made, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return made;
};

const GOOD: Question = {
  v: 1,
  where: { all: [{ sex: ["FEMALE"] }, { sample: { type: ["DNA"], ageAtCollection: { from: 40, to: 59 } } }] },
  facets: [{ by: { field: "SEX", values: ["FEMALE", "MALE"] }, across: { field: "SAMPLE_TYPE", values: ["DNA"] } }],
};

/** A message in which something is replaced, added or left out. */
const mutated = fc.tuple(fc.nat({ max: 30 }), json, fc.constantFrom(...KEYS, ...OWN)).map(([at, value, key]) => {
  let left = at;
  const change = (here: unknown): unknown => {
    left -= 1;
    if (left === 0) return value;
    if (Array.isArray(here)) return here.map(change);
    if (typeof here !== "object" || here === null) return here;
    const entries = Object.entries(here).map(([name, member]) => [name, change(member)] as const);
    return objectOf(left === 1 ? [...entries, [key, value]] : entries, true);
  };
  return change(GOOD);
});

/** Runs a reader: it gives something, or says by a WrongAnswer in one short line what is wrong. */
const reads = (read: () => unknown): void => {
  try {
    read();
  } catch (error) {
    if (!(error instanceof WrongAnswer)) throw error;
    expect(error.message.length).toBeLessThan(400);
  }
};

const RUNS = { numRuns: 5_000, seed: 20_261_130 };

test("what is no question is refused by the codec, and never by chance", () => {
  const read = (value: unknown) =>
    reads(() => {
      checkCost([value], 1);
      readQuestion(parseQuestion(value).known);
    });
  fc.assert(fc.property(json, read), RUNS);
  fc.assert(fc.property(mutated, read), RUNS);
});

test("what is no answer is refused by the codec, and never by chance", () => {
  const bounds = { donors: 100, samples: null };
  const readers: readonly ((value: unknown) => unknown)[] = [
    (value) => parseAnswers(value, GOOD, bounds),
    (value) => parseAnswers({ release: value, answers: [value] }, GOOD, bounds),
    (value) => parseLease(value),
    (value) => parseCard(value),
    (value) => parseReadings(value, 1),
    (value) => parseReadings([value], 1),
  ];
  for (const read of readers) {
    fc.assert(
      fc.property(json, (value) => reads(() => read(value))),
      RUNS,
    );
  }
});

test("a facet with any member beside those that are known is lost, whatever the member's name", () => {
  for (const name of KEYS) {
    const facet = objectOf([...Object.entries(GOOD.facets[0]!), [name, {}]], true);
    expect(parseQuestion({ ...GOOD, facets: [facet] }).facets[0]?.known, name).toBeNull();
    const question = objectOf([...Object.entries(GOOD), [name, {}]], true);
    expect(parseQuestion(question).known.where, name).toEqual({ [`question.${name}`]: {} });
  }
});
