/** Lets something happen for a part of what it goes with, so that helping a bank never becomes a load on it. */
export type Budget = {
  /** One more of what it goes with. */
  readonly earn: () => void;
  /** Whether it may happen now. */
  readonly spend: () => boolean;
};

/** `part` 0.1: once for every ten. `most` may be saved up; half of it is there from the start. */
export const retryBudget = (part: number, most: number): Budget => {
  let saved = most / 2;
  return {
    earn() {
      saved = Math.min(most, saved + part);
    },
    spend() {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
};
