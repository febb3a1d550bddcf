import type { LocalQuestion, Unit } from "../../adapters/local.ts";
import type { Uncertainty } from "../../schema/count.ts";
import type { Facet } from "../../schema/wire/question.ts";
import { type Narrowing, readAxis, type Value, type Values } from "./axes.ts";
import { isOne, type Pair, pairOf, type Side, type Understood } from "./inner-and-outer.ts";
import type { Interpreter } from "./interpret.ts";
import { allOf, hasSample } from "./predicates.ts";

/** One cell of a breakdown: the question narrowed by one value, or by two, for each count. */
export type Cell = { readonly [U in Unit]: Understood };

/**
 * A breakdown as one question with a hole for each axis. Its cells stand row by row. A donor's value is added to W. A sample's
 * value is added to S, and its donors are those of W with a sample that meets S and the value; two sample values hold on one
 * and the same sample.
 */
export type Shape = {
  /** What fills the holes, cell by cell. Cells that are filled with the same are the same object. */
  readonly cells: readonly Filling[];
  /** The question with its holes filled. */
  readonly fill: (cell: Filling) => Cell;
  /** Why the readings of a cell differ, as `fill` has it. */
  readonly because: (cell: Filling, unit: Unit) => ReadonlySet<Uncertainty>;
  /** The breakdown by distinct values, for an engine that groups by itself; null where it cannot. */
  readonly grouped: Pair<Breakdown> | null;
};
/** `place`: the number of the cell in `grouped`. */
export type Filling = { readonly of: readonly Value[]; readonly place: number };
export type Breakdown = NonNullable<LocalQuestion["by"]>;

/** Reads the values of a facet, each once. @throws signal.reason where the signal aborts meanwhile */
export const shapeOf = async (
  facet: Facet,
  understood: Cell,
  interpreter: Interpreter,
  signal: AbortSignal,
): Promise<Shape> => {
  const axes = facet.across === undefined ? [facet.by] : [facet.by, facet.across];
  const read: Values[] = [];
  for (const axis of axes) read.push(await readAxis(axis, interpreter, signal));
  const [rows = NO_VALUES, columns] = read;
  return {
    cells: fillings(rows, columns),
    fill: (cell) => ({
      DONORS: narrow(understood.DONORS, narrowings(cell, "DONORS")),
      SAMPLES: narrow(understood.SAMPLES, narrowings(cell, "SAMPLES")),
    }),
    because: (cell, unit) => reasons(understood[unit], narrowings(cell, unit)),
    grouped: groupedBy(rows, columns, interpreter),
  };
};

const narrowings = ({ of }: Filling, unit: Unit): readonly Narrowing[] => of.map((value) => value[unit]);

const NO_VALUES: Values = { all: [], distinct: [], facet: pairOf(() => ({ field: "SEX", cells: [] })) };

/** One object for each filling: a row, or a row and a column. */
const fillings = (rows: Values, columns: Values | undefined): readonly Filling[] => {
  if (columns === undefined) {
    const made = rows.distinct.map((row): Filling => ({ of: [row], place: row.place }));
    return rows.all.map(({ place }) => made[place]!);
  }
  const width = columns.distinct.length;
  const made = rows.distinct.map((row) =>
    columns.distinct.map((column): Filling => ({ of: [row, column], place: row.place * width + column.place })),
  );
  return rows.all.flatMap((row) => columns.all.map((column) => made[row.place]![column.place]!));
};

const groupedBy = (
  rows: Values,
  columns: Values | undefined,
  { capabilities: { donors, samples, facets } }: Interpreter,
): Pair<Breakdown> | null => {
  const able = [donors, samples].every((l) => l.logic === "boolean" && l.sampleAnd === undefined);
  const of = columns === undefined ? [rows] : [rows, columns];
  if (!able || !of.every(({ facet }) => facets.includes(facet.inner.field))) return null;
  return pairOf((side) => (columns === undefined ? [rows.facet[side]] : [rows.facet[side], columns.facet[side]]));
};

const reasons = ({ because }: Understood, extra: readonly Narrowing[]): ReadonlySet<Uncertainty> => {
  const isKnown = extra.every((each) => [...each.because].every((reason) => because.has(reason)));
  return isKnown ? because : new Set([...because, ...extra.flatMap((each) => [...each.because])]);
};

const narrow = (understood: Understood, extra: readonly Narrowing[]): Understood => {
  const { donors, samples } = understood;
  const ofDonor = extra.flatMap((each) => (each.of === "donor" ? [each.pair] : []));
  const ofSample = extra.flatMap((each) => (each.of === "sample" ? [each.pair] : []));
  const selectors =
    ofSample.length === 0
      ? samples
      : pairFrom([samples, ...ofSample], (name) => allOf([samples[name], ...ofSample.map((pair) => pair[name])]));
  return {
    donors: pairFrom([donors, ...ofDonor, ...(ofSample.length === 0 ? [] : [selectors])], (name) => {
      // mutant: one-sample
      const held = ofSample.length === 0 ? [] : [hasSample(selectors[name])];
      return allOf([donors[name], ...ofDonor.map((pair) => pair[name]), ...held]);
    }),
    samples: selectors,
    because: reasons(understood, extra),
  };
};

/** Makes both readings in the same way, or one for both where all that they are made of is the same. */
const pairFrom = <T extends object>(of: readonly Pair<object>[], make: (side: Side) => T): Pair<T> => {
  if (!of.every(isOne)) return pairOf(make);
  const both = make("inner");
  return { inner: both, outer: both };
};
