import type { FieldName } from "../../schema/fields.ts";
import type { Capabilities, Counts, FieldCapability, LocalFacet, Range } from "../local.ts";

/** The range of an exact count. */
export const exactly = (count: number): Range => ({ min: count, max: count });

/** The cells of a breakdown, row by row, all of them 0. */
export const emptyCells = (by: readonly LocalFacet[]): Counts[] =>
  Array.from({ length: by.reduce((product, { cells }) => product * cells.length, 1) }, () => ({
    donors: exactly(0),
    samples: exactly(0),
  }));

/**
 * What an engine can evaluate that takes any tree of tests, and groups by its fields.
 * @param options `codesOf`: all codes of the mapping that the release holds; default: any. `halves`: fields that may hold halves; default: none.
 * `doubtOf`: see FieldCapability.doubt; default: no doubt
 */
export const exactCapabilities = (fields: readonly FieldName[], options: ExactOptions = {}): Capabilities => {
  const { codesOf = () => undefined, halves = [], doubtOf = () => undefined } = options;
  const capability = (field: FieldName): FieldCapability => {
    const codes = codesOf(field);
    const doubt = doubtOf(field);
    return {
      on: ["DONORS", "SAMPLES"],
      rest: true,
      several: true,
      ...(codes === undefined ? {} : { codes, exhaustive: true as const }),
      ...(halves.includes(field) ? { halves: true as const } : {}),
      ...(doubt === undefined ? {} : { doubt }),
    };
  };
  return {
    counts: ["DONORS", "SAMPLES"],
    donors: { logic: "boolean" },
    samples: { logic: "boolean" },
    fields: Object.fromEntries(fields.map((field) => [field, capability(field)])),
    facets: fields,
  };
};

type ExactOptions = {
  readonly codesOf?: (field: FieldName) => ReadonlySet<string> | undefined;
  readonly halves?: readonly FieldName[];
  readonly doubtOf?: (field: FieldName) => FieldCapability["doubt"];
};
