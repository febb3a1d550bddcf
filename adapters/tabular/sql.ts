import { type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import { codeTest, numberTest } from "../kit/test-kinds.ts";
import { Unsupported } from "../kit/unsupported.ts";
import { withoutSample } from "../kit/without-sample.ts";
import type { LocalFacet, LocalPredicate, LocalQuestion, LocalSelector, Test } from "../local.ts";
import { binder, isRecordField } from "./columns.ts";
import { type Dictionaries, MISSING, NONE_SURE } from "./dictionaries.ts";
import type { SqlValue } from "./engine.ts";
import { codeOf } from "./rows.ts";
import { endsOf, type Value } from "./span.ts";

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
 * Counts of each cell that is not empty: cell number, donors, samples. Cells are numbered row by row as in LocalCounts. Samples
 * are gathered by donor, and by cell where a facet is of theirs; joined with the donors' cells each row is a donor of a cell.
 * Undefined where no value of the release falls into any cell. @throws {Unsupported}
 */
export const cellsSql = (
  question: LocalQuestion,
  facets: readonly LocalFacet[],
  dictionaries: Dictionaries,
): Statement | undefined => {
  const rest = withoutSample(question);
  const { donors, selected, bind, values } = write(
    rest === undefined ? question : { ...question, donors: rest },
    dictionaries,
  );
  const parts = [];
  for (const [index, { field, cells }] of facets.entries()) {
    const pairs = cellPairs({ field, cells }, dictionaries);
    if (pairs.length === 0) return undefined;
    const numbers = bind(pairs.map(([number]) => number));
    const of = bind(pairs.map(([, cell]) => cell));
    // A donor may have several records in one cell; of everything else there is one value.
    const overlaps = isRecordField(field) && new Set(pairs.map(([, cell]) => cell)).size < pairs.length;
    parts.push({ index, field, overlaps, map: `(SELECT unnest(${numbers}) AS n, unnest(${of}) AS cell)` });
  }
  const ofSamples = parts.filter(({ field }) => isSampleField(field));
  const ofThem = donors === "TRUE" ? "" : `AND d IN (SELECT d FROM donors WHERE ${donors})`;
  const gathered = gather(selected, ofThem, ofSamples);
  const everybody = rest === undefined && ofSamples.length === 0;
  // All tubes of a donor were counted when they were loaded.
  const held = !everybody
    ? gathered
    : selected === "TRUE"
      ? `SELECT d, tubes AS n FROM donors WHERE ${donors}`
      : `SELECT d, coalesce(n, 0) AS n FROM (SELECT d FROM donors WHERE ${donors}) LEFT JOIN (${gathered}) USING (d)`;
  const joins = parts.filter(({ field }) => !isSampleField(field)).map(donorCells);
  const second = facets[1]?.cells.length ?? 1;
  const cellOf = ({ index, field }: Part): string => (isSampleField(field) ? `h.cell${index}` : `c${index}.cell`);
  const cell = parts.map(cellOf).join(` * ${second} + `);
  return { sql: `SELECT ${cell}, count(*), sum(h.n) FROM (${held}) AS h ${joins.join(" ")} GROUP BY 1`, values };
};

/** One facet: `map` says which value number belongs to which cell. */
type Part = { readonly index: number; readonly field: FieldName; readonly overlaps: boolean; readonly map: string };

/** The samples chosen, gathered by their donor and by the cells of their own facets. */
const gather = (selected: string, ofThem: string, facets: readonly Part[]): string => {
  const cells = facets.map(({ index }) => `, c${index}.cell AS cell${index}`).join("");
  const joins = facets.map(({ index, field, map }) => `JOIN ${map} AS c${index} ON c${index}.n = s.${field}`).join(" ");
  return `SELECT d${cells}, count(*) AS n FROM samples AS s ${joins} WHERE ${selected} ${ofThem} GROUP BY ALL`;
};

/** Joins donors `h` with their cells of a facet, each once. */
const donorCells = ({ index, field, overlaps, map }: Part): string => {
  const rows = isRecordField(field) ? `SELECT d, n FROM ${field}` : `SELECT d, ${field} AS n FROM donors`;
  const each = `SELECT ${overlaps ? "DISTINCT " : ""}d, cell FROM (${rows}) JOIN ${map} USING (n)`;
  return `JOIN (${each}) AS c${index} ON c${index}.d = h.d`;
};

/** The conditions of the donors counted, on rows of `donors`, and of the samples counted, on rows of `samples`. */
const write = (question: LocalQuestion, dictionaries: Dictionaries) => {
  const { bind, values } = binder();
  const test = (field: FieldName, column: string, asked: Test) =>
    among(column, passing(field, asked, dictionaries), dictionaries.get(field)?.length ?? 0, bind);

  const selector = (asked: LocalSelector): string => {
    if (asked.op === "has") return test(asked.field, asked.field, asked.test);
    if (asked.op === "sure") return "sure";
    return asked.op === "not" ? `NOT ${selector(asked.of)}` : join(asked.op, asked.of.map(selector));
  };
  const predicate = (asked: LocalPredicate): string => {
    switch (asked.op) {
      case "not":
        return `NOT ${predicate(asked.of)}`;
      case "sure":
        return "sure";
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

/** The value numbers that pass a test, ascending, those of no value among them. */
const passing = (field: FieldName, test: Test, dictionaries: Dictionaries): readonly number[] => {
  const values = dictionaries.get(field);
  if (values === undefined)
    throw new Unsupported(`${field}: wanted a field that the files have a column for, got none`);
  const numbers = test.missing ? (test.doubt ? [NONE_SURE, MISSING] : [MISSING]) : [];
  const passes = tester(field, test);
  for (const [index, value] of values.entries()) if (passes(value)) numbers.push(index + 1);
  return numbers;
};

const tester = (field: FieldName, test: Test): ((value: Value) => boolean) => {
  if (isNumberField(field)) {
    const { from, to, doubt } = numberTest(field, test);
    return (value) => {
      const { from: least, to: most } = endsOf(value);
      // What is known to lie between two numbers is within where both are, and may be within where the spans overlap.
      return (from === null || (doubt ? most : least) >= from) && (to === null || (doubt ? least : most) <= to);
    };
  }
  const { codes, negate, doubt } = codeTest(field, test);
  const listed = new Set(codes);
  return (value) => {
    const { code, isInDoubt } = codeOf(value);
    return (doubt || !isInDoubt) && listed.has(code) !== negate;
  };
};

/** Whether a column's value number is one of these. Neighbours become one interval. */
const among = (column: string, numbers: readonly number[], last: number, bind: (value: SqlValue) => string): string => {
  if (numbers.length === 0) return "FALSE";
  if (numbers.filter((number) => number >= MISSING).length === last + 1) return "TRUE";
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
