import type { BANK_ERRORS, BankErrorCode } from "./bank-error.ts";
import type { CellCounts, Count } from "./count.ts";
import type { FieldName } from "./fields.ts";
import type { Release } from "./release.ts";
import type { Text, Value } from "./text.ts";
import type { Where } from "./wire/question.ts";
import type * as wire from "./wire/reading.ts";

/** Question of the SDL. These are the types of the public answers: the gateway builds them, the command line reads them. */
export type Question = {
  readonly id: string;
  readonly where: Where;
  readonly says: Text;
  readonly criteria: readonly Criterion[];
};

/** Criterion of the SDL. */
export type Criterion = { readonly path: string; readonly field: FieldName; readonly says: Text };

/** Understanding of the SDL. */
export type Understanding = Pick<wire.Understanding, "verdict" | "local" | "says"> & { readonly criterion: Criterion };

/** DiseaseLevel of the SDL. */
export type DiseaseLevel = "CHAPTER" | "BLOCK" | "CATEGORY";

/** FacetTable of the SDL. */
export type FacetTable = {
  readonly by: FieldName;
  readonly across: FieldName | null;
  readonly level: DiseaseLevel | null;
  readonly overlapping: boolean;
  readonly cells: readonly { readonly by: Value; readonly across: Value | null; readonly counts: CellCounts }[];
  readonly unlisted: CellCounts;
  readonly more: boolean;
};

/** AnswerStatus of the SDL. */
export type AnswerStatus = (typeof BANK_ERRORS)[BankErrorCode]["status"] | "WAITING" | "STALE" | "SUPERSEDED";

/**
 * Problem of the SDL: what every failure of its kind means and, of a bank that is BROKEN, what is wrong in words of a closed
 * list. What happened at this bank is in the log.
 */
export type Problem = {
  readonly code: Exclude<BankErrorCode, "BANK_GONE"> | "RELEASE_SUPERSEDED";
  readonly message: Text;
  readonly remedy: Text;
  readonly retryAfterMs: number | null;
};

/** BankAnswer of the SDL. `Bank`: what stands for the SDL's Bank. */
export type BankAnswer<Bank> = CellCounts & {
  readonly id: string;
  readonly bank: Bank;
  readonly status: AnswerStatus;
  readonly facets: readonly FacetTable[];
  readonly understanding: readonly Understanding[];
  readonly release: (Release & { readonly bank: string }) | null;
  /** When STALE: since when the bank is out of reach. */
  readonly staleSince: string | null;
  /** In steps of 50. */
  readonly tookMs: number;
  readonly problem: Problem | null;
};

/** Search of the SDL. */
export type Search<Bank> = CellCounts & {
  readonly id: string;
  readonly question: Question;
  readonly people: Count;
  readonly facets: readonly FacetTable[];
  readonly banks: readonly BankAnswer<Bank>[];
  readonly waiting: number;
  readonly complete: boolean;
  readonly snapshot: { readonly token: string };
};

/** BankReading of the SDL. */
export type BankReading<Bank> = {
  readonly bank: Bank;
  /** False: the bank has not said how it reads the question, so it understands nothing and loses every facet. */
  readonly known: boolean;
  readonly understanding: readonly Understanding[];
  readonly lostFacets: readonly FieldName[];
};

/** Reading of the SDL. */
export type Reading<Bank> = { readonly question: Question; readonly banks: readonly BankReading<Bank>[] };

/** Field of the SDL. */
export type Field = { readonly field: FieldName; readonly label: Text; readonly values: readonly Value[] };
