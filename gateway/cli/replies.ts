import type { CellCounts, Count } from "../../schema/count.ts";
import type { Text } from "../../schema/text.ts";

/** The parts of the public contract that the documents of query.ts select. Enums are strings: they grow. */
export type Value = { readonly value: string; readonly label: Text };
export type Question = { readonly id: string; readonly says: Text };
export type Release = { readonly id: string; readonly date: string; readonly kind: string };
export type Understanding = {
  readonly criterion: { readonly path: string; readonly field: string; readonly says: Text };
  readonly verdict: string;
  readonly local: readonly Value[];
  readonly says: Text;
};
export type FacetTable = {
  readonly by: string;
  readonly across: string | null;
  readonly level: string | null;
  readonly overlapping: boolean;
  readonly cells: readonly { readonly by: Value; readonly across: Value | null; readonly counts: CellCounts }[];
  readonly unlisted: CellCounts;
  readonly more: boolean;
};
export type BankAnswer = CellCounts & {
  readonly bank: { readonly id: string; readonly name: Text };
  readonly status: string;
  readonly understanding: readonly Understanding[];
  readonly release: Release | null;
  /** When STALE: since when the bank is out of reach. */
  readonly staleSince: string | null;
  readonly problem: {
    readonly code: string;
    readonly message: Text;
    readonly remedy: Text;
    readonly retryAfterMs: number | null;
  } | null;
};

/** Whether a bank of the answer is silent: it gave no number of its own, old or new. */
export const isSilent = ({ status }: Pick<BankAnswer, "status">): boolean =>
  status !== "ANSWERED" && status !== "STALE";

export type Search = CellCounts & {
  readonly question: Question;
  readonly people: Count;
  readonly facets: readonly FacetTable[];
  readonly banks: readonly BankAnswer[];
  readonly complete: boolean;
  readonly snapshot: { readonly token: string };
};
export type Reading = {
  readonly question: Question;
  readonly banks: readonly {
    readonly bank: { readonly id: string; readonly name: Text };
    /** False: the bank has not said how it reads the question. */
    readonly known: boolean;
    readonly understanding: readonly Understanding[];
    readonly lostFacets: readonly string[];
  }[];
};
export type Concept = {
  readonly code: string;
  readonly label: Text;
  readonly matched: string | null;
  readonly hasChildren: boolean;
  readonly banks: readonly { readonly bank: { readonly id: string }; readonly verdict: string }[];
};
export type Bank = {
  readonly id: string;
  readonly name: Text;
  readonly adapter: string;
  readonly state: string;
  readonly size: { readonly donors: number | null; readonly samples: number | null };
  readonly release: Release | null;
  readonly contact: { readonly email: string };
  readonly access: { readonly requestUrl: string | null };
};
export type Field = { readonly field: string; readonly label: Text; readonly values: readonly Value[] };
