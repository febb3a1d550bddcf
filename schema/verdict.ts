/** How well a bank's data can say what was asked; the SDL's enum `Verdict`. */
export const VERDICTS = ["EXACT", "BROADER", "NARROWER", "PARTLY_RECORDED", "NOT_COLLECTED", "UNSUPPORTED"] as const;
export type Verdict = (typeof VERDICTS)[number];
