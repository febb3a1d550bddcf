/**
 * Token budget for retries and hedges: at most `part` extra calls per call, so that they never add up to an overload.
 * `part` 0.1: one extra call for every ten. `most`: tokens that may be saved up; the budget starts with half of them.
 */
export const retryBudget = (part: number, most: number) => {
  let saved = most / 2;
  return {
    /** Called once per call: adds `part` of a token. */
    earn(): void {
      saved = Math.min(most, saved + part);
    },
    /** Takes a token, or returns false. */
    spend(): boolean {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
};
