import { FIELD_NAMES, type FieldName } from "../../schema/fields.ts";
import { wanted } from "./usage-error.ts";
import { enumName, list } from "./where.ts";

/** A `FacetInput` of the public contract. */
export type Facet = {
  readonly by: FieldName;
  readonly across?: FieldName;
  readonly level?: string;
  readonly under?: string;
  readonly first?: number;
};

const LEVELS = ["CHAPTER", "BLOCK", "CATEGORY"];
/** The options' names stand for the fields that they ask about. */
const SHORT: { readonly [name: string]: FieldName } = {
  SAMPLE: "SAMPLE_TYPE",
  TYPE: "SAMPLE_TYPE",
  ORIGIN: "SAMPLE_ORIGIN",
  AGE: "AGE_AT_COLLECTION",
  YEAR: "COLLECTED_YEAR",
};

/** `SEX`, `SEX,SAMPLE_TYPE` (cross table), `DISEASE:CATEGORY` (level) or `DISEASE:ICD10:E10-E14` (what lies below). */
export const facetOf = (value: string, first: number | undefined): Facet => {
  const axes = list("by", value).map(axisOf);
  if (axes.length > 2) throw wanted("one or two fields after --by", String(axes.length));
  const [by, across] = axes;
  return {
    by: by!.field,
    ...(across === undefined ? {} : { across: across.field }),
    ...by!.detail,
    ...across?.detail,
    ...(first === undefined ? {} : { first }),
  };
};

const axisOf = (axis: string): { readonly field: FieldName; readonly detail: Pick<Facet, "level" | "under"> } => {
  const [name, ...rest] = axis.split(":");
  const upper = enumName(name!);
  const field = SHORT[upper] ?? FIELD_NAMES.find((known) => known === upper);
  if (field === undefined) throw wanted(`a field (${FIELD_NAMES.join(", ")}) after --by`, name!, FIELD_NAMES);
  if (rest.length === 0) return { field, detail: {} };
  if (field !== "DISEASE") throw wanted(`nothing after ${field}: in --by`, rest.join(":"));
  if (rest.length > 1) return { field, detail: { under: rest.join(":") } };
  const level = enumName(rest[0]!);
  if (LEVELS.includes(level)) return { field, detail: { level } };
  throw wanted("CHAPTER, BLOCK, CATEGORY or a code such as ICD10:E10-E14 after DISEASE: in --by", rest[0]!, LEVELS);
};
