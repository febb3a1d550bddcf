import type { CodeTest, LocalPredicate, LocalQuestion, LocalSelector, RangeTest } from "../../adapters/local.ts";
import type { DonorField, SampleField } from "../../schema/fields.ts";

/** A test that passes for one code among these. */
export const code = (...codes: readonly string[]): CodeTest => ({ codes, negate: false, missing: false });

/** A test that passes from one number to another, both included. */
export const range = (from: number | null, to: number | null): RangeTest => ({ from, to, missing: false });

/** Donors with a value that passes. */
export const has = (field: DonorField, test: CodeTest): LocalPredicate => ({ op: "has", field, test });

/** Samples with a value that passes. */
export const is = (field: SampleField, test: CodeTest | RangeTest): LocalSelector => ({ op: "has", field, test });

/** Donors with at least one sample that meets all of these. */
export const sample = (...of: readonly LocalSelector[]): LocalPredicate => ({ op: "sample", of: { op: "all", of } });

/** Every donor, or every sample. */
export const EVERY = { op: "all", of: [] } as const;

/** A question; the donors who meet all of these, and all their samples unless a selector is given. */
export const question = (donors: readonly LocalPredicate[], samples: LocalSelector = EVERY): LocalQuestion => ({
  donors: { op: "all", of: donors },
  samples,
});
