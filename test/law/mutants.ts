import { argument, condition, itself, type Mutant, value } from "../mutant.ts";

/** One fault for each rule that keeps an answer honest. The law has to catch every one of them. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "not does not swap inner and outer",
    marker: "swap-not",
    at: value,
    becomes: (pair) => `(({ inner, outer }) => ({ inner: outer, outer: inner }))(${pair})`,
  },
  {
    name: "a criterion is dropped",
    marker: "all-criteria",
    at: value,
    becomes: (parts) => `(${parts}).slice(0, 2)`,
  },
  {
    name: "the upper age is off by one",
    marker: "upper-age",
    at: value,
    becomes: (to) => `((age) => (age === null ? null : age - 1))(${to})`,
  },
  {
    name: "a number that is one of two is the lower one",
    marker: "one-of-two",
    at: value,
    becomes: () => "0",
  },
  {
    name: "descendants are missing",
    marker: "asked-codes",
    at: argument(2),
    becomes: () => "false",
  },
  {
    name: "the selector is taken from the local predicate",
    marker: "selector",
    at: condition,
    becomes: (positive) => `${positive} && pair.inner.op !== "any"`,
  },
  {
    name: "the selector takes criteria under a not",
    marker: "selector",
    at: condition,
    becomes: () => "true",
  },
  {
    name: "a sample facet is added as a second sample",
    marker: "one-sample",
    at: value,
    becomes: () => "ofSample.map((pair) => hasSample(pair[name]))",
  },
  {
    name: "an overlapping code is taken as exact",
    marker: "sure-codes",
    at: argument(0),
    becomes: () => "() => true",
  },
  {
    name: "a signed sum over floored counts does not swap the ends of negative terms",
    marker: "ends-of-negative-terms",
    at: condition,
    becomes: () => "true",
  },
  {
    name: "a missing value counts as no",
    marker: "unknown-is-not-no",
    at: value,
    becomes: (field) => `{ ...${field}, many: true }`,
  },
  {
    name: "records without mapping are forgotten",
    marker: "unmapped-records",
    at: condition,
    becomes: (complete) => `${complete} || kind === "record"`,
  },
  {
    name: "two tests are met by two samples",
    marker: "any-sample",
    at: itself,
    becomes: () => "true",
  },
  {
    name: "two samples are joined on one",
    marker: "same-sample",
    at: itself,
    becomes: () => "true",
  },
  {
    name: "the canonical form absorbs a sample criterion",
    marker: "merged-lists",
    at: value,
    becomes: (merged) =>
      `expr.op === "any" && flat.some((child) => child.op === "all" && child.of.length === 0) ? [] : ${merged}`,
  },
  {
    name: "the sum of alternatives counts donors twice",
    marker: "alternatives",
    at: condition,
    becomes: () => "false",
  },
  {
    name: "a value in doubt is none",
    marker: "doubtful-values",
    at: condition,
    becomes: () => "true",
  },
  {
    name: "a value in doubt is none where codes are asked one by one",
    marker: "doubt-of-each",
    at: condition,
    becomes: () => "false",
  },
  {
    name: "an attribute that may not count is known all the same",
    marker: "attribute-in-doubt",
    at: value,
    becomes: () => "complete",
  },
  {
    name: "a sample in doubt counts for sure",
    marker: "sure-samples",
    at: condition,
    becomes: () => "false",
  },
  {
    name: "a donor in doubt counts for sure",
    marker: "sure-donors",
    at: condition,
    becomes: () => "true",
  },
  {
    name: "a code that cannot be asked for is held by nobody",
    marker: "unlisted-codes",
    at: value,
    becomes: () => "true",
  },
];
