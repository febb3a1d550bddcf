import type { Range } from "../local.ts";

/** The interval of the sum of counts. */
export const sumOf = (counts: readonly Range[]): Range =>
  counts.reduce<Range>(
    (sum, { min, max }) => ({ min: sum.min + min, max: sum.max === null || max === null ? null : sum.max + max }),
    { min: 0, max: 0 },
  );

/** The interval of what is left of one count without another. */
export const differenceOf = (one: Range, other: Range): Range => ({
  min: Math.max(0, one.min - (other.max ?? Number.POSITIVE_INFINITY)),
  max: one.max === null ? null : Math.max(0, one.max - other.min),
});

/** Whether a count is surely lower than another. */
export const isBelow = (one: Range, other: Range): boolean => one.max !== null && one.max < other.min;

/** Whether two counts may be the same. */
export const mayEqual = (one: Range, other: Range): boolean => !isBelow(one, other) && !isBelow(other, one);

/** Whether a count may be as low as another, or lower. */
export const mayLieWithin = (part: Range, whole: Range): boolean => !isBelow(whole, part);
