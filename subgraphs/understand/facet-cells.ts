import type { LocalFacet, LocalQuestion, Test, Unit } from "../../adapters/local.ts";
import type { Uncertainty } from "../../schema/count.ts";
import { isSampleField } from "../../schema/fields.ts";
import type { Axis, Facet } from "../../schema/wire/question.ts";
import { fieldPair, type Pair, pairOf, type Side, type Understood } from "./inner-and-outer.ts";
import type { Interpretation, Interpreter } from "./interpret.ts";
import { allOf, hasSample } from "./predicates.ts";

/** One cell of a breakdown: the question narrowed by one value, or by two, for each count. */
export type Cell = { readonly [U in Unit]: Understood };

/**
 * The cells of a facet, row by row. A donor's value is added to W. A sample's value is added to S, and its donors are those
 * of W with a sample that meets S and the value; two sample values hold on one and the same sample.
 */
export const cellsOf = (facet: Facet, understood: Cell, interpreter: Interpreter): readonly Cell[] => {
  const rows = conditions(facet.by, interpreter);
  const columns = facet.across === undefined ? [[]] : conditions(facet.across, interpreter).map((c) => [c]);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      DONORS: narrow(understood.DONORS, [row, ...column], interpreter, "DONORS"),
      SAMPLES: narrow(understood.SAMPLES, [row, ...column], interpreter, "SAMPLES"),
    })),
  );
};

/** The same breakdown for an engine that groups by itself, or null where it cannot. */
export const groupedBy = ({ by, across }: Facet, interpreter: Interpreter): Pair<Breakdown> | null => {
  const { donors, samples, facets } = interpreter.capabilities;
  const able = [donors, samples].every((l) => l.logic === "boolean" && l.sampleAnd === undefined);
  const axes = across === undefined ? [by] : [by, across];
  if (!able || !axes.every(({ field }) => facets.includes(field))) return null;
  const facetOf = ({ field, values }: Axis, side: Side): LocalFacet => ({
    field,
    cells: values.map((value): Test => interpreter.value(field, value)[side]),
  });
  return pairOf<Breakdown>((side) =>
    across === undefined ? [facetOf(by, side)] : [facetOf(by, side), facetOf(across, side)],
  );
};
type Breakdown = NonNullable<LocalQuestion["by"]>;

type Condition = { readonly field: Axis["field"]; readonly interpretation: Interpretation };

const conditions = ({ field, values }: Axis, interpreter: Interpreter): readonly Condition[] =>
  values.map((value) => ({ field, interpretation: interpreter.value(field, value) }));

const narrow = (
  { donors, samples, because }: Understood,
  extra: readonly Condition[],
  interpreter: Interpreter,
  unit: Unit,
): Understood => {
  const at = { interpreter, unit, because: new Set<Uncertainty>(because) };
  const ofDonor = extra.flatMap(({ field, interpretation }) =>
    isSampleField(field) ? [] : [fieldPair(field, interpretation, at)],
  );
  const ofSample = extra.flatMap(({ field, interpretation }) =>
    isSampleField(field) ? [fieldPair(field, interpretation, at)] : [],
  );
  const selectors = pairOf((name) => allOf([samples[name], ...ofSample.map((pair) => pair[name])]));
  return {
    donors: pairOf((name) => {
      // mutant: one-sample
      const held = ofSample.length === 0 ? [] : [hasSample(selectors[name])];
      return allOf([donors[name], ...ofDonor.map((pair) => pair[name]), ...held]);
    }),
    samples: selectors,
    because: at.because,
  };
};
