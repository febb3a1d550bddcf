import { FIELD_NAMES, type FieldName } from "../../schema/fields.ts";
import { nearest } from "../../schema/question-error.ts";
import { wanted } from "./usage-error.ts";
import { enumName, list } from "./where.ts";

/** One axis of a facet. `level`: of diseases; `under`: the code that they lie below. */
type Axis = { readonly field: FieldName; readonly level?: string; readonly under?: string };

/**
 * The `FacetInput` of one --by: `SEX`, `SEX,SAMPLE_TYPE` (cross table), `DISEASE:CATEGORY` (level) or `DISEASE:ICD10:E10-E14`
 * (codes below this one). `first`: rows of the table. @throws {UsageError}
 */
export const facetOf = (value: string, first: number | undefined) => {
  const axes = list("by", value).map(axisOf);
  if (axes.length > 2) throw wanted("one or two fields after --by", String(axes.length));
  const [by, across] = axes;
  const [level, under] = [by!.level ?? across?.level, by!.under ?? across?.under];
  return { by: by!.field, across: across?.field, level, under, first };
};

const LEVELS = ["CHAPTER", "BLOCK", "CATEGORY"];

const axisOf = (axis: string): Axis => {
  const [name = "", ...rest] = axis.split(":");
  const field = fieldOf(enumName(name));
  if (field === undefined) {
    throw wanted(`a field (${FIELD_NAMES.join(", ")}) after --by`, name, nearest(name, FIELD_NAMES)[0]);
  }
  if (rest.length === 0) return { field };
  if (field !== "DISEASE") throw wanted(`nothing after ${field}: in --by`, rest.join(":"));
  if (rest.length > 1) return { field, under: rest.join(":") };
  const level = enumName(rest[0]!);
  if (LEVELS.includes(level)) return { field, level };
  const what = "CHAPTER, BLOCK, CATEGORY or a code such as ICD10:E10-E14 after DISEASE: in --by";
  throw wanted(what, rest[0]!, nearest(rest[0]!, LEVELS)[0]);
};

/** The field of that name, or the first one that has the name as one of its words: `SAMPLE` is SAMPLE_TYPE. */
const fieldOf = (name: string): FieldName | undefined =>
  FIELD_NAMES.find((field) => field === name) ?? FIELD_NAMES.find((field) => field.split("_").includes(name));
