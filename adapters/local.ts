import type { DonorField, FieldName, SampleField } from "../schema/fields.ts";

/**
 * The language in which adapters are asked. It names federated fields but the bank's own codes, and it is two-valued:
 * it speaks of what the bank has recorded, never of what may be true.
 *
 * A donor (or a sample) holds a set of values of each field: none where it is missing, one for an attribute, several for
 * records. A test passes when any of the values passes, or when there is none and `missing` is set.
 *
 * Of a field of `FieldCapability.doubt` a value may be in doubt: it is recorded, and not known whether it counts; or it is known
 * to an interval only. A test without `doubt` passes when a value that surely counts lies within it as a whole, or when there is
 * no value at all, not even one in doubt, and `missing` is set. A test with `doubt` passes when any value may lie within it, or
 * when no value surely counts and `missing` is set.
 */
export type Test = CodeTest | RangeTest;

export type CodeTest = {
  /** Local codes. `negate` false: a value among them passes. `negate` true: a value that is not among them passes. */
  readonly codes: readonly string[];
  readonly negate: boolean;
  readonly missing: boolean;
  /** Set only for codes of `FieldCapability.tree`: each code stands for itself and all that the local API has below it. */
  readonly below?: true;
  /** Set only for a field of `FieldCapability.doubt`: what may pass passes. */
  readonly doubt?: true;
};

/**
 * Both ends inclusive, in the field's unit (completed years, calendar year); null is open. An end that is half an integer only
 * differs from its neighbours for a field of `FieldCapability.halves`.
 */
export type RangeTest = {
  readonly from: number | null;
  readonly to: number | null;
  readonly missing: boolean;
  /** See CodeTest.doubt: an interval that overlaps passes. */
  readonly doubt?: true;
};

export const isRange = (test: Test): test is RangeTest => "from" in test;

/** Which samples: a tree over one sample. `all` of nothing is every sample, `any` of nothing is none. */
export type LocalSelector =
  | { readonly op: "all" | "any"; readonly of: readonly LocalSelector[] }
  | { readonly op: "not"; readonly of: LocalSelector }
  | SampleCondition;

/** One condition on one sample. `sure`: the sample itself counts for sure; only for banks of `Capabilities.doubtfulSamples`. */
export type SampleCondition =
  | { readonly op: "has"; readonly field: SampleField; readonly test: Test }
  | { readonly op: "sure" };

/**
 * Which donors. `sample`: the donor has at least one sample that the selector selects. `sure`: the donor counts for sure; only for
 * banks of `Capabilities.doubtfulDonors`.
 */
export type LocalPredicate =
  | { readonly op: "all" | "any"; readonly of: readonly LocalPredicate[] }
  | { readonly op: "not"; readonly of: LocalPredicate }
  | { readonly op: "has"; readonly field: DonorField; readonly test: CodeTest }
  | { readonly op: "sample"; readonly of: LocalSelector }
  | { readonly op: "sure" };

/**
 * A breakdown. A donor's cell is donors for whom `has(field, cell)` holds. A sample's cell is samples for which it holds;
 * its donors have at least one sample that the question's selector and the cell (both cells) select together.
 */
export type LocalFacet = { readonly field: FieldName; readonly cells: readonly Test[] };

/**
 * Donors counted: those that `donors` holds for. Samples counted: those that `samples` selects, of donors that `donors`
 * holds for. `by` asks for the same counts broken down by one or two facets at once, beside the totals.
 */
export type LocalQuestion = {
  readonly donors: LocalPredicate;
  readonly samples: LocalSelector;
  readonly by?: readonly [LocalFacet] | readonly [LocalFacet, LocalFacet];
  /** Absent: both counts are wanted. The other one may come back as 0 to null. */
  readonly only?: Unit;
};

export type Unit = "DONORS" | "SAMPLES";

/**
 * An interval that holds the local count; exact where min = max. `max` null: the local API gives no upper end. `why`: why it is
 * no number; default LOCAL_ROUNDING.
 */
export type Range = { readonly min: number; readonly max: number | null; readonly why?: readonly RangeReason[] };
export type RangeReason = DoubtReason | "LOCAL_ROUNDING";
export type Counts = { readonly donors: Range; readonly samples: Range };
/** `cells`: row by row (first facet) and column by column (second); one for each cell asked for, in that order. */
export type LocalCounts = Counts & { readonly cells?: readonly Counts[] };

export type { Release } from "../schema/release.ts";

/**
 * What the local API can evaluate, for donors and for samples apart.
 * - `logic`: any tree of all, any and not, or conjunctions of tests only.
 * - `sampleAnd`: absent, it can say both one sample that meets several tests and two samples that meet one each.
 *   Else what a conjunction of sample tests means to it: met by the `same` sample, each by `any` sample, or `unknown`.
 *   On a count of samples `same` means that the tests hold for the sample counted, and that nothing can be said of the
 *   other samples of its donor.
 */
export type Logic = { readonly logic: "boolean" | "and"; readonly sampleAnd?: "same" | "any" | "unknown" };

export type FieldCapability = {
  /** The counts that can be filtered by it: a Beacon may know a filter on individuals and not on biosamples. */
  readonly on: readonly Unit[];
  /**
   * The local codes that a filter takes; absent: any. Codes that are not in the list are never sent. How a code is read is told by
   * the mapping, whether or not it is in the list.
   */
  readonly codes?: ReadonlySet<string>;
  /**
   * Set where `codes` are all codes of the mapping that the release holds: the others are held by nobody. Without it a
   * code that is not in the list may be held and cannot be asked for, so that counts are wide.
   */
  readonly exhaustive?: true;
  /** Can say `negate` and `missing`. Without it shared code says them as "all but", where that is the same. */
  readonly rest: boolean;
  /**
   * Set where the field may hold the value n + 0.5, which stands for "n or n + 1": a number that is recorded less precisely than
   * it is asked for, such as the age of somebody whose birth is known by its year alone. Every other value is exact. Tests are
   * widened by a half for it, so that the adapter compares plain numbers: a value of `doubt` may be any interval.
   */
  readonly halves?: true;
  /**
   * Why values of the field may be in doubt: whether they count (NOT_UNDERSTOOD), or what exactly they are (PRECISION). Only such
   * a field is asked with `doubt`. Absent: every value counts, and is known exactly but for `halves`.
   */
  readonly doubt?: readonly DoubtReason[];
  /** Takes several codes in one test. Without it shared code asks code by code. */
  readonly several: boolean;
  /**
   * Codes that one test with `below` asks for together with everything recorded below them: code -> the codes that such a
   * test covers (itself included). Empty where the API has no hierarchy.
   */
  readonly tree?: ReadonlyMap<string, readonly string[]>;
};

export type DoubtReason = "NOT_UNDERSTOOD" | "PRECISION";

export type Capabilities = {
  readonly counts: readonly Unit[];
  readonly donors: Logic;
  readonly samples: Logic;
  readonly fields: { readonly [F in FieldName]?: FieldCapability };
  /** Fields that the engine can group by. For the others shared code asks cell by cell. */
  readonly facets: readonly FieldName[];
  /** Some samples are recorded, and it is not known whether they count: `{ op: "sure" }` selects the others. */
  readonly doubtfulSamples?: true;
  /** The same of donors, whose samples are in doubt with them. */
  readonly doubtfulDonors?: true;
};
