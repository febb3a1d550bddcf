import type { z } from "zod";
import type { SecretSource } from "../net/secrets.ts";
import type { BankError } from "../schema/bank-error.ts";
import type { FieldName } from "../schema/fields.ts";
import type { Text } from "../schema/text.ts";
import type { Capabilities, LocalCounts, LocalQuestion, Release } from "./local.ts";

/** One bank's local API behind one face. It only translates and asks: it never caches, retries, hides or rounds. */
export interface Adapter extends AsyncDisposable {
  /** What the local API can evaluate. Constant for the adapter's life. */
  readonly capabilities: Capabilities;
  /**
   * The release whose codes `capabilities` lists: for another one it has to be opened anew, since a code that is not listed
   * may count as held by nobody (FieldCapability.exhaustive). Absent: the capabilities do not depend on the data.
   */
  readonly opened?: Release;
  /** What opening has shown of the local API: what was proven, what was not and why. Absent: nothing to say. */
  findings?(): readonly AdapterFinding[];
  /** The data release that the bank serves now. Cheap. @throws {BankError} */
  release(signal: AbortSignal): Promise<Release>;
  /**
   * Counts donors and samples for each local question, from exactly the release `asOf` or not at all (BANK_GONE).
   * One outcome per question, same order and length; a question that fails is a BankError in its slot, and one that the
   * local API cannot evaluate is BANK_UNSUPPORTED. An unknown count is an error, never 0.
   * When the signal aborts, rejects with signal.reason.
   */
  count(
    questions: readonly LocalQuestion[],
    asOf: Release,
    signal: AbortSignal,
  ): Promise<readonly (LocalCounts | BankError)[]>;
}

/** How much a finding matters. ERROR: questions cannot be answered. WARNING: their answers are wider. INFO: good to know. */
export type FindingLevel = "ERROR" | "WARNING" | "INFO";

/**
 * What a look at a local API has shown, for the operator's own terminal: it may hold raw counts and local values, so it goes
 * into no log and over no wire.
 * - `id`: stable, such as `field.unproven`. `field`: the field that it is about.
 * - `file`, `line` (from 1) and `column` (its name): the place in the data.
 * - `wanted`, `got`: what was expected and what was found. `remedy`: what the operator can do.
 */
export type AdapterFinding = {
  readonly id: string;
  readonly level: FindingLevel;
  readonly field?: FieldName;
  readonly file?: string;
  readonly line?: number;
  readonly column?: string;
  readonly says: Text;
  readonly wanted?: string;
  readonly got?: string;
  readonly remedy?: Text;
};

/** Number of rows (records, samples, or donors for a donor's attribute) and of the donors whose rows they are. */
export type Tally = { readonly rows: number; readonly donors: number };

/**
 * How much of a field's data the mapping understands, for the operator's own terminal. A tally that is absent is not known.
 * - `mapped`, `unmapped`: recorded values that the mapping has or does not have. `absent`: no value, or a mark of none.
 * - `dropped`: rows that `only` leaves out. `values`: the most frequent unmapped values.
 */
export type FieldCoverage = {
  readonly field: FieldName;
  readonly mapped?: Tally;
  readonly unmapped?: Tally;
  readonly absent?: Tally;
  readonly dropped?: Tally;
  readonly values?: readonly ({ readonly value: string } & Tally)[];
};

/** What a look into the data has shown: see AdapterKind.inspect. */
export type Inspection = {
  readonly findings: readonly AdapterFinding[];
  readonly coverage: readonly FieldCoverage[];
};

/**
 * What an adapter gets beside its own section of bank.yaml: the bank's id, its folder, and the environment. `announced`: the operator
 * publishes each release, so that nothing else changes the data; default false. `state`: the folder of the bank's state; without it
 * nothing is remembered.
 */
export type AdapterContext = SecretSource & { readonly announced?: boolean; readonly state?: string | undefined };

/**
 * What the mapping says of one field, as far as an adapter needs it.
 * - `codes`: the local codes that the mapping names.
 * - `absent`: marks in the data that mean "no value"; the empty string always does.
 * - `complete`: the mapping names every code that the data can hold.
 * - `tree`: for a hierarchical system, a code -> all codes at or below it, itself included.
 * - `spelling`: `any`: the data spell codes of ICD-10 in any way, and `codes` are dotted; `cm`: the data hold codes of ICD-10-CM, and
 *   `codes` are the categories that they begin with. Only for kinds that say so in `named`.
 */
export type MappedField = {
  readonly codes: readonly string[];
  readonly absent: readonly string[];
  readonly complete: boolean;
  readonly tree?: ReadonlyMap<string, readonly string[]>;
  readonly spelling?: "any" | "cm";
};

/** The mapping of a bank in its own codes; a field that the mapping does not name is absent. */
export type MappedCodes = { readonly [F in FieldName]?: MappedField };

/**
 * What a section of bank.yaml says of the data: the fields that it has a place for, and the local codes that stand in it,
 * each with its path in the section.
 */
export type Named = {
  readonly fields: readonly FieldName[];
  readonly codes: readonly { readonly field: FieldName; readonly code: string; readonly path: readonly string[] }[];
  /** Whether codes are read as people spell them: see MappedField.spelling. Absent: as they stand. */
  readonly readsAnySpelling?: true;
  /** Whether codes of ICD-10-CM are read by their category. Absent: no. */
  readonly readsCategories?: boolean;
};

/**
 * One kind of local API: the schema of its `adapter:` section in bank.yaml and the way to open it.
 * `open` reads what it must to know its capabilities. @throws {BankError} BANK_UNREACHABLE, BANK_TIMEOUT, BANK_REFUSED or
 * BANK_BROKEN when the source cannot be had; signal.reason when the signal aborts.
 */
export type AdapterKind<Options> = {
  readonly options: z.ZodType<Options>;
  /** What the section says of the data, before the local API is reached. */
  named(options: Options): Named;
  /**
   * A cheap look at the source, such as the sizes and times of files: it differs once the source has changed, so that one that
   * could not be opened is tried again. Absent: only time tells.
   */
  stamp?(options: Options, context: AdapterContext): Promise<string>;
  open(options: Options, mapping: MappedCodes, context: AdapterContext, signal: AbortSignal): Promise<Adapter>;
  /**
   * Looks into the data for the operator, also where `open` fails: places of what cannot be read, and coverage. Absent: the
   * coverage is counted through the adapter. @throws {BankError} when the source cannot be had
   */
  inspect?(options: Options, mapping: MappedCodes, context: AdapterContext, signal: AbortSignal): Promise<Inspection>;
};
