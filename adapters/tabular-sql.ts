import { FIELDS, type FieldName, isSampleField } from "../schema/fields.ts";
import {
  isRange,
  type LocalFacet,
  type LocalPredicate,
  type LocalQuestion,
  type LocalSelector,
  type Test,
} from "./local.ts";
import { binder, isRecordField } from "./tabular-columns.ts";
import type { SqlValue } from "./tabular-engine.ts";
import type { Dictionaries } from "./tabular-load.ts";

/** A statement and the values of its $1, $2 ... */
export type Statement = { readonly sql: string; readonly values: readonly SqlValue[] };

const MOST_INTERVALS = 8;

/** Counts in one row: donors, samples. @throws {Unsupported} */
export function totalsSql(question: LocalQuestion, dictionaries: Dictionaries): Statement {
  const writer = write(question, dictionaries);
  return { sql: `${writer.head} SELECT (SELECT count(*) FROM w), (SELECT count(*) FROM s)`, values: writer.values };
}

/**
 * Counts of each cell that is not empty: cell number, donors, samples. Cells are numbered row by row as in LocalCounts.
 * Undefined where no value of the release falls into any cell. @throws {Unsupported}
 */
export function cellsSql(
  question: LocalQuestion,
  facets: readonly LocalFacet[],
  dictionaries: Dictionaries,
): Statement | undefined {
  const { head, bind, values } = write(question, dictionaries);
  const ofSample = facets.some(({ field }) => isSampleField(field));
  const parts = [];
  for (const [index, facet] of facets.entries()) {
    const pairs = cellPairs(facet, dictionaries);
    if (pairs.length === 0) return undefined;
    const numbers = bind(pairs.map(([number]) => number));
    const cells = bind(pairs.map(([, cell]) => cell));
    parts.push({ index, field: facet.field, map: `(SELECT unnest(${numbers}) AS n, unnest(${cells}) AS cell)` });
  }
  const second = facets[1]?.cells.length ?? 1;
  const cell = facets.length === 1 ? "c0.cell" : `c0.cell * ${second} + c1.cell`;
  // A donor may have several records in one cell; a sample has one value.
  const joins = parts.map(({ index, field, map }) => {
    if (isSampleField(field)) return `JOIN ${map} AS c${index} ON c${index}.n = s.${field}`;
    const rows = isRecordField(field) ? `SELECT d, n FROM ${field}` : `SELECT d, ${field} AS n FROM donors`;
    return `JOIN (SELECT DISTINCT d, cell FROM (${rows}) JOIN ${map} USING (n)) AS c${index} ON c${index}.d = s.d`;
  });
  const sql = ofSample
    ? `${head} SELECT ${cell}, count(DISTINCT s.d), count(*) FROM s ${joins.join(" ")} GROUP BY 1`
    : `${head}, per AS (SELECT d, count(*) AS n FROM s GROUP BY d)
       SELECT ${cell}, count(*), sum(coalesce(s.n, 0)) FROM (SELECT d, n FROM w LEFT JOIN per USING (d)) AS s
       ${joins.join(" ")} GROUP BY 1`;
  return { sql, values };
}

/** A question that names what the files do not have. */
export class Unsupported extends Error {}

/** `w` holds the donors counted, `s` the samples counted. */
function write(question: LocalQuestion, dictionaries: Dictionaries) {
  const { bind, values } = binder();
  const test = (field: FieldName, column: string, asked: Test) =>
    among(column, passing(field, asked, dictionaries), dictionaries.get(field)?.length ?? 0, bind);

  const selector = (asked: LocalSelector): string => {
    if (asked.op === "has") return test(asked.field, asked.field, asked.test);
    return asked.op === "not" ? `NOT ${selector(asked.of)}` : join(asked.op, asked.of.map(selector));
  };
  const predicate = (asked: LocalPredicate): string => {
    switch (asked.op) {
      case "not":
        return `NOT ${predicate(asked.of)}`;
      case "sample":
        return `d IN (SELECT d FROM samples WHERE ${selector(asked.of)})`;
      case "has":
        if (!isRecordField(asked.field)) return test(asked.field, asked.field, asked.test);
        return `d IN (SELECT d FROM ${asked.field} WHERE ${test(asked.field, "n", asked.test)})`;
      default:
        return join(asked.op, asked.of.map(predicate));
    }
  };
  const head = `WITH w AS MATERIALIZED (SELECT d FROM donors WHERE ${predicate(question.donors)}),
    s AS MATERIALIZED (SELECT * FROM samples WHERE ${selector(question.samples)} AND d IN (SELECT d FROM w))`;
  return { head, bind, values };
}

function join(op: "all" | "any", parts: readonly string[]): string {
  if (parts.length === 0) return op === "all" ? "TRUE" : "FALSE";
  return `(${parts.join(op === "all" ? " AND " : " OR ")})`;
}

/** The value numbers that pass a test, ascending: 0 is the missing value. */
function passing(field: FieldName, test: Test, dictionaries: Dictionaries): readonly number[] {
  const values = dictionaries.get(field);
  if (values === undefined)
    throw new Unsupported(`${field}: wanted a field that the files have a column for, got none`);
  const numbers = test.missing ? [0] : [];
  const passes = tester(field, test);
  for (const [index, value] of values.entries()) if (passes(value)) numbers.push(index + 1);
  return numbers;
}

function tester(field: FieldName, test: Test): (value: string | number) => boolean {
  const isNumber = FIELDS[field].values === "number";
  if (isRange(test) !== isNumber) {
    throw new Unsupported(
      `${field}: wanted a test of ${isNumber ? "numbers" : "codes"}, got one of ${isNumber ? "codes" : "numbers"}`,
    );
  }
  if (isRange(test)) {
    const { from, to } = test;
    return (value) => (from === null || Number(value) >= from) && (to === null || Number(value) <= to);
  }
  if (test.below) throw new Unsupported(`${field}: wanted every code by name, got a code with all below it`);
  const codes = new Set(test.codes);
  return (value) => codes.has(String(value)) !== test.negate;
}

/** Whether a column's value number is one of these. Neighbours become one interval. */
function among(column: string, numbers: readonly number[], last: number, bind: (value: SqlValue) => string): string {
  if (numbers.length === 0) return "FALSE";
  if (numbers.length === last + 1) return "TRUE";
  const intervals: { from: number; to: number }[] = [];
  for (const number of numbers) {
    const current = intervals.at(-1);
    if (current?.to === number - 1) current.to = number;
    else intervals.push({ from: number, to: number });
  }
  if (intervals.length > MOST_INTERVALS) return `${column} IN (SELECT unnest(${bind(numbers)}))`;
  return join(
    "any",
    intervals.map(({ from, to }) => `${column} BETWEEN ${bind(from)} AND ${bind(to)}`),
  );
}

/** Which value number falls into which cell; cells may overlap. */
function cellPairs(facet: LocalFacet, dictionaries: Dictionaries): readonly (readonly [number, number])[] {
  return facet.cells.flatMap((cell, index) =>
    passing(facet.field, cell, dictionaries).map((number) => [number, index] as const),
  );
}
