import type { FieldName } from "../fields.ts";
import { isKnownValue } from "../parse-value.ts";
import { isField, items, list, members, object, parseAs, type Shaped, word } from "./shape.ts";

/**
 * A canonical question as a gateway asks it.
 * - `v`: the version of what may stand in `where` and `facets`. It is counted up when a criterion, a value or a field is
 *   added. A bank reads a question of a higher version all the same: what it knows as always, and each part that it does
 *   not know as UNSUPPORTED, which makes intervals wider and never wrong. So no bank has to know the number.
 * - `where`: the canonical form of the SDL's `Where`. Members of one object hold together, also those of a later version.
 * - `facets`: breakdowns, their values fixed by the gateway.
 * A member beside these may change what the others mean: a bank that does not know it reads all of `where` as UNSUPPORTED.
 */
export type Question = { readonly v: 1; readonly where: Where; readonly facets: readonly Facet[] };
export type Where = { readonly [key: string]: unknown };
/** A breakdown by the values of one field, or of two. */
export type Facet = { readonly by: Axis; readonly across?: Axis };
/** Values: enum names, CURIEs, ids of centres, `40-49` for number fields, or NOT_RECORDED. */
export type Axis = { readonly field: FieldName; readonly values: readonly string[] };

/** A question as a bank received it, from a gateway of any version. */
export type ReceivedQuestion = {
  /** What of it can be counted: its `where` as it came, in which `readWhere` finds what is not known, and known facets. */
  readonly known: Question;
  /** One for each facet asked. */
  readonly facets: readonly ReceivedFacet[];
};

export type ReceivedFacet = {
  /** The facet without the values that are not known; null where nothing is left, or it says something that is not known. */
  readonly known: Facet | null;
  /** One for each cell asked, row by row: its place among the cells of `known`, null where it has none. */
  readonly cells: readonly (number | null)[];
  /** Names of fields, as they came, for which the facet cannot be had. */
  readonly lost: readonly string[];
};

/** Reads what a gateway asked. @throws {WrongAnswer} where it has no `where`, or no facets whose cells can be numbered */
export const parseQuestion = (json: unknown): ReceivedQuestion => {
  const { v: _, where, facets, ...beside } = members(json, "question");
  const received = items(facets, "question.facets").map((facet, i) => receivedFacet(facet, `question.facets[${i}]`));
  const [unknown] = Object.entries(beside);
  const known: Question = {
    v: 1,
    where: unknown === undefined ? members(where, "question.where") : { [`question.${unknown[0]}`]: unknown[1] },
    facets: received.flatMap((each) => each.known ?? []),
  };
  return { known, facets: received };
};

const sentAxis = object({ field: word, values: list(word) });

/** Members are taken apart by hand: a parser of objects drops one of the name `__proto__`, and no member may be ignored. */
const receivedFacet = (json: unknown, at: string): ReceivedFacet => {
  const { by, across, ...beside } = members(json, at);
  const rows = receivedAxis(parseAs(`${at}.by`, by, sentAxis));
  const columns = across == null ? null : receivedAxis(parseAs(`${at}.across`, across, sentAxis));
  const strange = Object.keys(beside).length > 0;
  const known =
    strange || rows.known === null || columns?.known === null
      ? null
      : { by: rows.known, ...(columns === null ? {} : { across: columns.known }) };
  const width = columns?.known?.values.length ?? 1;
  const place = (row: number | null, column: number | null): number | null =>
    known === null || row === null || column === null ? null : row * width + column;
  const fields = columns === null ? [rows.field] : [rows.field, columns.field];
  return {
    known,
    cells: rows.places.flatMap((row) => (columns?.places ?? [0]).map((column) => place(row, column))),
    lost: strange ? fields : fields.filter((field) => !isField(field)),
  };
};

/** An axis, what is known of it, and for each value asked its place among the known ones. */
type ReceivedAxis = {
  readonly field: string;
  readonly known: Axis | null;
  readonly places: readonly (number | null)[];
};

const receivedAxis = ({ field, values }: Shaped<typeof sentAxis>): ReceivedAxis => {
  if (!isField(field)) return { field, known: null, places: values.map(() => null) };
  const known: string[] = [];
  const places = values.map((value) => (isKnownValue(field, value) ? known.push(value) - 1 : null));
  return { field, known: known.length === 0 ? null : { field, values: known }, places };
};
