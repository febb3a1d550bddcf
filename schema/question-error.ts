import { distance } from "fastest-levenshtein";
import type { FaultCode } from "./faults.ts";
import { Refusal } from "./refusal.ts";
import { type Text, text } from "./text.ts";

/** What is special about one fault of the asker. */
type Special = {
  /** Default: BAD_QUESTION. */
  readonly code?: FaultCode;
  /** What may have been meant. Default: nothing. */
  readonly suggestions?: readonly string[];
};

/** A fault of the asker in the arguments: what was wanted, what came, and where. */
export class QuestionError extends Refusal {
  override readonly name = "QuestionError";

  /** @param at path into the arguments: `where.all[1].sample.type` */
  constructor(at: string, says: Text, { code = "BAD_QUESTION", suggestions = [] }: Special = {}) {
    super(code, { at, says, suggestions });
  }
}

/** A QuestionError that says "wanted X, got Y" in both languages, with suggestions. */
export const wanted = (at: string, want: Text, got: string | Text, special: Special = {}): QuestionError => {
  const { suggestions = [] } = special;
  const { en, ja } = typeof got === "string" ? text(short(got), short(got)) : got;
  return new QuestionError(
    at,
    text(
      `wanted ${want.en}, got ${en}${suggestions.length > 0 ? `. Did you mean ${suggestions.join(", ")}?` : ""}`,
      `${want.ja}が必要ですが、${ja} が指定されました${suggestions.length > 0 ? `。候補: ${suggestions.join(", ")}` : ""}`,
    ),
    special,
  );
};

/** Most characters of a text of the asker's that a message repeats as it came. */
const MOST_REPEATED = 60;
const short = (got: string): string => (got.length > MOST_REPEATED ? `${got.slice(0, MOST_REPEATED)}…` : got);

/** A value as messages show it: JSON, cut to 60 characters. */
export const show = (value: unknown): string => {
  const shown = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  return short(shown);
};

/** The at most three values of a list with the least Levenshtein distance to a mistyped one, ignoring case. */
export const nearest = (given: string, known: readonly string[]): readonly string[] => {
  const typed = comparable(given);
  const scored = known
    .map((candidate) => ({ candidate, score: distance(typed, comparable(candidate)) }))
    .filter(({ candidate, score }) => score <= Math.max(2, Math.floor(candidate.length / 3)));
  scored.sort((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1));
  return scored.slice(0, 3).map(({ candidate }) => candidate);
};

const comparable = (value: string): string => value.slice(0, 40).toUpperCase();
