import type { Value } from "../../../schema/text.ts";
import type { FacetTable } from "../replies.ts";
import { clean } from "./clean.ts";
import { table } from "./table.ts";
import type { View } from "./view.ts";
import { fieldLabel, intervalOf, reasonsOf } from "./words.ts";

type Cell = FacetTable["cells"][number];

/** Most columns of a cross table that is drawn as a grid; a wider one is drawn as a list. */
const GRID_COLUMNS = 6;

/** One facet table as lines: its cells, and what they leave out. A cross table has its own heading. */
export const facetLines = (facet: FacetTable, view: View): readonly string[] => {
  const { by, across } = facet;
  if (across === null) return [...list(facet, view), ...notes(facet, view)];
  const heading = `${fieldLabel(by, view.language)} × ${fieldLabel(across, view.language)}`;
  const columns = valuesOf(facet, "across");
  const body =
    columns.length === 0 || columns.length > GRID_COLUMNS
      ? list(facet, view)
      : [...grid(facet, "donors", view), "", ...grid(facet, "samples", view)];
  return [view.paint(heading, "bold"), ...body, ...notes(facet, view)];
};

/** A row per cell. */
const list = ({ by, across, cells }: FacetTable, view: View): readonly string[] => {
  const { language, word } = view;
  const label = (value: Value | null): string => (value === null ? "" : valueLabel(value, view));
  return table(
    [
      { title: fieldLabel(by, language), cell: (cell) => label(cell.by) },
      ...(across === null ? [] : [{ title: fieldLabel(across, language), cell: (cell: Cell) => label(cell.across) }]),
      { title: word("donors"), cell: ({ counts }) => intervalOf(counts.donors), right: true },
      { title: word("samples"), cell: ({ counts }) => intervalOf(counts.samples), right: true },
      { title: word("reasons"), cell: ({ counts }) => reasonsOf(Object.values(counts), language), style: "dim" },
    ],
    cells,
    view,
  );
};

/** A row per value of `by`, a column per value of `across`; a cell that the gateway left out is a dash, never 0. */
const grid = (facet: FacetTable, unit: "donors" | "samples", view: View): readonly string[] => {
  const counts = new Map(facet.cells.map((cell) => [`${cell.by.value}\n${cell.across?.value}`, cell.counts[unit]]));
  const countAt = (row: Value, column: Value): string => {
    const count = counts.get(`${row.value}\n${column.value}`);
    return count === undefined ? "-" : intervalOf(count);
  };
  return table(
    [
      { title: view.word(unit), cell: (row: Value) => valueLabel(row, view) },
      ...valuesOf(facet, "across").map((column) => ({
        title: valueLabel(column, view),
        cell: (row: Value) => countAt(row, column),
        right: true as const,
      })),
    ],
    valuesOf(facet, "by"),
    view,
  );
};

/** The values of one axis that have cells, each once. */
const valuesOf = ({ cells }: FacetTable, axis: "by" | "across"): readonly Value[] => {
  const values = cells.flatMap((cell) => cell[axis] ?? []);
  return [...new Map(values.map((value) => [value.value, value])).values()];
};

const notes = ({ overlapping, more, unlisted }: FacetTable, { language, word }: View): readonly string[] => {
  const [donors, samples] = [intervalOf(unlisted.donors), intervalOf(unlisted.samples)];
  const words = {
    en: `There are more values: any one of them has ${donors} donors and ${samples} samples.`,
    ja: `ほかにも値があります。それぞれドナー ${donors}、試料 ${samples} です。`,
  };
  return [...(more ? [words[language]] : []), ...(overlapping ? [word("overlapping")] : [])];
};

/** Codes are shown with their names; fixed values by their names alone. */
const valueLabel = ({ value, label }: Value, { say }: View): string =>
  value.includes(":") ? clean(`${value} `) + say(label) : say(label);
