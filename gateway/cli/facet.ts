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
  const field =
    FIELD_NAMES.find((known) => known === upper) ?? FIELD_NAMES.find((known) => wordsOf(known).includes(upper));
  if (field === undefined) throw wanted(`a field (${FIELD_NAMES.join(", ")}) after --by`, name!, FIELD_NAMES);
  if (rest.length === 0) return { field, detail: {} };
  if (field !== "DISEASE") throw wanted(`nothing after ${field}: in --by`, rest.join(":"));
  if (rest.length > 1) return { field, detail: { under: rest.join(":") } };
  const level = enumName(rest[0]!);
  if (LEVELS.includes(level)) return { field, detail: { level } };
  throw wanted("CHAPTER, BLOCK, CATEGORY or a code such as ICD10:E10-E14 after DISEASE: in --by", rest[0]!, LEVELS);
};

/** The words of a field's name: any one stands for the field, the first one that has it. `SAMPLE` is SAMPLE_TYPE. */
const wordsOf = (field: FieldName): readonly string[] => field.split("_");
