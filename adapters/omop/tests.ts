import type { Condition } from "../kit/conjunction.ts";
import { codeTest, numberTest } from "../kit/test-kinds.ts";
import type { CodeTest, RangeTest } from "../local.ts";
import type { CodeColumn } from "./columns.ts";
import { isNumberColumn } from "./fields.ts";
import { join, not } from "./join.ts";
import { type NumberColumn, numberType } from "./numbers.ts";
import type { Bind } from "./statement.ts";

/**
 * A condition that is TRUE where the test passes, or with `negated` where it does not. It may be NULL instead of FALSE:
 * a NOT must never be put before it. @throws {Unsupported}
 */
export const testSql = (
  column: CodeColumn | NumberColumn,
  { field, test }: Condition,
  negated: boolean,
  bind: Bind,
): string => {
  if (isNumberColumn(column)) return rangeSql(column, numberTest(field, test), negated, bind);
  const asked = codeTest(field, test);
  if (column.below === undefined) return codeSql(column, negated ? opposite(asked) : asked, bind);
  const condition = belowSql(column, asked, bind);
  return negated ? not(condition) : condition;
};

/** Passes where a value is recorded. */
export const PRESENT: CodeTest = { codes: [], negate: true, missing: false };

/** What the column can hold of these local codes, as `$n` takes it: integers for concepts, any text for others. */
export const valuesOf = ({ type, values }: CodeColumn, codes: readonly string[]): readonly (string | number)[] => {
  if (values !== undefined) return [...new Set(codes.flatMap((code) => values.get(code) ?? []))];
  if (type === "text") return [...new Set(codes)];
  const integers = codes.filter((code) => /^(0|[1-9]\d{0,9})$/.test(code)).map(Number);
  return [...new Set(integers.filter((code) => code <= 2_147_483_647))];
};

/** What a test of a column with a hierarchy lets pass: mapped concepts, everything outside of them, missing values. */
export const passingBelow = (
  { below, none }: CodeColumn,
  { codes, negate, missing }: CodeTest,
): { readonly codes: readonly string[]; readonly others: boolean; readonly missing: boolean } => {
  const recorded = (code: string): boolean => !none.includes(code);
  const listed = new Set(codes);
  if (!negate) {
    return { codes: [...listed].filter((code) => below?.mapped.has(code) && recorded(code)), others: false, missing };
  }
  const unlisted = [...(below?.mapped ?? [])].filter((code) => !listed.has(code) && recorded(code));
  return { codes: unlisted, others: true, missing };
};

/** The concepts at or below these. */
export const closure = (column: CodeColumn, codes: readonly string[], bind: Bind): string => {
  const ids = bind(valuesOf(column, codes), "int[]");
  return `SELECT a.descendant_concept_id FROM ${column.below?.ancestors} a WHERE a.ancestor_concept_id = ANY(${ids})
    UNION ALL SELECT unnest(${ids})`;
};

const opposite = ({ codes, negate, missing }: CodeTest): CodeTest => ({ codes, negate: !negate, missing: !missing });

/**
 * Of more values than these PostgreSQL takes `<> ALL` to leave one row, and joins everything to that row by row: persons by
 * samples. A subquery is hashed, and taken to leave half of the rows.
 */
const FEW_VALUES = 32;

const codeSql = (column: CodeColumn, { codes, negate, missing }: CodeTest, bind: Bind): string => {
  const { none, type } = column;
  const recorded = codes.filter((code) => !none.includes(code));
  const listed = valuesOf(column, missing === negate ? recorded : [...recorded, ...none]);
  if (listed.length === 0) return negate ? "TRUE" : "FALSE";
  const list = bind(listed, `${type}[]`);
  if (negate && listed.length > FEW_VALUES) return `${column.whole(bind)} NOT IN (SELECT unnest(${list}))`;
  if (negate) return `${column.whole(bind)} <> ALL(${list})`;
  return `${missing ? column.whole(bind) : column.raw(bind)} = ANY(${list})`;
};

const belowSql = (column: CodeColumn, test: CodeTest, bind: Bind): string => {
  const value = column.whole(bind);
  const { codes, others, missing } = passingBelow(column, test);
  const none = `${value} = ANY(${bind(valuesOf(column, column.none), "int[]")})`;
  const all = [...(column.below?.mapped ?? [])];
  if (others && !missing && test.codes.length === 0) return not(none);
  return join("any", [
    codes.length === 0 ? "FALSE" : `${value} IN (${closure(column, codes, bind)})`,
    others ? `(${not(none)} AND ${value} NOT IN (${closure(column, all, bind)}))` : "FALSE",
    missing ? none : "FALSE",
  ]);
};

const rangeSql = (column: NumberColumn, test: RangeTest, negated: boolean, bind: Bind): string => {
  const { from, to } = test;
  const value = column.value(bind);
  const type = numberType(column);
  const met = withoutNumber(column, test, negated, bind);
  const without = met === "FALSE" ? "FALSE" : join("all", [`${value} IS NULL`, met]);
  if (negated) {
    const outside = [
      ...(from === null ? [] : [`${value} < ${bind(from, type)}`]),
      ...(to === null ? [] : [`${value} > ${bind(to, type)}`]),
    ];
    return join("any", [...outside, without]);
  }
  if (from !== null && to !== null && from > to) return without;
  if (from === null && to === null) return met === "TRUE" ? "TRUE" : join("any", [`${value} IS NOT NULL`, without]);
  const inside = column.between?.(from, to, bind) ?? between(value, from, to, (end) => bind(end, type));
  return join("any", [`(${inside})`, without]);
};

/** A condition by which a row without a number, or with one in doubt, passes the test; never NULL. */
const withoutNumber = (column: NumberColumn, test: RangeTest, negated: boolean, bind: Bind): string => {
  const doubtful = column.inDoubt?.(bind) ?? "FALSE";
  const [passes, fails] = negated ? ["FALSE", "TRUE"] : ["TRUE", "FALSE"];
  if (test.doubt === true) {
    if (test.missing) return passes;
    return negated ? not(doubtful) : doubtful;
  }
  if (!test.missing) return fails;
  return negated ? doubtful : not(doubtful);
};

const between = (value: string, from: number | null, to: number | null, bindEnd: (end: number) => string): string => {
  if (from === null) return `${value} <= ${bindEnd(to ?? 0)}`;
  if (to === null) return `${value} >= ${bindEnd(from)}`;
  return `${value} BETWEEN ${bindEnd(from)} AND ${bindEnd(to)}`;
};
