import { FIELD_NAMES, FIELDS, type FieldName, isNumberField, NOT_RECORDED } from "../../schema/fields.ts";
import type { Field } from "../../schema/public-answer.ts";
import type { Card } from "../../schema/wire/card.ts";
import { diseasesOf, labelsBy, valuesOfField } from "./facet-values.ts";

/**
 * Every field that can be asked, with the values that a question can name: the fixed ones, or those that the banks
 * declare; the chapters for DISEASE; none for numbers.
 */
export const fields = (banks: readonly Card[]): readonly Field[] => {
  const label = labelsBy(banks);
  return FIELD_NAMES.map((field) => ({
    field,
    label: FIELDS[field].label,
    values: valuesToName(field, banks).map((value) => ({ value, label: label(field, value) })),
  }));
};

const valuesToName = (field: FieldName, banks: readonly Card[]): readonly string[] => {
  if (isNumberField(field)) return [];
  const { listed } = field === "DISEASE" ? diseasesOf(null, null, "fields") : valuesOfField(field, banks, 0);
  return listed.filter((value) => value !== NOT_RECORDED);
};
