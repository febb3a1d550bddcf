import { FIELDS, type FieldName } from "../../schema/fields.ts";
import { text } from "../../schema/text.ts";
import type { AdapterFinding } from "../adapter.ts";
import type { Survey, Trait } from "./survey.ts";

/** What the operator should know of the traits that data have. */
export const surveyFindings = (survey: Survey): readonly AdapterFinding[] =>
  [...survey].flatMap(([field, traits]) => [...traits].flatMap((trait) => FINDINGS[trait]?.(field) ?? []));

type Tell = (field: FieldName) => AdapterFinding;

const FINDINGS: { readonly [T in Trait]?: Tell } = {
  doubt: (field) => ({
    id: "data.doubt",
    level: "WARNING",
    field,
    says: text(
      "Values are recorded that may count or not; they widen what is asked by the field.",
      "数えてよいか分からない値があり、この項目の数の幅が広がります。",
    ),
    ...(field === "DISEASE"
      ? {
          wanted: "statuses of diagnoses that the options name",
          remedy: text(
            "Name the others in disease.status: `counts` or `not`.",
            "disease.status の `counts` か `not` に加えてください。",
          ),
        }
      : {
          wanted: "ages in whole years, and no specimen before birth",
          remedy: text("Mend the dates or the texts.", "日付または文字列を直してください。"),
        }),
  }),
  unmapped: (field) => warrant(field, "every value mapped", "others"),
  missing: (field) => warrant(field, "a value in every row", "rows without"),
};

const warrant = (field: FieldName, wanted: string, got: string): AdapterFinding => ({
  id: "warrant.false",
  level: "WARNING",
  field,
  says: text(
    "`complete` warrants what the data do not keep; the field is read as one that is not complete.",
    "`complete` の保証がデータと合わないため、完全でない項目として扱います。",
  ),
  wanted: `complete: ${wanted} of ${FIELDS[field].yaml}`,
  got,
  remedy: text(
    `Map them, or remove ${FIELDS[field].yaml} from complete.`,
    `対応を加えるか、complete から ${FIELDS[field].yaml} を除いてください。`,
  ),
});
