import type { LocalFacet, LocalPredicate, LocalQuestion, LocalSelector, Test, Unit } from "../../adapters/local.ts";
import { mapInTurns } from "../../net/turns.ts";
import type { Uncertainty } from "../../schema/count.ts";
import { isSampleField } from "../../schema/fields.ts";
import type { Axis, Facet } from "../../schema/wire/question.ts";
import { fieldPair, isOne, type Pair, pairOf, type Side, type Understood } from "./inner-and-outer.ts";
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
  /** What fills the holes, cell by cell. Cells that are filled with the same have the same object. */
  readonly cells: readonly Filling[];
  /** The question with its holes filled. */
  readonly fill: (cell: Filling) => Cell;
  /** Why the readings of a cell differ, as `fill` has it. */
  readonly because: (cell: Filling, unit: Unit) => ReadonlySet<Uncertainty>;
  /** The same breakdown for an engine that groups by itself, or null where it cannot. */
  readonly grouped: Pair<Breakdown> | null;
};
export type Filling = { readonly of: readonly Value[] };
export type Breakdown = NonNullable<LocalQuestion["by"]>;

/** A value of an axis, for each count. */
type Value = { readonly [U in Unit]: Narrowing };
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
  const [rows = [], columns] = axes.map(({ field }, i) => valuesOf(field, read[i]!, interpreter));
  return {
    cells: fillings(rows, columns),
    fill: (cell) => ({
      DONORS: narrow(understood.DONORS, narrowings(cell, "DONORS")),
      SAMPLES: narrow(understood.SAMPLES, narrowings(cell, "SAMPLES")),
    }),
    because: (cell, unit) => reasons(understood[unit], narrowings(cell, unit)),
    grouped: groupedBy(axes, read, interpreter),
  };
};

const narrowings = ({ of }: Filling, unit: Unit): readonly Narrowing[] => of.map((value) => value[unit]);

/** One object for each filling: a row, or a row and a column. */
const fillings = (rows: readonly Value[], columns: readonly Value[] | undefined): readonly Filling[] => {
  const made = new Map<Value, readonly Filling[]>();
  return rows.flatMap((row) => {
    const known = made.get(row) ?? ofRow(row, columns);
    made.set(row, known);
    return known;
  });
};

const ofRow = (row: Value, columns: readonly Value[] | undefined): readonly Filling[] => {
  if (columns === undefined) return [{ of: [row] }];
  const made = new Map<Value, Filling>();
  return columns.map((column) => {
    const known = made.get(column) ?? { of: [row, column] };
    made.set(column, known);
    return known;
  });
};

/** Values that a bank reads alike are one object: most categories of a system mean nothing to a bank with a few codes. */
const valuesOf = (
  field: Axis["field"],
  interpretations: readonly Interpretation[],
  interpreter: Interpreter,
): readonly Value[] => {
  const byKey = new Map<string, Value>();
  const made = new Map<Interpretation, Value>();
  return interpretations.map((interpretation) => {
    const before = made.get(interpretation);
    if (before !== undefined) return before;
    const value = valueRead(field, interpretation, interpreter);
    const key = keyOfValue(value);
    const known = byKey.get(key) ?? value;
    byKey.set(key, known);
    made.set(interpretation, known);
    return known;
  });
};

const valueRead = (field: Axis["field"], interpretation: Interpretation, interpreter: Interpreter): Value => {
  const of = (unit: Unit): Narrowing => {
    const because = new Set<Uncertainty>();
    const pair = fieldPair(field, interpretation, { interpreter, unit, because });
    return { of: isSampleField(field) ? "sample" : "donor", pair, because } as Narrowing;
  };
  const donors = of("DONORS");
  const alike = interpreter.capability(field, "DONORS") === interpreter.capability(field, "SAMPLES");
  return { DONORS: donors, SAMPLES: alike ? donors : of("SAMPLES") };
};

const keyOfValue = ({ DONORS, SAMPLES }: Value): string =>
  (DONORS === SAMPLES ? [DONORS] : [DONORS, SAMPLES])
    .map(({ pair: { inner, outer }, because }) => `${keyOf(inner)} ${keyOf(outer)} ${[...because].join()}`)
    .join();

const groupedBy = (
  axes: readonly Axis[],
  read: readonly (readonly Interpretation[])[],
  { capabilities: { donors, samples, facets } }: Interpreter,
): Pair<Breakdown> | null => {
  const able = [donors, samples].every((l) => l.logic === "boolean" && l.sampleAnd === undefined);
  if (!able || !axes.every(({ field }) => facets.includes(field))) return null;
  const facetOf = (i: number, side: Side): LocalFacet => {
    const cells = read[i]!.map((interpretation): Test => interpretation[side]);
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
