import type { FieldName } from "./fields.ts";
import type { Text } from "./text.ts";

/**
 * The plain JSON that a subgraph and the gateway exchange (`readings`, `answers` of the contract). The public SDL has
 * types of the same names; its derived fields (`exact`) are computed at the gateway.
 */

/** The canonical, versioned question. `where` is the canonical form; facet values are fixed by the gateway. */
export type QuestionJson = { readonly v: 1; readonly where: WhereJson; readonly facets: readonly FacetJson[] };
export type WhereJson = { readonly [key: string]: unknown };
export type FacetJson = { readonly by: Axis; readonly across?: Axis };
/** Values: enum names, CURIEs, ids of centres, `40-49` for number fields, or NOT_RECORDED. */
export type Axis = { readonly field: FieldName; readonly values: readonly string[] };

export const NOT_RECORDED = "NOT_RECORDED";

export type Uncertainty =
  | "SMALL_COUNT"
  | "ROUNDED"
  | "PERTURBED"
  | "CRITERION_UNSUPPORTED"
  | "CODE_BROADER"
  | "CODE_NARROWER"
  | "NOT_RECORDED"
  | "SAME_SAMPLE"
  | "LOGIC_LIMIT"
  | "NOT_COUNTED"
  | "LOCAL_ROUNDING"
  | "BANK_WAITING"
  | "BANK_SILENT"
  | "OVERLAP";

/** The truth lies between min and max; max null: nothing bounds it. `because` is empty exactly when min = max. */
export type Count = { readonly min: number; readonly max: number | null; readonly because: readonly Uncertainty[] };
export type CellCounts = { readonly donors: Count; readonly samples: Count };

export type Verdict = "EXACT" | "BROADER" | "NARROWER" | "PARTLY_RECORDED" | "NOT_COLLECTED" | "UNSUPPORTED";

/** How one criterion was read. `path` is that of the criterion in the canonical `where`. */
export type UnderstandingJson = {
  readonly path: string;
  readonly field: FieldName;
  readonly verdict: Verdict;
  readonly local: readonly { readonly value: string; readonly label: Text }[];
  readonly says: Text;
};

/** `facets`: one entry per facet asked for, cells row by row (`by`) and column by column (`across`). */
export type AnswerJson = CellCounts & {
  readonly understanding: readonly UnderstandingJson[];
  readonly facets: readonly { readonly cells: readonly CellCounts[] }[];
};
export type FailureJson = {
  readonly failure: {
    readonly code: string;
    readonly message: string;
    readonly retryAfterMs: number | null;
    /** Of BANK_BROKEN: a word of a closed list that says what is wrong. One that is not known says nothing. */
    readonly reason?: string | undefined;
  };
};

export type ReleaseJson = { readonly id: string; readonly date: string; readonly kind: "ANNOUNCED" | "WATCHED" };
/** Upper bounds that a bank warrants for a release; null: none. */
export type BoundsJson = { readonly donors: number | null; readonly samples: number | null };
/** What `lease` returns. `edition.name` is what `answers` takes as `asOf`. */
export type LeaseJson = {
  readonly edition: { readonly name: string; readonly ordinal: number; readonly purges: number };
  readonly release: ReleaseJson;
  readonly size: BoundsJson;
  /** Milliseconds from the answer on for which the edition stays current; 0: it was when asked. */
  readonly leaseMs: number;
  /** Milliseconds for which its answers may be shown, marked, while the bank is out of reach. */
  readonly staleMs: number;
};
/** What `answers` returns: all slots from one release, or a failure of the bank as a whole. */
export type AnswersJson =
  | { readonly release: ReleaseJson; readonly answers: readonly (AnswerJson | FailureJson)[] }
  | ({ readonly release: null } & FailureJson);
/** What `readings` returns, one per question. */
export type ReadingJson = {
  readonly understanding: readonly UnderstandingJson[];
  readonly lostFacets: readonly FieldName[];
};
