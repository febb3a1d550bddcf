import { nearest, QuestionError } from "../../schema/question-error.ts";
import { text } from "../../schema/text.ts";
import type { Bank } from "./bank.ts";

/** The error for an id of no bank, with the nearest ids of those that are wanted. */
export const unknownBank = (at: string, id: string, wanted: readonly Bank[]): QuestionError => {
  const known = wanted.map((bank) => bank.id);
  const suggestions = nearest(id, known);
  const list = (suggestions.length > 0 ? suggestions : known).join(", ");
  const got = JSON.stringify(id.slice(0, 64));
  const says = text(
    `wanted the id of a bank, got ${got}. Did you mean ${list}?`,
    `バンクの ID が必要ですが、${got} が指定されました。候補: ${list}`,
  );
  return new QuestionError(at, says, { code: "UNKNOWN_BANK", suggestions });
};
