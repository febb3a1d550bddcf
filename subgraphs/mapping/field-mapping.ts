import type { CodeSet } from "../../schema/codes/code-set.ts";
import type { DiseaseSystem } from "../../schema/codes/disease-code.ts";
import type { Text } from "../../schema/text.ts";

/** A code of the bank's own, and what it may denote. */
export type LocalCode = {
  readonly code: string;
  readonly label: Text;
  /** The federated codes as written, for people. */
  readonly is: readonly string[];
  readonly means: CodeSet;
};

/** What a mapping says of one field. */
export type FieldMapping = {
  readonly codes: readonly LocalCode[];
  /** Warranted: every value in the data is one of `codes` and, for an attribute, none is missing. */
  readonly complete: boolean;
  /** Set where the bank codes in federated systems itself. */
  readonly system: readonly DiseaseSystem[] | null;
  /** A donor without any record of this field (consent): unknown, or not there. */
  readonly whenAbsent: "denied" | "unknown";
  /** Numbers: the true value lies between the recorded one + off[0] and + off[1]. */
  readonly off: readonly [number, number];
  /** Marks in the data that mean "no value". */
  readonly absent: readonly string[];
  /** Code -> the local codes at or below it in the same system, for `system`. Blocks and chapters are keys as well. */
  readonly tree: ReadonlyMap<string, readonly string[]>;
};
