import { FIELDS, type FieldName, isSampleField } from "../../schema/fields.ts";
import type { DiseaseLevel } from "../../schema/public-answer.ts";
import { QuestionError, wanted } from "../../schema/question-error.ts";
import { type Text, text } from "../../schema/text.ts";
import type { Card } from "../../schema/wire/card.ts";
import type { Facet } from "../../schema/wire/question.ts";
import { LIMITS } from "../limits.ts";
import { diseasesOf, givenValues, type ValueList, valuesOfField } from "./facet-values.ts";
import { requireFirst } from "./require-first.ts";

/** A facet as it was asked for: FacetInput of the SDL. */
export type FacetInput = {
  readonly by: FieldName;
  readonly across?: FieldName | null;
  readonly level?: DiseaseLevel | null;
  readonly under?: string | null;
  readonly values?: readonly string[] | null;
  readonly first?: number | null;
};

/** A facet with its values fixed, the same for every bank. */
export type FacetPlan = {
  readonly by: PlannedAxis;
  readonly across: PlannedAxis | null;
  readonly level: DiseaseLevel | null;
  /** How many values of `by` the table lists; null: all, because the asker named them. */
  readonly first: number | null;
  /** A donor may stand in several cells. */
  readonly overlapping: boolean;
};
export type PlannedAxis = ValueList & { readonly field: FieldName };

const DEFAULT_FIRST = 20;

/**
 * Fixes the values of every facet before any bank is asked.
 * @throws {QuestionError} for values that do not exist and for tables over the limits
 */
export const planFacets = (
  facets: readonly FacetInput[] | null | undefined,
  banks: readonly Card[],
  year: number,
): readonly FacetPlan[] => {
  if (facets === null || facets === undefined) return [];
  if (facets.length === 0) throw new QuestionError("facets", EMPTY);
  if (facets.length > LIMITS.facets) throw tooMany("facets", LIMITS.facets, facets.length);
  return facets.map((facet, i) => planFacet(facet, `facets[${i}]`, banks, year));
};

/** Cells of one facet: those that every bank is asked for, and those that its table lists at most. */
export type FacetSize = { readonly asked: number; readonly listed: number };

/** The size of a facet whose given values are not checked. @throws {QuestionError} for a code that has nothing below it */
export const facetSize = (facet: FacetInput, banks: readonly Card[], year: number): FacetSize => {
  const { by, across, values } = facet;
  const sizeOf = (field: FieldName): FacetSize => {
    const { listed, rest } = valueList({ field, facet, at: "facets" }, banks, year);
    return { asked: listed.length + rest.length, listed: listed.length };
  };
  const rows = values ? { asked: values.length, listed: values.length } : sizeOf(by);
  const columns = across == null ? { asked: 1, listed: 1 } : sizeOf(across);
  const shown = values ? rows.listed : Math.min(rows.listed, Math.max(0, facet.first ?? DEFAULT_FIRST));
  return { asked: rows.asked * columns.asked, listed: shown * columns.listed };
};

/** What a bank is asked for: on each axis the listed values and then the rest. */
export const facetJson = ({ by, across }: FacetPlan): Facet => ({
  by: { field: by.field, values: askedValues(by) },
  ...(across === null ? {} : { across: { field: across.field, values: askedValues(across) } }),
});

/** How many cells a bank is asked for: row by row over `by`, column by column over `across`. */
export const cellsOf = (plan: Pick<FacetPlan, "by" | "across">): number =>
  askedValues(plan.by).length * columnsOf(plan);

/** How many cells one value of `by` has. */
export const columnsOf = ({ across }: Pick<FacetPlan, "across">): number =>
  across === null ? 1 : askedValues(across).length;

/** All values of an axis in the order in which the banks are asked for them. */
const askedValues = (axis: ValueList): readonly string[] => [...axis.listed, ...axis.rest];

const EMPTY = text(
  "wanted at least one, got an empty list. Leave it out to ask for none",
  "1つ以上必要ですが、空のリストが指定されました。不要な場合は項目を省いてください",
);

const ONLY_DISEASE = text("it only with DISEASE and without values", "DISEASE で values がない場合のみの指定");

const planFacet = (facet: FacetInput, at: string, banks: readonly Card[], year: number): FacetPlan => {
  const across = facet.across ?? null;
  const first = facet.first ?? DEFAULT_FIRST;
  if (across === facet.by) throw wanted(`${at}.across`, text("another field than by", "by とは別の項目"), across);
  requireFirst(first, `${at}.first`);
  const byLevel = isByLevel(facet);
  for (const key of ["level", "under"] as const) {
    if (facet[key] && !byLevel) throw wanted(`${at}.${key}`, ONLY_DISEASE, facet[key]);
  }
  const axisOf = (field: FieldName): PlannedAxis => ({
    field,
    ...valueList({ field, facet, at }, banks, year),
  });
  const plan = {
    by: facet.values ? given(facet.by, facet.values, at) : axisOf(facet.by),
    across: across === null ? null : axisOf(across),
    level: levelOf(facet),
    first: facet.values ? null : first,
    overlapping: [facet.by, across].some((field) => field !== null && (FIELDS[field].many || isSampleField(field))),
  };
  checkSize(plan, at);
  return plan;
};

const isByLevel = ({ by, across, values }: FacetInput): boolean =>
  across === "DISEASE" || (by === "DISEASE" && !values);

const levelOf = (facet: FacetInput): DiseaseLevel | null =>
  facet.level ?? (isByLevel(facet) && !facet.under ? "CHAPTER" : null);

type AxisOf = { readonly field: FieldName; readonly facet: FacetInput; readonly at: string };

/** The values of one axis, where the asker has not named them. @throws {QuestionError} */
const valueList = ({ field, facet, at }: AxisOf, banks: readonly Card[], year: number): ValueList =>
  field === "DISEASE" ? diseasesOf(levelOf(facet), facet.under ?? null, at) : valuesOfField(field, banks, year);

const given = (field: FieldName, values: readonly string[], at: string): PlannedAxis => {
  if (values.length === 0) throw new QuestionError(`${at}.values`, EMPTY);
  if (values.length > LIMITS.axisValues) throw tooMany(`${at}.values`, LIMITS.axisValues, values.length);
  return { field, ...givenValues(field, values, at) };
};

const checkSize = (plan: Pick<FacetPlan, "by" | "across">, at: string): void => {
  const longest = Math.max(askedValues(plan.by).length, columnsOf(plan));
  if (longest > LIMITS.axisValues) throw tooMany(at, LIMITS.axisValues, longest);
  if (cellsOf(plan) > LIMITS.cellsPerFacet) throw tooMany(at, LIMITS.cellsPerFacet, cellsOf(plan));
};

const tooMany = (at: string, limit: number, got: number): QuestionError => {
  const want: Text =
    limit === LIMITS.facets
      ? text(`at most ${limit} facets`, `${limit}個以内のファセット`)
      : text(
          `at most ${limit} values or cells; name fewer in values, or a wider level`,
          `${limit}個以内の値またはセル（values で絞るか、level を粗くしてください）`,
        );
  return wanted(at, want, String(got));
};
