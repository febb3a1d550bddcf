import { FIELDS, type FieldName } from "../../schema/fields.ts";
import type { FacetTable, Value } from "./replies.ts";
import { clean, type Paint, table } from "./table.ts";
import { intervalOf, type Language, reasonsOf, WORDS } from "./words.ts";

/** A cross table is drawn as a grid up to this many columns; a wider one as a list. */
const GRID_COLUMNS = 6;

/** One facet table as lines: its cells, and what stands outside of them. A cross table has its own heading. */
export const facetLines = (facet: FacetTable, language: Language, paint: Paint): readonly string[] => {
  if (facet.across === null) return [...list(facet, language, paint), ...notes(facet, language)];
  const across = [...new Map(facet.cells.map((cell) => [cell.across?.value, cell.across])).values()].filter(
    (value) => value !== null,
  );
  const heading = `${fieldLabel(facet.by, language)} × ${fieldLabel(facet.across, language)}`;
  const body =
    across.length === 0 || across.length > GRID_COLUMNS
      ? list(facet, language, paint)
      : [...grid(facet, across, "donors", language, paint), "", ...grid(facet, across, "samples", language, paint)];
  return [paint(heading, "bold"), ...body, ...notes(facet, language)];
};

/** A field's name in the language; one that this version does not know shows its code. */
export const fieldLabel = (field: string, language: Language): string =>
  Object.hasOwn(FIELDS, field) ? FIELDS[field as FieldName].label[language] : clean(field);

/** A row per cell. */
const list = (facet: FacetTable, language: Language, paint: Paint): readonly string[] =>
  table(
    [
      { title: fieldLabel(facet.by, language) },
      { title: facet.across === null ? "" : fieldLabel(facet.across, language) },
      { title: WORDS.donors[language], right: true },
      { title: WORDS.samples[language], right: true },
      { title: WORDS.reasons[language], style: "dim" },
    ],
    facet.cells.map(({ by, across, counts }) => [
      valueLabel(by, language),
      across === null ? "" : valueLabel(across, language),
      intervalOf(counts.donors),
      intervalOf(counts.samples),
      reasonsOf([...counts.donors.because, ...counts.samples.because], language),
    ]),
    paint,
  );

/** A row per value of `by`, a column per value of `across`; a cell that the gateway left out is a dash, never 0. */
const grid = (
  facet: FacetTable,
  across: readonly Value[],
  unit: "donors" | "samples",
  language: Language,
  paint: Paint,
): readonly string[] => {
  const by = new Map(facet.cells.map((cell) => [cell.by.value, cell.by]));
  const counts = new Map(facet.cells.map((cell) => [`${cell.by.value}\n${cell.across?.value}`, cell.counts[unit]]));
  return table(
    [
      { title: WORDS[unit][language] },
      ...across.map((value) => ({ title: valueLabel(value, language), right: true as const })),
    ],
    [...by.values()].map((row) => [
      valueLabel(row, language),
      ...across.map((column) => {
        const count = counts.get(`${row.value}\n${column.value}`);
        return count === undefined ? "-" : intervalOf(count);
      }),
    ]),
    paint,
  );
};

const notes = ({ overlapping, more, unlisted }: FacetTable, language: Language): readonly string[] => {
  const [donors, samples] = [intervalOf(unlisted.donors), intervalOf(unlisted.samples)];
  const words = {
    en: `There are more values: any one of them has ${donors} donors and ${samples} samples.`,
    ja: `ほかにも値があります。それぞれドナー ${donors}、試料 ${samples} です。`,
  };
  return [...(more ? [words[language]] : []), ...(overlapping ? [WORDS.overlapping[language]] : [])];
};

/** Codes are shown with their names; fixed values by their names alone. */
const valueLabel = ({ value, label }: Value, language: Language): string =>
  clean(value.includes(":") ? `${value} ${label[language]}` : label[language]);
