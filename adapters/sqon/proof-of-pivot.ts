import { isNumberField } from "../../schema/fields.ts";
import type { Column, Types } from "./columns.ts";
import { allOf, type Filter, oneSample } from "./filters.ts";
import { absent, among, type Leaf, outside, present, within } from "./leaves.ts";
import type { ProofCount } from "./proof-counts.ts";
import { thresholds } from "./proof-of-values.ts";

/** The pivot that was proven, and why sample fields cannot be asked of donors at all. */
export type PivotProof = { readonly path: string | undefined; readonly fault: string | undefined };

/** Two conditions that no sample meets both. */
type Contradiction = readonly [Leaf, Leaf];

/** Most codes of a field that contradictions are made of. */
const MOST_CODES = 40;

/**
 * Finds the pivot by which conditions hold for one and the same sample: under it two that contradict one another find nobody,
 * although without it they find donors with two samples. Arranger compares a pivot with the outermost nested field on the
 * way to a condition's field and ignores another one, so that the outer ones are tried too.
 */
export const provePivot = async (
  nested: string,
  columns: readonly Column[],
  types: Types["DONORS"],
  count: ProofCount,
): Promise<PivotProof> => {
  const one = (filter: Filter) => count("DONORS", filter);
  const tells = async (pairs: readonly Contradiction[]): Promise<boolean> => {
    const apart = await Promise.all(pairs.map((pair) => one(allOf(pair))));
    return apart.some((found = 0) => found > 0);
  };
  const some = columns.flatMap((column) => contradictions(column, thresholds(column)));
  const every = columns.flatMap((column) => contradictions(column, everyNumber(column)));
  const isTold = (await tells(some)) || (await tells(every));
  const pairs = isTold ? some : every;
  const candidates = candidatesOf(nested, types);
  const tried = await Promise.all(
    candidates.map(async (pivot) => {
      const alike = await holdsAlone(columns, pivot, one);
      const found = await Promise.all(pairs.map((pair) => one(oneSample(pair, pivot))));
      return {
        pivot,
        refused: found.every((number) => number === undefined),
        holds: alike && found.every((number) => !number),
      };
    }),
  );
  if (pairs.length > 0 && tried.every(({ refused }) => refused)) {
    return { path: undefined, fault: `the server refuses the pivot ${nested}, which is no nested field of it` };
  }
  const proven = tried.find(({ holds, refused }) => holds && !refused);
  if (isTold) return { path: proven?.pivot, fault: undefined };
  const isNested = types?.get(nested) === "nested";
  if (proven !== undefined && isNested && speakOfAll(columns)) return { path: proven.pivot, fault: undefined };
  return { path: undefined, fault: isNested ? undefined : `no data tells whether ${nested} is a nested field` };
};

/** The nested field, and those around it. */
const candidatesOf = (nested: string, types: Types["DONORS"]): readonly string[] => {
  const names = nested.split(".");
  const paths = names.map((_, at) => names.slice(0, names.length - at).join("."));
  return types === undefined ? paths : paths.filter((path) => path === nested || types.get(path) === "nested");
};

const contradictions = (column: Column, numbers: readonly number[]): readonly Contradiction[] => {
  const all = [[present(column), absent(column)]] satisfies Contradiction[];
  if (isNumberField(column.field)) {
    const divided = numbers.flatMap((at): readonly Contradiction[] => {
      const [[below = undefined] = []] = within(column, { from: null, to: at - 1 });
      const [[above = undefined] = []] = within(column, { from: at, to: null });
      return below === undefined || above === undefined ? [] : [[below, above]];
    });
    return [...all, ...divided];
  }
  const codes = column.codes.slice(0, MOST_CODES);
  return [...all, ...codes.map((code): Contradiction => [among(column, [code]), outside(column, [code])])];
};

/** Numbers that a sample may have, so that any two that differ are divided by one of them. */
const everyNumber = ({ field }: Column): readonly number[] => {
  const [first, last] = field === "COLLECTED_YEAR" ? [1950, 2050] : [1, 120];
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
};

/** Whether conditions that go together find the same under the pivot as one of them: a pivot may also find nobody at all. */
const holdsAlone = async (
  columns: readonly Column[],
  pivot: string,
  one: (filter: Filter) => Promise<number | undefined>,
): Promise<boolean> => {
  const each = await Promise.all(
    columns.map(async (column) => {
      const [alone, joined] = await Promise.all([
        one(present(column)),
        one(oneSample([present(column), outside(column, [])], pivot)),
      ]);
      return alone === joined;
    }),
  );
  return each.every(Boolean);
};

/** Whether the contradictions speak of every code: then that none of them tells anything means that nobody's samples differ. */
const speakOfAll = (columns: readonly Column[]): boolean => columns.every(({ codes }) => codes.length <= MOST_CODES);
