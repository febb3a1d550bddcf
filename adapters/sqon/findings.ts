import { FIELDS, type FieldName } from "../../schema/fields.ts";
import { text } from "../../schema/text.ts";
import type { AdapterFinding } from "../adapter.ts";
import type { Unit } from "../local.ts";
import type { Catalogue } from "./columns.ts";

/** Why a field of one kind of documents is not declared. `warrant`: the mapping warrants what the data do not keep. */
export type FieldFault = {
  readonly unit: Unit;
  readonly field: FieldName;
  readonly path: string;
  readonly why: string;
  readonly warrant: boolean;
};

/** What opening has shown, for the operator: each field that is not declared and why, and a pivot that was not proven. */
export const findingsOf = (
  { nested, pivot }: Catalogue,
  faults: readonly FieldFault[],
  typesTold: boolean,
): readonly AdapterFinding[] => [
  ...faults.map(faultFinding),
  ...(nested !== undefined && pivot === undefined ? [pivotFinding(nested)] : []),
  ...(typesTold ? [] : [UNTOLD]),
];

const faultFinding = ({ unit, field, path, why, warrant }: FieldFault): AdapterFinding => {
  const { yaml } = FIELDS[field];
  const place = `adapter.${unit.toLowerCase()}.fields.${yaml}`;
  return {
    id: warrant ? "sqon.warrant" : "sqon.unproven",
    level: "WARNING",
    field,
    column: path,
    says: text(
      `${place} (${path}) is not asked for: ${why}.`,
      `${place}（${path}）は検証できないため条件に使いません: ${why}.`,
    ),
    wanted: "values, missing ones and the rest that add up to all documents",
    got: why,
    remedy: warrant
      ? text(
          `Map every value, or remove ${yaml} from complete.`,
          `すべての値を対応付けるか、complete から ${yaml} を外してください。`,
        )
      : text(
          "Name the path as the index has it, of type keyword for codes and of numbers or dates for ages and years.",
          "インデックスにある項目名を指定してください。コードは keyword、年齢・年は数値または日付の項目です。",
        ),
  };
};

const pivotFinding = (nested: string): AdapterFinding => ({
  id: "sqon.pivot",
  level: "WARNING",
  column: nested,
  says: text(
    `No pivot makes several conditions hold for one and the same sample of ${nested}: such questions are bounded.`,
    `${nested} の同一検体に複数条件を課す pivot を確認できないため、該当する検索は範囲で答えます。`,
  ),
  wanted: "conditions that contradict one another find nobody",
  remedy: text(
    "Name in donors.samples the nested field that holds the samples.",
    "donors.samples に検体を持つ nested 項目を指定してください。",
  ),
});

const UNTOLD: AdapterFinding = {
  id: "sqon.types",
  level: "INFO",
  says: text(
    "The server does not tell the types of its fields: those without any value are not asked for.",
    "サーバーが項目の型を返さないため、値のない項目は条件に使いません。",
  ),
  remedy: text(
    "Let it serve `configs { extended }` (Arranger 3) or `extended` (Arranger 2).",
    "`configs { extended }`（Arranger 3）または `extended`（Arranger 2）を返すようにしてください。",
  ),
};
