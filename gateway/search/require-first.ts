import { wanted } from "../../schema/question-error.ts";
import { text } from "../../schema/text.ts";
import { LIMITS } from "../limits.ts";

/** Checks how many values are wanted at most. @param at its place in the request, such as `find.first` @throws {QuestionError} */
export const requireFirst = (first: number, at: string): void => {
  if (first >= 1 && first <= LIMITS.first) return;
  throw wanted(at, text(`1 to ${LIMITS.first}`, `1から${LIMITS.first}`), String(first));
};
