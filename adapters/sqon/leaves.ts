import { isNumberField } from "../../schema/fields.ts";
import { codeTest, numberTest, passesAlways } from "../kit/test-kinds.ts";
import { Unsupported } from "../kit/unsupported.ts";
import { isRange, type RangeTest, type Test } from "../local.ts";
import { type Column, isPlain, MISSING } from "./columns.ts";

/** One condition on one field. */
export type Leaf =
  | {
      readonly op: "in" | "not-in";
      readonly content: { readonly fieldName: string; readonly value: readonly string[] };
    }
  | {
      readonly op: "between" | "gte" | "lte";
      readonly content: { readonly fieldName: string; readonly value: number | readonly [number, number] };
    }
  | {
      readonly op: "wildcard";
      readonly content: { readonly fieldNames: readonly [string]; readonly value: string };
    };
export type Sqon =
  | Leaf
  | { readonly op: "and" | "or" | "not"; readonly content: readonly Sqon[]; readonly pivot?: string };

/** Alternatives: one has to hold. Each is a list of parts that all have to hold. No alternative: never; an alternative without parts: always. */
export type Alternatives<Part = Sqon> = readonly (readonly Part[])[];

/**
 * Says a test of a field that holds one value. Built of leaves alone and without a value beside `__missing__`, so that it
 * means the same inside a pivot, where groups and negated `__missing__` are not to be relied on (arranger issue 809).
 */
export const oneValue = (column: Column, test: Test): Alternatives<Leaf> => {
  const missing: Alternatives<Leaf> = test.missing ? [[among(column, [MISSING])]] : [];
  if (isNumberField(column.field)) {
    const range = numberTest(column.field, test);
    return passesAlways(range) ? [[]] : [...between(column, range), ...missing];
  }
  const { negate, codes: asked } = codeTest(column.field, test);
  const codes = plainCodes(column, asked);
  if (negate && test.missing) return codes.length === 0 ? [[]] : [[outside(column, codes)], ...missing];
  if (negate) return [[outside(column, [...codes, ...column.marks]), present(column)]];
  const given = test.missing ? [...codes, ...column.marks] : codes;
  return given.length === 0 ? missing : [[among(column, given)], ...missing];
};

/** Says a test of a field that holds several values. @throws {Unsupported} for what needs every code by name */
export const severalValues = (column: Column, test: Test): Alternatives => {
  const { negate, missing, codes: asked } = codeTest(column.field, test);
  const codes = plainCodes(column, asked);
  if (!negate && !missing) return codes.length === 0 ? [] : [[among(column, codes)]];
  const { all } = column;
  if (all === undefined || !all.every(isPlain)) {
    throw new Unsupported(`${column.field}: wanted codes of a field that holds several, got "not" or "missing"`);
  }
  const passing = negate ? all.filter((code) => !codes.includes(code)) : codes;
  const some = passing.length === 0 ? [] : [[among(column, passing)]];
  if (!missing) return some;
  return all.length === 0 ? [[]] : [...some, [{ op: "not", content: [among(column, all)] }]];
};

/** Tests of which one passes exactly where the given one does not; for a field that holds one value, in whole numbers. */
export const opposites = (test: Test): readonly Test[] => {
  if (!isRange(test)) return [{ ...test, negate: !test.negate, missing: !test.missing }];
  const { from, to, missing } = test;
  if (from !== null && to !== null && from > to) return [{ from: null, to: null, missing: !missing }];
  return [
    ...(from === null ? [] : [{ from: null, to: from - 1, missing: false }]),
    ...(to === null ? [] : [{ from: to + 1, to: null, missing: false }]),
    ...(missing ? [] : [{ from: 1, to: 0, missing: true }]),
  ];
};

const among = ({ path }: Column, value: readonly string[]): Leaf => ({ op: "in", content: { fieldName: path, value } });
const outside = ({ path }: Column, value: readonly string[]): Leaf => ({
  op: "not-in",
  content: { fieldName: path, value },
});
const present = ({ path }: Column): Leaf => ({ op: "wildcard", content: { fieldNames: [path], value: "*" } });

const plainCodes = ({ field, marks }: Column, codes: readonly string[]): readonly string[] => {
  const special = codes.find((code) => !isPlain(code));
  if (special !== undefined) throw new Unsupported(`${field}: wanted codes without a meaning in SQON, got ${special}`);
  return codes.filter((code) => !marks.includes(code));
};

/** Ages and years are never below 0, so that from 0 on is every number. */
const between = ({ path: fieldName }: Column, { from, to }: RangeTest): Alternatives<Leaf> => {
  if (from !== null && to !== null) {
    return from > to ? [] : [[{ op: "between", content: { fieldName, value: [from, to] } }]];
  }
  if (to !== null) return [[{ op: "lte", content: { fieldName, value: to } }]];
  return [[{ op: "gte", content: { fieldName, value: from ?? 0 } }]];
};
