import { QuestionError } from "../../schema/question-error.ts";
import type { Bounds, Release } from "../../schema/release.ts";
import { text } from "../../schema/text.ts";

/** What an operator says of a release. `purge`: what was answered before is never to be shown again. */
export type Announcement = {
  readonly number: string;
  readonly date: string;
  readonly size?: SomeBounds | null;
  readonly purge: boolean;
};

export type SomeBounds = { readonly donors?: number | null | undefined; readonly samples?: number | null | undefined };

/** Checks the bounds of an announcement. @throws {QuestionError} BAD_ARGUMENT */
export const checkSize = (size: SomeBounds | null | undefined): void => {
  for (const unit of ["donors", "samples"] as const) {
    const got = size?.[unit] ?? 0;
    if (got >= 0) continue;
    const says = text(`wanted 0 or more, got ${got}`, `0以上が必要ですが、${got} が指定されました`);
    throw new QuestionError(`release.size.${unit}`, says, { code: "BAD_ARGUMENT" });
  }
};

/** Checks that the local API holds the announced release. @throws {QuestionError} RELEASE_NOT_LOADED */
export const checkLoaded = ({ number, date }: Announcement, bank: string, held: Release): void => {
  const wanted = `${bank}@${number}`;
  if (held.id === wanted && held.date === date) return;
  const says = text(
    `wanted ${wanted} of ${date} in the bank's local API, got ${held.id} of ${held.date}. Load the release there first`,
    `バンクのローカル API に ${date} の ${wanted} が必要ですが、${held.date} の ${held.id} があります。先にリリースを読み込んでください`,
  );
  throw new QuestionError("release", says, { code: "RELEASE_NOT_LOADED" });
};

/** A bank's bounds stay until it publishes higher ones. */
export const higher = (a: SomeBounds, b: SomeBounds = {}): Bounds => ({
  donors: most(a.donors, b.donors),
  samples: most(a.samples, b.samples),
});

const most = (a: number | null | undefined, b: number | null | undefined): number | null =>
  a == null ? (b ?? null) : Math.max(a, b ?? 0);
