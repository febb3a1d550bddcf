import { wordsOf } from "./fold.ts";

/** What an index lists of a folded name: its Latin words, and of Japanese each two letters that follow each other. */
export const tokensOf = (folded: string): readonly string[] =>
  wordsOf(folded).flatMap((word) => (IDLE.has(word) ? [] : partsOf(word)));

/** What a word is listed under. */
export const partsOf = (word: string): readonly string[] => {
  if (/^[a-z0-9]/.test(word) || word.length === 1) return [word];
  return Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2));
};

/** Words that say nothing of a disease. They are not listed, and searched only where a query has nothing else. */
const IDLE = new Set(
  (
    "of the in a an and or with without due to by for from on at my is i have has having had other unspecified nos elsewhere " +
    "classified not as s"
  ).split(" "),
);

export const isIdle = (word: string): boolean => IDLE.has(word);
