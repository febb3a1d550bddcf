import type * as answer from "../../schema/public-answer.ts";
import type { Bounds, Release as KnownRelease } from "../../schema/release.ts";
import type { Text } from "../../schema/text.ts";

/** A type of the public answers with plain strings for its enums, because those of a newer gateway have more values. */
type Open<T> = T extends string ? string : T extends object ? { readonly [K in keyof T]: Open<T[K]> } : T;

/** What the documents select of a bank. */
type Named = { readonly id: string; readonly name: Text };

/** The members that documents.ts selects, by the names of the SDL. */
export type Release = Open<KnownRelease>;
export type Understanding = Open<answer.Understanding>;
export type FacetTable = Open<answer.FacetTable>;
export type BankAnswer = Open<Omit<answer.BankAnswer<Named>, "facets" | "release">> & {
  readonly release: Release | null;
};
export type Search = Open<Omit<answer.Search<Named>, "banks">> & { readonly banks: readonly BankAnswer[] };
export type Reading = Open<answer.Reading<Named>>;
export type Field = Open<answer.Field>;
export type Concept = {
  readonly code: string;
  readonly label: Text;
  readonly matched: string | null;
  readonly hasChildren: boolean;
  readonly banks: readonly { readonly bank: { readonly id: string }; readonly verdict: string }[];
};
export type Hit = {
  /** Null for a bank. */
  readonly field: string | null;
  readonly value: { readonly value: string; readonly label: Text };
  readonly match: { readonly name: string; readonly kind: string };
  readonly banks: Concept["banks"];
};
export type Found = { readonly says: Text; readonly hits: readonly Hit[]; readonly nearest: readonly Hit[] };
export type Bank = Named & {
  readonly adapter: string;
  readonly state: string;
  readonly size: Bounds;
  readonly release: Release | null;
  readonly contact: { readonly email: string };
  readonly access: { readonly requestUrl: string | null };
};

/** Whether a bank of the answer is silent: it gave no number of its own, old or new. */
export const isSilent = ({ status }: Pick<BankAnswer, "status">): boolean =>
  status !== "ANSWERED" && status !== "STALE";
