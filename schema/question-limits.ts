/** What one question may hold at most; `limits` of the SDL. */
export type QuestionLimits = { readonly criteria: number; readonly depth: number; readonly codes: number };
export const QUESTION_LIMITS: QuestionLimits = { criteria: 50, depth: 8, codes: 200 };
