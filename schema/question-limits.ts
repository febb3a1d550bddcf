/** What one question may hold at most; `limits` of the SDL. */
export type QuestionLimits = { readonly criteria: number; readonly depth: number; readonly codes: number };
export const QUESTION_LIMITS: QuestionLimits = { criteria: 50, depth: 8, codes: 200 };

/**
 * What one call of `answers` or `readings` may hold. A gateway that keeps to its own limits stays below: it sends one question
 * to `answers`, and to `readings` one for each code that a list of concepts shows.
 */
export const CALL_LIMITS = {
  answers: 20,
  readings: 200,
  /** Facets of a question. */
  facets: 9,
  /** Values of one axis of a facet. */
  axisValues: 2_100,
  /** Cells of one facet, and of all facets of a call. */
  cellsPerFacet: 2_500,
  cells: 5_000,
  /** Values anywhere in the `where` of all questions of a call: codes, numbers, flags. */
  values: 2_000,
  /** Levels of a question, and characters of a key, of a name and of a value in it. */
  levels: 64,
  characters: 200,
} as const;
