import { oncePer } from "../kit/once-per.ts";
import { codeTest, numberTest } from "../kit/test-kinds.ts";
import { Unsupported } from "../kit/unsupported.ts";
import type { CodeTest, LocalFacet, RangeTest } from "../local.ts";
import type { CodeColumn } from "./columns.ts";
import { isNumberColumn } from "./fields.ts";
import { type NumberColumn, numberType } from "./numbers.ts";
import type { Bind } from "./statement.ts";
import { closure, passingBelow, valuesOf } from "./tests.ts";

/**
 * A facet for a join: the rows of `map` (v, c) say which value belongs to which cell, and `key` is the value of a row.
 * Values that no cell speaks of become one key, so that the engine groups by cells and never asks cell by cell.
 * `single`: no cell holds two keys, so that the counts of a key are those of its cells.
 */
export type Cells = { readonly map: string; readonly key: string; readonly single: boolean };

type Pair = readonly [value: string | number, cell: number];

const MOST_NUMBERS = 10_000;
const OTHER = { int: -1, text: "\u0001other" } as const;

/** Cells of a column. `records`: a missing value is a row that is not there, and is not in the map. @throws {Unsupported} */
export const cellsOf = (column: CodeColumn | NumberColumn, facet: LocalFacet, bind: Bind, records = false): Cells => {
  const { field, cells } = facet;
  if (isNumberColumn(column)) {
    const ranges = cells.map((cell) => numberTest(field, cell));
    return numberCells(column, ranges, field, bind);
  }
  if (column.below === undefined) return codeCells(column, (records ? recordPairs : valuePairs)(facet, column), bind);
  const tests = cells.map((cell) => codeTest(field, cell));
  return belowCells(column, tests, bind, records);
};

/** Cells in which a donor or sample without a value lies. */
export const missingCells = ({ cells }: LocalFacet): readonly number[] =>
  cells.flatMap((cell, index) => (cell.missing ? [index] : []));

/** Which codes lie in which cells. `known`: the codes to tell from others, where a cell has others. */
type CodePairs = { readonly map: PairLists; readonly known: readonly Pair[0][] | undefined; readonly single: boolean };

const codePairs = ({ field, cells }: LocalFacet, column: CodeColumn, records: boolean): CodePairs => {
  const { type, none } = column;
  const tests = cells.map((cell) => codeTest(field, cell));
  const recorded = (codes: readonly string[]) => codes.filter((code) => !none.includes(code));
  const listedBy = tests.map(({ codes }) => valuesOf(column, recorded(codes)));
  const known = [...new Set(listedBy.flat())];
  const missing = valuesOf(column, none);
  const pairs = tests.flatMap(({ negate, missing: withMissing }, cell): readonly Pair[] => {
    // Of two thousand cells hardly any names more than a few of all the codes.
    const passing = negate ? allBut(known, listedBy[cell]!) : listedBy[cell]!;
    return [
      ...passing.map((value): Pair => [value, cell]),
      ...(negate ? [[OTHER[type], cell] as const] : []),
      ...(withMissing && !records ? missing.map((value): Pair => [value, cell]) : []),
    ];
  });
  const others = tests.some(({ negate }) => negate);
  return { map: listsOf(pairs), known: others ? [...known, ...missing] : undefined, single: isSingle(pairs) };
};
const recordPairs = oncePer((facet: LocalFacet, column: CodeColumn) => codePairs(facet, column, true));
const valuePairs = oncePer((facet: LocalFacet, column: CodeColumn) => codePairs(facet, column, false));

const codeCells = (column: CodeColumn, { map, known, single }: CodePairs, bind: Bind): Cells => {
  const { type } = column;
  const value = column.whole(bind);
  const key =
    known === undefined
      ? value
      : `CASE WHEN ${value} = ANY(${bind(known, `${type}[]`)}) THEN ${value} ELSE ${bind(OTHER[type], type)} END`;
  return { single, map: mapOf(map, type, bind), key };
};

const allBut = (known: readonly Pair[0][], listed: readonly Pair[0][]): readonly Pair[0][] => {
  const left = new Set(listed);
  return known.filter((value) => !left.has(value));
};

const belowCells = (column: CodeColumn, tests: readonly CodeTest[], bind: Bind, records: boolean): Cells => {
  const asked = tests.map((test) => passingBelow(column, test));
  const pairs = asked.flatMap(({ codes }, cell) => valuesOf(column, codes).map((value): Pair => [value, cell]));
  const others = asked.flatMap(({ others: other }, cell): readonly Pair[] => (other ? [[OTHER.int, cell]] : []));
  const missing = valuesOf(column, column.none);
  const absent = asked.flatMap(({ missing: withMissing }, cell) =>
    withMissing && !records ? missing.map((value): Pair => [value, cell]) : [],
  );
  const value = column.whole(bind);
  const within = `${value} = ANY(${bind(missing, "int[]")}) OR ${value} IN (${closure(column, [...(column.below?.mapped ?? [])], bind)})`;
  return {
    single: false,
    map: `(SELECT a.descendant_concept_id AS v, m.c FROM ${mapOf(listsOf(pairs), "int", bind)} AS m(v, c)
      JOIN ${column.below?.ancestors} a ON a.ancestor_concept_id = m.v
      UNION SELECT v, c FROM ${mapOf(listsOf([...pairs, ...others, ...absent]), "int", bind)} AS m(v, c))`,
    key: others.length === 0 ? value : `CASE WHEN ${within} THEN ${value} ELSE ${bind(OTHER.int, "int")} END`,
  };
};

/** Numbers beyond the outermost end of a cell all behave alike: they become the one next to it. */
const numberCells = (column: NumberColumn, ranges: readonly RangeTest[], field: string, bind: Bind): Cells => {
  const ends = ranges.flatMap(({ from, to }) => [from, to]).filter((end) => end !== null);
  const step = column.halves ? 0.5 : 1;
  const low = Math.floor(Math.min(...ends, ends[0] ?? 0)) - 1;
  const high = Math.ceil(Math.max(...ends, ends[0] ?? 0)) + 1;
  if (high - low > MOST_NUMBERS) {
    throw new Unsupported(`${field}: wanted cells that span ${MOST_NUMBERS} numbers at most, got more`);
  }
  const [absent, doubtful] = [low - 1, low - 2];
  const pairs = ranges.flatMap(({ from, to, missing, doubt = false }, cell): readonly Pair[] => {
    const first = Math.max(low, from ?? low);
    const last = Math.min(high, to ?? high);
    const count = Math.max(0, Math.floor((last - first) / step) + 1);
    const inside = Array.from({ length: count }, (_, n): Pair => [first + n * step, cell]);
    return [...inside, ...(missing ? [[absent, cell] as const] : []), ...(doubt ? [[doubtful, cell] as const] : [])];
  });
  const type = numberType(column);
  const value = `least(greatest(${column.value(bind)}, ${bind(low, type)}), ${bind(high, type)})`;
  // greatest() of NULL and a number is the number, so the missing value is tested first.
  const doubted = column.inDoubt === undefined ? "" : `WHEN ${column.inDoubt(bind)} THEN ${bind(doubtful, type)} `;
  const key = `CASE ${doubted}WHEN ${column.value(bind)} IS NULL THEN ${bind(absent, type)} ELSE ${value} END`;
  return { single: isSingle(pairs), map: mapOf(listsOf(pairs), type, bind), key };
};

const isSingle = (pairs: readonly Pair[]): boolean => new Set(pairs.map(([, cell]) => cell)).size === pairs.length;

/** Pairs as two lists of the same length. */
type PairLists = { readonly values: readonly Pair[0][]; readonly cells: readonly number[] };

const listsOf = (pairs: readonly Pair[]): PairLists => ({
  values: pairs.map(([value]) => value),
  cells: pairs.map(([, cell]) => cell),
});

const mapOf = ({ values, cells }: PairLists, type: "int" | "float8" | "text", bind: Bind): string =>
  `unnest(${bind(values, `${type}[]`)}, ${bind(cells, "int[]")})`;
