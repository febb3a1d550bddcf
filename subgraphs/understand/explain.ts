import { FIELDS } from "../../schema/fields.ts";
import { once } from "../../schema/once.ts";
import type { CriterionAt } from "../../schema/question.ts";
import { criterionSays } from "../../schema/says.ts";
import { type Text, text } from "../../schema/text.ts";
import { valueLabel } from "../../schema/vocabulary.ts";
import type { LocalCode } from "../mapping/field-mapping.ts";
import type { Interpretation, Interpreter } from "./interpret.ts";

/** Tells the researcher in plain words how the bank read one criterion, and what to ask instead where that is better. */
export const explain = (
  { field, criterion }: CriterionAt,
  interpretation: Interpretation,
  interpreter: Interpreter,
): Text => {
  const bank = interpreter.mapping.name;
  // It may be a sentence of a thousand codes.
  const asked = once(() => criterionSays(criterion));
  const label = FIELDS[field].label;
  const local = localNames(interpretation.local);
  const known = interpreter.mapping.fields[field]?.codes.length ?? 0;
  switch (interpretation.verdict) {
    case "EXACT":
      return text(`${bank.en} records exactly this.`, `${bank.ja}はこの条件をそのまま記録しています。`);
    case "BROADER": {
      if (interpretation.local.length === 0) {
        return text(
          `${bank.en} records this less precisely: the lower end counts what surely fits, the upper end what may fit.`,
          `${bank.ja}の記録はこの条件より粗く、下限は確実に該当する数、上限は該当しうる数です。`,
        );
      }
      const instead = [...new Set(interpretation.local.flatMap(({ is }) => is))].slice(0, 8).join(", ");
      return text(
        `${bank.en} records ${local.en} only, which may also mean something other than ${asked().en}. Ask for ${instead} to get what it records.`,
        `${bank.ja}の記録は${local.ja}までで、${asked().ja}以外も含みます。${instead} を条件にすると記録どおりの数になります。`,
      );
    }
    case "NARROWER":
      return text(
        `${bank.en} also holds records that its mapping does not explain; the upper end counts them.`,
        `${bank.ja}には対応付けのない記録があり、上限にはそれらも含みます。`,
      );
    case "PARTLY_RECORDED":
      return text(
        `${bank.en} has no ${label.en.toLowerCase()} on record for some; the upper end counts these as well.`,
        `${bank.ja}では${label.ja}が記録されていない場合があり、上限にはそれらも含みます。`,
      );
    case "NOT_COLLECTED":
      if (field === "DISEASE" && interpreter.mapping.fields.DISEASE?.system) {
        const systems = interpreter.mapping.fields.DISEASE.system.join(", ");
        return text(
          `${bank.en} codes diseases in ${systems}; ${asked().en} is none that it records, so the count is exactly 0.`,
          `${bank.ja}は疾患を ${systems} で記録しており、${asked().ja}に当たるものはないため、正確に0件です。`,
        );
      }
      return field === "DISEASE"
        ? text(
            `${bank.en} records ${known} diseases; ${asked().en} is none of them, so the count is exactly 0.`,
            `${bank.ja}が記録する${known}疾患に${asked().ja}は含まれないため、正確に0件です。`,
          )
        : text(
            `${bank.en} holds nothing of this kind (${asked().en}), so the count is exactly 0.`,
            `${bank.ja}は${asked().ja}に当たるものを持たないため、正確に0件です。`,
          );
    case "UNSUPPORTED":
      return text(
        `${bank.en} cannot be asked about ${label.en.toLowerCase()}: nothing is counted for sure, and all the rest may fit.`,
        `${bank.ja}では${label.ja}を条件にできません。確実な数はなく、残りの条件に合うものすべてが該当しえます。`,
      );
  }
};

/** Names of local codes, at most five. */
const localNames = (local: readonly LocalCode[]): Text => {
  const names = local
    .slice(0, 5)
    .map(({ label, is }) => text(`${label.en} (${is.join(", ")})`, `${label.ja} (${is.join(", ")})`));
  const more = local.length > 5 ? ` +${local.length - 5}` : "";
  return text(names.map((n) => n.en).join("; ") + more, names.map((n) => n.ja).join("、") + more);
};

/** How a local code is shown: its own name, or that of the one federated code that it stands for. */
export const localLabel = (field: CriterionAt["field"], local: LocalCode): Text =>
  local.label.en === local.code && local.is.length === 1 && local.is[0] !== undefined
    ? valueLabel(field, local.is[0])
    : local.label;
