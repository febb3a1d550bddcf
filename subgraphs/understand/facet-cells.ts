import type { LocalFacet, LocalPredicate, LocalQuestion, LocalSelector, Test, Unit } from "../../adapters/local.ts";
import { mapInTurns } from "../../net/turns.ts";
import type { Uncertainty } from "../../schema/count.ts";
import { isSampleField } from "../../schema/fields.ts";
import type { Axis, Facet } from "../../schema/wire/question.ts";
import { addSampleDoubt, fieldPair, isOne, type Pair, pairOf, type Side, type Understood } from "./inner-and-outer.ts";
import type { Interpretation, Interpreter } from "./interpret.ts";
import { allOf, hasSample, keyOf } from "./predicates.ts";

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

/** A value of an axis, for each count, how it is read, and its place among the distinct values of its axis. */
type Value = { readonly [U in Unit]: Narrowing } & { readonly read: Interpretation; readonly place: number };
/** What a value adds to W or, of a sample's field, to S. */
type Narrowing = { readonly because: ReadonlySet<Uncertainty> } & (
  | { readonly of: "donor"; readonly pair: Pair<LocalPredicate> }
  | { readonly of: "sample"; readonly pair: Pair<LocalSelector> }
);

/** Reads the values of a facet, each once. @throws signal.reason where the signal aborts meanwhile */
export const shapeOf = async (
  facet: Facet,
  understood: Cell,
  interpreter: Interpreter,
  signal: AbortSignal,
): Promise<Shape> => {
  const axes = facet.across === undefined ? [facet.by] : [facet.by, facet.across];
  const read: (readonly Interpretation[])[] = [];
  for (const { field, values } of axes) {
    read.push(await mapInTurns(values, (value) => interpreter.value(field, value), signal));
  }
  const [rows = NO_VALUES, columns] = axes.map(({ field }, i) => valuesOf(field, read[i]!, interpreter));
  return {
    cells: fillings(rows, columns),
    fill: (cell) => ({
      DONORS: narrow(understood.DONORS, narrowings(cell, "DONORS")),
      SAMPLES: narrow(understood.SAMPLES, narrowings(cell, "SAMPLES")),
    }),
    because: (cell, unit) => reasons(understood[unit], narrowings(cell, unit)),
    grouped: groupedBy(axes, columns === undefined ? [rows] : [rows, columns], interpreter),
  };
};

const narrowings = ({ of }: Filling, unit: Unit): readonly Narrowing[] => of.map((value) => value[unit]);

/** The values of an axis. Those that a bank reads alike are one object: most categories mean nothing to a bank with few codes. */
type Values = { readonly all: readonly Value[]; readonly distinct: readonly Value[] };
const NO_VALUES: Values = { all: [], distinct: [] };

const valuesOf = (
  field: Axis["field"],
  interpretations: readonly Interpretation[],
  interpreter: Interpreter,
): Values => {
  const made = new Map<string, Value>();
  const all = interpretations.map((read) => {
    const key = `${keyOf(read.inner)} ${keyOf(read.outer)} ${read.because.join()}`;
    const known = made.get(key) ?? valueRead(field, read, made.size, interpreter);
    made.set(key, known);
    return known;
  });
  return { all, distinct: [...made.values()] };
};

const valueRead = (field: Axis["field"], read: Interpretation, place: number, interpreter: Interpreter): Value => {
  const of = (unit: Unit): Narrowing => {
    const because = new Set<Uncertainty>();
    const pair = fieldPair(field, read, { interpreter, unit, because });
    if (isSampleField(field)) addSampleDoubt({ interpreter, because });
    return { of: isSampleField(field) ? "sample" : "donor", pair, because } as Narrowing;
  };
  const donors = of("DONORS");
  const alike = interpreter.capability(field, "DONORS") === interpreter.capability(field, "SAMPLES");
  return { DONORS: donors, SAMPLES: alike ? donors : of("SAMPLES"), read, place };
};

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
  axes: readonly Axis[],
  values: readonly Values[],
  { capabilities: { donors, samples, facets } }: Interpreter,
): Pair<Breakdown> | null => {
  const able = [donors, samples].every((l) => l.logic === "boolean" && l.sampleAnd === undefined);
  if (!able || !axes.every(({ field }) => facets.includes(field))) return null;
  const facetOf = (i: number, side: Side): LocalFacet => {
    const cells = values[i]!.distinct.map(({ read }): Test => read[side]);
    return { field: axes[i]!.field, cells };
  };
  const breakdown = (side: Side): Breakdown =>
    axes.length === 1 ? [facetOf(0, side)] : [facetOf(0, side), facetOf(1, side)];
  return pairOf(breakdown);
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
