import { type FieldName, isNumberField } from "../../schema/fields.ts";
import { oncePer } from "../kit/once-per.ts";
import { codeTest, numberTest, passesAlways } from "../kit/test-kinds.ts";
import { Unsupported } from "../kit/unsupported.ts";
import { isRange, type RangeTest, type Test } from "../local.ts";
import { type Column, canHold, isPlain, MISSING } from "./columns.ts";

/** One condition on one field. */
export type Leaf =
  | {
      readonly op: "in" | "not-in";
      readonly content: { readonly fieldName: string; readonly value: readonly string[] };
    }
  | {
      readonly op: "between" | "gte" | "lt";
      readonly content: {
        readonly fieldName: string;
        readonly value: number | string | readonly [number, number] | readonly [string, string];
      };
    };
export type Sqon =
  | Leaf
  | { readonly op: "and" | "or" | "not"; readonly content: readonly Sqon[]; readonly pivot?: string };

/** Alternatives: one has to hold. Each is a list of parts that all have to hold. No alternative: never; an alternative without parts: always. */
export type Alternatives<Part = Sqon> = readonly (readonly Part[])[];

/**
 * Says a test of a field that holds one value. Built of leaves alone and without a value beside `__missing__`, which Arranger
 * reads as "or" also where it is negated, so that it means the same inside a pivot.
 */
export const oneValue = (column: Column, test: Test): Alternatives<Leaf> => {
  const missing: Alternatives<Leaf> = test.missing ? [[absent(column)]] : [];
  if (isNumberField(column.field)) {
    const range = numberTest(column.field, test);
    return passesAlways(range) ? [[]] : [...within(column, range), ...missing];
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
  if (isRange(test))
    throw new Unsupported(`${column.field}: wanted one number at most, got a field that holds several`);
  const { negate, missing, codes: asked } = codeTest(column.field, test);
  const codes = plainCodes(column, asked);
  if (!negate && !missing) return codes.length === 0 ? [] : [[among(column, codes)]];
  const { all } = column;
  if (all === undefined) {
    throw new Unsupported(`${column.field}: wanted codes of a field that holds several, got "not" or "missing"`);
  }
  const passing = negate ? all.filter((code) => !codes.includes(code)) : codes;
  const some = passing.length === 0 ? [] : [[among(column, passing)]];
  if (!missing) return some;
  return all.length === 0 ? [[]] : [...some, [{ op: "not", content: [among(column, all)] }]];
};

/** Tests of which one passes exactly where the given one does not; for a field that holds one value. */
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

/** A value among these. */
export const among = ({ path }: Column, value: readonly string[]): Leaf => ({
  op: "in",
  content: { fieldName: path, value },
});
/** No value among these. */
export const outside = ({ path }: Column, value: readonly string[]): Leaf => ({
  op: "not-in",
  content: { fieldName: path, value },
});
/** Any value. Arranger reads `not-in` of `__missing__` so in every version, also inside a pivot. */
export const present = (column: Column): Leaf => outside(column, [MISSING]);
/** No value. */
export const absent = (column: Column): Leaf => among(column, [MISSING]);

/** The codes of a breakdown's cells are the same lists for every question: each is looked through once. */
const plainCodes = (column: Column, codes: readonly string[]): readonly string[] => plainCodesOf(codes, column);

const plainCodesOf = oncePer((codes: readonly string[], { field, kind, marks }: Column): readonly string[] => {
  const special = codes.find((code) => !isPlain(code));
  if (special !== undefined) throw new Unsupported(`${field}: wanted codes without a meaning in SQON, got ${special}`);
  return codes.filter((code) => canHold(kind, code) && !marks.includes(code));
});

/**
 * A number from one to another, both included; the fraction of the upper one counts to it, since ages and years are whole.
 * Dates are compared by their days. Ages and years are never below 0, so that from 0 on is every number.
 */
export const within = (column: Column, range: Pick<RangeTest, "from" | "to">): Alternatives<Leaf> => {
  const from = range.from === null ? null : Math.ceil(range.from);
  const to = range.to === null ? null : Math.floor(range.to);
  if (from !== null && to !== null && from > to) return [];
  const { path: fieldName, kind } = column;
  if (kind === "days" || kind === "moments") return daysWithin(column, from, to);
  if (kind === "words") return [[among(column, wholeNumbers(column.field, from, to))]];
  if (kind === "whole" && from !== null && to !== null) {
    return [[{ op: "between", content: { fieldName, value: [from, to] } }]];
  }
  const least: Leaf = { op: "gte", content: { fieldName, value: from ?? 0 } };
  if (to === null) return [[least]];
  const most: Leaf = { op: "lt", content: { fieldName, value: to + 1 } };
  return [from === null ? [most] : [least, most]];
};

const daysWithin = ({ path: fieldName, kind }: Column, from: number | null, to: number | null): Alternatives<Leaf> => {
  const [first, last] = [Math.max(from ?? FIRST_YEAR, FIRST_YEAR), Math.min(to ?? LAST_YEAR, LAST_YEAR)];
  if (first > last) return [];
  if (kind === "days") {
    const value = [`${fourDigits(first)}-01-01`, `${fourDigits(last)}-12-31`] as const;
    return [[{ op: "between", content: { fieldName, value } }]];
  }
  const least: Leaf = { op: "gte", content: { fieldName, value: `${fourDigits(first)}-01-01` } };
  const below: Leaf = { op: "lt", content: { fieldName, value: `${fourDigits(last + 1)}-01-01` } };
  return [from === null ? [below] : to === null ? [least] : [least, below]];
};

/** Numbers that are kept as texts, by name. */
const wholeNumbers = (field: FieldName, from: number | null, to: number | null): readonly string[] => {
  const [least, most] = field === "COLLECTED_YEAR" ? [1850, 2150] : [0, 149];
  const [first, last] = [Math.max(from ?? least, least), Math.min(to ?? most, most)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => `${first + at}`);
};

/** Years that a date of four digits can name. */
const [FIRST_YEAR, LAST_YEAR] = [1, 9998];
const fourDigits = (year: number): string => String(year).padStart(4, "0");
