import { FIELDS, type FieldName } from "../../schema/fields.ts";
import { type Text, text } from "../../schema/text.ts";
import type { AdapterFinding } from "../adapter.ts";
import type { Unit } from "../local.ts";

/**
 * What the proofs did not show.
 * - `unproven`: the field is not declared for a count; `warrant`: since `complete` names it and its values do not add up to all.
 * - `ignored`: all records pass the filter named in `why`. `wider`: a filter by a disease stands for those below it too.
 * - `descendants`: no filter finds the codes below. `sampleAnd`: the data show what `why` says, or nothing.
 */
export type Fault = {
  readonly kind: "unproven" | "warrant" | "ignored" | "wider" | "descendants" | "sampleAnd";
  readonly unit: Unit;
  readonly field?: FieldName;
  readonly why: string;
};

/** What opening has shown, for the operator. @param open sentences that leave counts open */
export const findingsOf = (faults: readonly Fault[], open: ReadonlySet<string>): readonly AdapterFinding[] => [
  ...faults.map(findingOf),
  ...[...open].slice(0, MOST_SENTENCES).map(wordsFinding),
];

const MOST_SENTENCES = 3;

const wordsFinding = (sentence: string): AdapterFinding => ({
  id: "beacon.words",
  level: "WARNING",
  says: text(
    "An answer says more than its count, and it may be about the filters or the count: such counts are left open.",
    "回答に件数以外の文があり、条件や件数に関わる可能性があるため、その件数は範囲とします。",
  ),
  wanted: "a count without words that are not known",
  got: sentence.slice(0, 60),
  remedy: text(
    "If it says that counts are adjusted, set adapter.counts; if it says nothing of them, name it in adapter.knownWords.",
    "件数の調整を述べる文なら adapter.counts を、無関係なら adapter.knownWords を指定してください。",
  ),
});

const ENTITY: { readonly [U in Unit]: string } = { DONORS: "individuals", SAMPLES: "biosamples" };

type Words = Pick<AdapterFinding, "says" | "wanted"> & { readonly remedy: Text };

const findingOf = (fault: Fault): AdapterFinding => {
  const { kind, field, why } = fault;
  return {
    id: `beacon.${kind}`,
    level: "WARNING",
    ...(field === undefined ? {} : { field }),
    ...(why === "" ? {} : { got: why }),
    ...WORDS[kind](fault, field === undefined ? "" : FIELDS[field].yaml),
  };
};

const WORDS: { readonly [K in Fault["kind"]]: (fault: Fault, yaml: string) => Words } = {
  unproven: ({ unit, why }, yaml) => ({
    says: text(
      `${yaml} is not asked of ${ENTITY[unit]}: ${why}.`,
      `${yaml} は ${ENTITY[unit]} の条件に使いません: ${why}.`,
    ),
    wanted: "counts of its values that add up",
    remedy: text(
      "Ask the beacon for each value of the field by hand, and compare with the count of all.",
      "項目の各値を直接問い合わせ、全体の件数と比べてください。",
    ),
  }),
  warrant: ({ unit }, yaml) => ({
    says: text(
      `${yaml} is named in complete, and its values do not add up to all ${ENTITY[unit]}: it is not asked for.`,
      `${yaml} は complete にありますが、値の合計が ${ENTITY[unit]} 全体と合わないため条件に使いません。`,
    ),
    wanted: "values that add up to all",
    remedy: text(
      `Map every value, or remove ${yaml} from complete.`,
      `すべての値を対応付けるか、complete から ${yaml} を外してください。`,
    ),
  }),
  ignored: ({ unit, why }, yaml) => ({
    says: text(
      `${yaml}: all ${ENTITY[unit]} pass the filter ${why}, as if the beacon ignored it: its counts are bounds.`,
      `${yaml}: 条件 ${why} は ${ENTITY[unit]} 全件が該当し、無視された場合と区別できないため範囲で答えます。`,
    ),
    wanted: "fewer than all",
    remedy: text(
      `If everybody has it, name it in adapter.everybody: ["${why}"].`,
      `全員が該当するなら adapter.everybody に "${why}" を書いてください。`,
    ),
  }),
  wider: ({ why }, yaml) => ({
    says: text(
      `${yaml}: a filter such as ${why} finds the codes below it too, although it asks for itself alone: its counts are bounds.`,
      `${yaml}: ${why} などの条件が下位のコードも含むため、範囲で答えます。`,
    ),
    wanted: "includeDescendantTerms: false leaves lower codes out",
    remedy: text("Have the beacon obey includeDescendantTerms.", "includeDescendantTerms に従うようにしてください。"),
  }),
  descendants: ({ why }, yaml) => ({
    says: text(
      `${yaml}: a filter such as ${why} does not find all codes below it: each code is asked for by itself.`,
      `${yaml}: ${why} などの条件が下位のコードを含まないため、コードごとに問い合わせます。`,
    ),
    wanted: "includeDescendantTerms: true finds lower codes",
    remedy: text(
      "Set adapter.filters.disease.descendants to false.",
      "adapter.filters.disease.descendants を false にしてください。",
    ),
  }),
  sampleAnd: ({ why }) => ({
    says: text(
      `adapter.sampleAnd is not what the data show (${why === "" ? "nothing" : why}): questions on samples of donors are bounded.`,
      `adapter.sampleAnd をデータで確認できない（${why === "" ? "判定不能" : why}）ため、該当する検索は範囲で答えます。`,
    ),
    wanted: "any: some individual has two values; same: none has, although they are more than individuals",
    remedy: text(
      `Set adapter.sampleAnd to ${why === "" ? "unknown" : why}.`,
      `adapter.sampleAnd を ${why === "" ? "unknown" : why} にしてください。`,
    ),
  }),
};
