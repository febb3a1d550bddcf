import type { FieldName } from "../../schema/fields.ts";
import type { Value } from "./span.ts";

/**
 * What each field holds in a loaded release: value number n is `values[n - 1]`, and 0 is a missing value, so that no
 * NULL is left to compare; NONE_SURE is that of a donor whose records are all in doubt. Numbers ascend by their least, codes are sorted by their
 * bytes. A field that the files do not have is absent.
 */
export type Dictionaries = ReadonlyMap<FieldName, readonly Value[]>;

export const [NONE_SURE, MISSING] = [-1, 0];
