import type { Unit } from "../local.ts";
import type { Column } from "./columns.ts";
import type { ProofCount } from "./proof-counts.ts";

/**
 * What was found out of one field of one kind of documents.
 * - `fault`: why it is not declared; undefined: it is.
 * - `warrant`: the fault is that the mapping warrants what the data do not keep; conditions on the field still hold.
 */
export type Proof = { readonly column: Column; readonly fault: string | undefined; readonly warrant?: true };

/** The keys of all values of a field, where the server tells them. */
export type Keys = (unit: Unit, path: string) => Promise<readonly string[] | undefined>;

/** A column with what it is proven by. */
export type Proving = {
  readonly unit: Unit;
  readonly column: Column;
  readonly count: ProofCount;
  readonly keys: Keys;
  /** Whether the mapping warrants that every value is mapped, and that none is missing. */
  readonly warranted: { readonly mapped: boolean; readonly present: boolean };
};
