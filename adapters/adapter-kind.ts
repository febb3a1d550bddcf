import type { z } from "zod";
import type { FieldName } from "../schema/fields.ts";
import type { Adapter, AdapterContext } from "./adapter.ts";

/**
 * What the mapping says of one field, as far as an adapter needs it.
 * - `codes`: the local codes that the mapping names.
 * - `absent`: marks in the data that mean "no value"; the empty string always does.
 * - `complete`: the mapping names every code that the data can hold.
 * - `tree`: for a hierarchical system, a code -> all codes at or below it, itself included.
 */
export type MappedField = {
  readonly codes: readonly string[];
  readonly absent: readonly string[];
  readonly complete: boolean;
  readonly tree?: ReadonlyMap<string, readonly string[]>;
};

/** The mapping of a bank in its own codes; a field that the mapping does not name is absent. */
export type MappedCodes = { readonly [F in FieldName]?: MappedField };

/**
 * One kind of local API: the schema of its `adapter:` section in bank.yaml and the way to open it.
 * `open` reads what it must to know its capabilities. @throws {BankError} BANK_UNREACHABLE, BANK_TIMEOUT, BANK_REFUSED or
 * BANK_BROKEN when the source cannot be had; signal.reason when the signal aborts.
 */
export type AdapterKind<Options> = {
  readonly options: z.ZodType<Options>;
  open(options: Options, mapping: MappedCodes, context: AdapterContext, signal: AbortSignal): Promise<Adapter>;
};
