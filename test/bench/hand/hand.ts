import type { TypicalName } from "../typical.ts";

/** An interval that the hand-written query gives: both ends the same where it is exact. */
export type Span = readonly [min: number, max: number];

/**
 * The six typical questions as somebody who knows the engine and the data would write them by hand: donors, samples, and
 * for a facet donors and samples of each cell in the order asked for. Where a value is missing for some donors the hand
 * gives both ends too, in the same query.
 */
export type Hand = AsyncDisposable & { readonly [N in TypicalName]: () => Promise<readonly Span[]> };

export const exact = (count: unknown): Span => [Number(count ?? 0), Number(count ?? 0)];
export const span = (min: unknown, max: unknown): Span => [Number(min ?? 0), Number(max ?? 0)];
