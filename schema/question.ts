import type { CodeField, DonorField, FieldName, NumberField } from "./fields.ts";

/**
 * A checked question's donor predicate as a tree (DESIGN.md section 3). `all` of nothing is everybody.
 * Two `sample` leaves under `all` may be met by two samples; all tests of one leaf are met by one and the same sample.
 */
export type Expr<Unknown = never> =
  | { readonly op: "all" | "any"; readonly of: readonly Expr<Unknown>[] }
  | { readonly op: "not"; readonly of: Expr<Unknown> }
  | DonorCriterion
  | SampleCriterion<Unknown>
  | Unknown;

/**
 * A part of a question that this version does not know: `key` of a `where`, or of its `sample`, with its value as it came.
 * Only a question that a newer gateway asked has such parts; whether they hold is UNSUPPORTED.
 */
export type UnknownPart = { readonly op: "unknown"; readonly key: string; readonly json: unknown };

/** The donor has one of these values. `descendants` only for DISEASE: what lies below each code counts as well. */
export type DonorCriterion = {
  readonly op: "donor";
  readonly field: DonorField;
  readonly values: readonly string[];
  readonly descendants: boolean;
};

/** The donor has at least one sample that meets every test; without tests, at least one sample. */
export type SampleCriterion<Unknown = never> = {
  readonly op: "sample";
  readonly tests: readonly (SampleTest | Unknown)[];
};

export type SampleTest =
  | {
      readonly field: Extract<CodeField, "SAMPLE_TYPE" | "SAMPLE_ORIGIN" | "STORAGE">;
      readonly values: readonly string[];
    }
  | { readonly field: NumberField; readonly from: number | null; readonly to: number | null };

/** One criterion with its place in the canonical `where`: `all[1].sample.type`. */
export type CriterionAt = {
  readonly path: string;
  readonly field: FieldName;
  readonly criterion: DonorCriterion | SampleTest;
};

/** An unknown part with its place. `field`: null where the key is not known either. */
export type UnknownAt = { readonly path: string; readonly field: FieldName | null; readonly criterion: UnknownPart };
