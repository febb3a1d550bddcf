import type { FieldName } from "../../schema/fields.ts";
import type { Range, Unit } from "../local.ts";
import type { Filter } from "./filters.ts";
import type { Ask } from "./proof-asker.ts";

/** Why a filter may be sent and its answers trusted, or why not. */
export type Standing =
  /** Fewer than all records pass, or else it was shown that it is not ignored. */
  | "taken"
  /** All records pass it, as if it were ignored. */
  | "ignored"
  /** It stands for the codes below it too. */
  | "wider";

/** A filter, and how many records pass it alone. */
export type Found = { readonly filter: Filter; readonly count: Range };

/**
 * One field of one count, with what it is proven by.
 * - `all`: how many records there are.
 * - `isOne`: a record has at most one value of it.
 * - `warranted`: the mapping warrants that every record has a mapped value.
 */
export type Proving = {
  readonly unit: Unit;
  readonly field: FieldName;
  readonly ask: Ask;
  readonly all: Range;
  readonly isOne: boolean;
  readonly warranted: boolean;
};

/** What was found out. `fault`: why the field is not declared; `warrant`: the fault is that the warrant is false. */
export type Proof = {
  readonly fault: string | undefined;
  readonly warrant?: true;
  readonly found: readonly Found[];
};

/** Why a field cannot be asked for. */
export const REFUSED = "the beacon does not take its filters";
export const NOT_SHOWN = "no count is lower than that of all: its filters may be ignored";
/** Why a warrant does not hold. */
export const NOT_ALL = "its values do not add up to all, although it is named in complete";
