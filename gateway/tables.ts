import type { CellCounts, Count } from "../schema/answer.ts";
import { countOf, largerMax, unionBecause } from "../schema/count.ts";
import type { FieldName } from "../schema/fields.ts";
import type { Text } from "../schema/text.ts";
import type { Value } from "./bank-copy.ts";
import type { DiseaseLevel } from "./facet-values.ts";
import { columnsOf, type FacetPlan } from "./facets.ts";

/** FacetTable of the SDL. */
export type FacetTable = {
  readonly by: FieldName;
  readonly across: FieldName | null;
  readonly level: DiseaseLevel | null;
  readonly overlapping: boolean;
  readonly cells: readonly { readonly by: Value; readonly across: Value | null; readonly counts: CellCounts }[];
  readonly unlisted: CellCounts;
  readonly more: boolean;
};

/** The name of a value of a field. */
export type LabelOf = (field: FieldName, value: string) => Text;

/**
 * Which values of `by` the table lists, as places on the axis: all that the asker named, in that order; else the `first`
 * by disclosed maximum of donors, then of samples (no maximum counts as infinity), then by value.
 * @param cells of all banks together, row by row over the asked values
 */
export const listRows = (plan: FacetPlan, cells: readonly CellCounts[]): readonly number[] => {
  const rows = plan.by.listed.map((value, row) => ({ value, row, ...rowMax(plan, cells, row) }));
  if (plan.first !== null) {
    rows.sort(
      (a, b) => descending(a.donors, b.donors) || descending(a.samples, b.samples) || (a.value < b.value ? -1 : 1),
    );
  }
  return rows.slice(0, plan.first ?? rows.length).map(({ row }) => row);
};

/**
 * The table of one bank, or of all, cut to the rows that are listed.
 * @param total what the same bank counts without the facet: no cell can hold more than its maximum
 */
export const tableOf = (
  plan: FacetPlan,
  rows: readonly number[],
  cells: readonly CellCounts[],
  total: CellCounts,
  labelOf: LabelOf,
): FacetTable => {
  const width = columnsOf(plan);
  const isRow = new Set(rows);
  const columns = plan.across === null ? [null] : plan.across.listed;
  const value = (field: FieldName, name: string): Value => ({ value: name, label: labelOf(field, name) });
  const unlisted = cells.filter((_, i) => !isRow.has(Math.floor(i / width)) || i % width >= columns.length);
  const closed = plan.by.closed && (plan.across?.closed ?? true);
  const bounds = closed ? unlisted : [...unlisted, total];
  return {
    by: plan.by.field,
    across: plan.across?.field ?? null,
    level: plan.level,
    overlapping: plan.overlapping,
    cells: rows.flatMap((row) => {
      const by = value(plan.by.field, plan.by.listed[row]!);
      return columns.map((name, column) => ({
        by,
        across: name === null || plan.across === null ? null : value(plan.across.field, name),
        counts: cells[row * width + column]!,
      }));
    }),
    unlisted: { donors: upTo(bounds.map((cell) => cell.donors)), samples: upTo(bounds.map((cell) => cell.samples)) },
    more: rows.length < plan.by.listed.length,
  };
};

type Max = { readonly donors: number | null; readonly samples: number | null };

const rowMax = (plan: FacetPlan, cells: readonly CellCounts[], row: number): Max => {
  const width = columnsOf(plan);
  const own = cells.slice(row * width, row * width + (plan.across?.listed.length ?? 1));
  return {
    donors: own.reduce<number | null>((most, cell) => largerMax(most, cell.donors.max), 0),
    samples: own.reduce<number | null>((most, cell) => largerMax(most, cell.samples.max), 0),
  };
};

const descending = (a: number | null, b: number | null): number => {
  const [left, right] = [a ?? Number.POSITIVE_INFINITY, b ?? Number.POSITIVE_INFINITY];
  return left === right ? 0 : right - left;
};

/** What any one of several cells may hold. */
const upTo = (counts: readonly Count[]): Count => {
  const max = counts.reduce<number | null>((most, count) => largerMax(most, count.max), 0);
  return countOf(0, max, unionBecause([...counts.map((count) => count.because), ["NOT_COUNTED"]]));
};
