import { type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import { codeTest, numberTest } from "../kit/test-kinds.ts";
import { Unsupported } from "../kit/unsupported.ts";
import { withoutSample } from "../kit/without-sample.ts";
import type { LocalFacet, LocalPredicate, LocalQuestion, LocalSelector, Test } from "../local.ts";
import { binder, isRecordField } from "./columns.ts";
import type { SqlValue } from "./engine.ts";
import type { Dictionaries } from "./load.ts";

/** A statement and the values of its $1, $2 ... */
export type Statement = { readonly sql: string; readonly values: readonly SqlValue[] };

const MOST_INTERVALS = 8;

/** Counts in one row: donors, samples. @throws {Unsupported} */
export const totalsSql = (question: LocalQuestion, dictionaries: Dictionaries): Statement => {
  const { donors, selected, values } = write(question, dictionaries);
  const rest = withoutSample(question);
  if (rest !== undefined) {
    // The donors counted are those of the samples counted: one pass gives both.
    const { donors: others, selected: chosen, values: own } = write({ ...question, donors: rest }, dictionaries);
    const ofThem = others === "TRUE" ? "" : `AND d IN (SELECT d FROM donors WHERE ${others})`;
    const sql = `SELECT count(*), coalesce(sum(n), 0) FROM
      (SELECT count(*) AS n FROM samples WHERE ${chosen} ${ofThem} GROUP BY d)`;
    return { sql, values: own };
  }
  if (selected === "TRUE") {
    return { sql: `SELECT count(*), coalesce(sum(tubes), 0) FROM donors WHERE ${donors}`, values };
  }
  const sql = `WITH w AS MATERIALIZED (SELECT d FROM donors WHERE ${donors})
    SELECT (SELECT count(*) FROM w), (SELECT count(*) FROM samples WHERE ${selected} AND d IN (SELECT d FROM w))`;
  return { sql, values };
};

/**
 * Counts of each cell that is not empty: cell number, donors, samples. Cells are numbered row by row as in LocalCounts.
 * Undefined where no value of the release falls into any cell. @throws {Unsupported}
 */
export const cellsSql = (
  question: LocalQuestion,
  facets: readonly LocalFacet[],
  dictionaries: Dictionaries,
): Statement | undefined => {
  const { donors, selected, bind, values } = write(question, dictionaries);
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
  const ofThem = donors === "TRUE" ? "" : "AND d IN (SELECT d FROM w)";
  const head = `WITH w AS (SELECT d, tubes FROM donors WHERE ${donors}),
    s AS (SELECT * FROM samples WHERE ${selected} ${ofThem})`;
  // All tubes of a donor were counted when they were loaded.
  const held = selected === "TRUE" ? "w" : "w LEFT JOIN (SELECT d, count(*) AS n FROM s GROUP BY d) USING (d)";
  const tubes = selected === "TRUE" ? "tubes" : "coalesce(n, 0)";
  const sql = ofSample
    ? `${head} SELECT ${cell}, count(DISTINCT s.d), count(*) FROM s ${joins.join(" ")} GROUP BY 1`
    : `${head} SELECT ${cell}, count(*), sum(s.n) FROM (SELECT d, ${tubes} AS n FROM ${held}) AS s
       ${joins.join(" ")} GROUP BY 1`;
  return { sql, values };
};

/** The conditions of the donors counted, on rows of `donors`, and of the samples counted, on rows of `samples`. */
const write = (question: LocalQuestion, dictionaries: Dictionaries) => {
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
  return { donors: predicate(question.donors), selected: selector(question.samples), bind, values };
};

const join = (op: "all" | "any", parts: readonly string[]): string => {
  if (parts.length === 0) return op === "all" ? "TRUE" : "FALSE";
  return `(${parts.join(op === "all" ? " AND " : " OR ")})`;
};

/** The value numbers that pass a test, ascending: 0 is the missing value. */
const passing = (field: FieldName, test: Test, dictionaries: Dictionaries): readonly number[] => {
  const values = dictionaries.get(field);
  if (values === undefined)
    throw new Unsupported(`${field}: wanted a field that the files have a column for, got none`);
  const numbers = test.missing ? [0] : [];
  const passes = tester(field, test);
  for (const [index, value] of values.entries()) if (passes(value)) numbers.push(index + 1);
  return numbers;
};

const tester = (field: FieldName, test: Test): ((value: string | number) => boolean) => {
  if (isNumberField(field)) {
    const { from, to } = numberTest(field, test);
    return (value) => (from === null || Number(value) >= from) && (to === null || Number(value) <= to);
  }
  const { codes, negate } = codeTest(field, test);
  const listed = new Set(codes);
  return (value) => listed.has(String(value)) !== negate;
};

/** Whether a column's value number is one of these. Neighbours become one interval. */
const among = (column: string, numbers: readonly number[], last: number, bind: (value: SqlValue) => string): string => {
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
};

/** Which value number falls into which cell; cells may overlap. */
const cellPairs = ({ field, cells }: LocalFacet, dictionaries: Dictionaries): readonly (readonly [number, number])[] =>
  cells.flatMap((cell, index) => passing(field, cell, dictionaries).map((number) => [number, index] as const));
