import { type CellCounts, type Count, countOf, exactCount, unionBecause } from "../../schema/count.ts";
import type { FieldName } from "../../schema/fields.ts";
import type { FacetTable } from "../../schema/public-answer.ts";
import type { Text, Value } from "../../schema/text.ts";
import { cellsOf, columnsOf, type FacetPlan } from "./facets.ts";

/** The name of a value of a field. */
export type LabelOf = (field: FieldName, value: string) => Text;

/**
 * Which values of `by` the table lists, as places on the axis: all that the asker named, in that order; else the `first`
 * by disclosed maximum of donors, then of samples (no maximum counts as infinity), then by value.
 * @param cells of all banks together, row by row over the asked values
 */
export const listRows = (plan: FacetPlan, cells: readonly CellCounts[]): readonly number[] => {
  const width = columnsOf(plan);
  const shown = plan.across?.listed.length ?? 1;
  const rows = plan.by.listed.map((value, row) => {
    const own = cells.slice(row * width, row * width + shown);
    return { value, row, donors: largest(own, "donors"), samples: largest(own, "samples") };
  });
  const descending = (a: number, b: number): number => (a === b ? 0 : b - a);
  if (plan.first !== null) {
    rows.sort(
      (a, b) => descending(a.donors, b.donors) || descending(a.samples, b.samples) || (a.value < b.value ? -1 : 1),
    );
  }
  return rows.slice(0, plan.first ?? rows.length).map(({ row }) => row);
};

/** What the tables of one facet share, those of each bank and that of all: the listed values and the places of their cells. */
export type TableFrame = {
  readonly plan: FacetPlan;
  /** `place`: of the cell among all that were asked. */
  readonly listed: readonly { readonly by: Value; readonly across: Value | null; readonly place: number }[];
  readonly unlisted: readonly number[];
  readonly more: boolean;
};

/** The frame of a facet's tables, cut to the rows that are listed. */
export const frameOf = (plan: FacetPlan, rows: readonly number[], labelOf: LabelOf): TableFrame => {
  const width = columnsOf(plan);
  const isRow = new Set(rows);
  const named = (field: FieldName, name: string): Value => ({ value: name, label: labelOf(field, name) });
  const { across } = plan;
  const columns = across === null ? [null] : across.listed.map((name) => named(across.field, name));
  const places = Array.from({ length: cellsOf(plan) }, (_, place) => place);
  return {
    plan,
    listed: rows.flatMap((row) => {
      const by = named(plan.by.field, plan.by.listed[row]!);
      return columns.map((column, i) => ({ by, across: column, place: row * width + i }));
    }),
    unlisted: places.filter((place) => !isRow.has(Math.floor(place / width)) || place % width >= columns.length),
    more: rows.length < plan.by.listed.length,
  };
};

/**
 * The table of one bank, or of all.
 * @param cells row by row over the asked values
 * @param total what the same bank counts without the facet: no cell can hold more than its maximum
 */
export const tableOf = (
  { plan, listed, unlisted, more }: TableFrame,
  cells: readonly CellCounts[],
  total: CellCounts,
): FacetTable => {
  const closed = plan.by.closed && (plan.across?.closed ?? true);
  const bounds = unlisted.map((place) => cells[place]!);
  if (!closed) bounds.push(total);
  return {
    by: plan.by.field,
    across: plan.across?.field ?? null,
    level: plan.level,
    overlapping: plan.overlapping,
    cells: listed.map(({ by, across, place }) => ({ by, across, counts: cells[place]! })),
    unlisted: { donors: upTo(bounds, "donors"), samples: upTo(bounds, "samples") },
    more,
  };
};

/** The largest upper end of several cells; no upper end counts as infinity. */
const largest = (cells: readonly CellCounts[], unit: keyof CellCounts): number =>
  cells.reduce((most, cell) => Math.max(most, cell[unit].max ?? Number.POSITIVE_INFINITY), 0);

/** A bound for any one of several cells. */
const upTo = (cells: readonly CellCounts[], unit: keyof CellCounts): Count => {
  const max = largest(cells, unit);
  if (max === 0) return exactCount(0);
  return countOf(
    0,
    Number.isFinite(max) ? max : null,
    unionBecause([["NOT_COUNTED"], ...cells.map((cell) => cell[unit].because)]),
  );
};
