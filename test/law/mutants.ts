import type { Mutant } from "../mutant.ts";

/** One fault for each rule that keeps an answer honest. The law has to catch every one of them. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "not does not swap inner and outer",
    file: "subgraphs/understand/understand.ts",
    find: "return { inner: notOf(outer), outer: notOf(inner) };",
    replace: "return { inner: notOf(inner), outer: notOf(outer) };",
  },
  {
    name: "a criterion is dropped",
    file: "subgraphs/understand/understand.ts",
    find: "const parts = node.of.map((child) => translate(child, positive));",
    replace: "const parts = node.of.slice(0, 2).map((child) => translate(child, positive));",
  },
  {
    name: "the upper age is off by one",
    file: "subgraphs/understand/read-field.ts",
    find: "to: to === null ? null : to - low,",
    replace: "to: to === null ? null : to - low - 1,",
  },
  {
    name: "descendants are missing",
    file: "subgraphs/understand/read-field.ts",
    find: "const asked = codeSet(field, values, descendants);",
    replace: "const asked = codeSet(field, values, false);",
  },
  {
    name: "the selector is taken from the local predicate",
    file: "subgraphs/understand/understand.ts",
    find: "if (positive) selectors.push(pair);",
    replace: 'if (positive && pair.inner.op !== "any") selectors.push(pair);',
  },
  {
    name: "the selector takes criteria under a not",
    file: "subgraphs/understand/understand.ts",
    find: "if (positive) selectors.push(pair);",
    replace: "selectors.push(pair);",
  },
  {
    name: "a sample facet is added as a second sample",
    file: "subgraphs/understand/facet-cells.ts",
    find: "const held = ofSample.length === 0 ? [] : [hasSample(selector)];",
    replace: "const held = ofSample.map((pair) => hasSample(pair[name]));",
  },
  {
    name: "an overlapping code is taken as exact",
    file: "subgraphs/understand/read-field.ts",
    find: "const sure = maybe.filter(({ means }) => within(means, asked));",
    replace: "const sure = maybe;",
  },
  {
    name: "a signed sum over floored counts does not swap the ends of negative terms",
    file: "subgraphs/plan/plan.ts",
    find: "const [low, high] = times >= 0 ? [range.min, range.max] : [range.max, range.min];",
    replace: "const [low, high] = [range.min, range.max];",
  },
  {
    name: "a missing value counts as no",
    file: "subgraphs/understand/read-field.ts",
    find: "missing: !many || absentUnknown }",
    replace: "missing: absentUnknown }",
  },
  {
    name: "records without mapping are forgotten",
    file: "subgraphs/understand/read-field.ts",
    find: "const outer: Test = complete",
    replace: 'const outer: Test = complete || kind === "record"',
  },
  {
    name: "two tests are met by two samples",
    file: "subgraphs/plan/polynomial.ts",
    find: "? filters.every((n) => n <= 1)",
    replace: "? filters.every((n) => n <= 9)",
  },
  {
    name: "two samples are joined on one",
    file: "subgraphs/plan/polynomial.ts",
    find: "? needed.length <= 1",
    replace: "? needed.length <= 9",
  },
  {
    name: "the canonical form absorbs a sample criterion",
    file: "schema/canonical.ts",
    find: 'const merged = expr.op === "any" ? mergeLists(flat) : flat;',
    replace: 'const merged = expr.op === "any" && flat.some((c) => c.op === "all" && c.of.length === 0) ? [] : flat;',
  },
  {
    name: "the sum of alternatives counts donors twice",
    file: "subgraphs/plan/polynomial.ts",
    find: "return FIELDS[field].many ? either(parts, book) : sum(parts);",
    replace: "return sum(parts);",
  },
];
