import type { Unit } from "../local.ts";
import type { Column } from "./columns.ts";
import type { ProofCount } from "./proof-counts.ts";

/** What was found out of one field of one kind of documents. `fault`: why it is not declared; undefined: it is. */
export type Proof = { readonly column: Column; readonly fault: string | undefined };

/** A column with what it is proven by. */
export type Proving = {
  readonly unit: Unit;
  readonly column: Column;
  readonly count: ProofCount;
  /** Whether the mapping warrants that every value is mapped, and that none is missing. */
  readonly warranted: { readonly mapped: boolean; readonly present: boolean };
};
