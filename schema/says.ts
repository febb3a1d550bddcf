import type { DonorCriterion, Expr, SampleTest } from "./question.ts";
import { englishCriterion, englishQuestion } from "./says/english.ts";
import { japaneseCriterion, japaneseQuestion } from "./says/japanese.ts";
import { type Text, text } from "./text.ts";

/**
 * A question as one sentence. Different questions never read the same: every group inside another one is in brackets, and
 * diseases carry their codes.
 */
export const questionSays = (where: Expr): Text => text(englishQuestion(where), japaneseQuestion(where));

/** What one criterion asks for, as words inside a sentence: `type 2 diabetes mellitus (ICD10:E11)`, `plasma sample`. */
export const criterionSays = (criterion: DonorCriterion | SampleTest): Text =>
  text(englishCriterion(criterion), japaneseCriterion(criterion));
