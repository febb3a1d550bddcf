import type { LocalPredicate, LocalSelector, Unit } from "../../adapters/local.ts";
import type { Count, Uncertainty } from "../../schema/count.ts";

/** A number before it leaves the bank: its least value was counted with one local predicate, its greatest with another. */
export type LocalNumber = {
  readonly unit: Unit;
  readonly inner: Counted & { readonly min: number };
  readonly outer: Counted & { readonly max: number | null };
  /** Why the two differ. */
  readonly because: readonly Uncertainty[];
};

/** What was really counted, in the bank's own terms and in their normal form. */
export type Counted = { readonly donors: LocalPredicate; readonly samples: LocalSelector };

/** The last step before a number leaves the bank. Nothing after it holds a raw count. */
export type Disclose = (number: LocalNumber) => Count;

/** `disclosure: { off: true }`: numbers leave as they were counted, and `Bank.disclosure` says so. */
export const discloseAsCounted: Disclose = ({ inner, outer, because }) => ({
  min: inner.min,
  max: outer.max,
  because: inner.min === outer.max ? [] : because,
});
