import { foldName, wordsOf } from "./fold.ts";
import { kanaOf } from "./kana.ts";
import type { OpenedIndex } from "./opened-index.ts";
import { isIdle } from "./tokens.ts";

/** One way to read a query: the words to look for, and all of them in one word. */
export type Wording = { readonly words: readonly string[]; readonly squeezed: string };

/** Most words of a query that are looked for. */
const MOST_WORDS = 12;

/**
 * The ways to read a query, the plainest first: as it is written, with words written together or apart where the index knows them
 * that way.
 */
export const wordingsOf = (text: string, index: OpenedIndex): readonly Wording[] => {
  const folded = foldName(text.replace(PHRASES, ""));
  const whole = folded === "" ? foldName(text) : folded;
  const all = wordsOf(whole);
  const telling = all.filter((word) => !isIdle(word));
  const words = (telling.length > 0 ? telling : all).slice(0, MOST_WORDS);
  const squeezed = words.join("");
  const others = [...joined(words, index), ...split(words, index)].map((each) => ({ words: each, squeezed }));
  return [{ words, squeezed }, ...others, ...plain(words), ...read(words, squeezed)];
};

/** Without the words that tell how ill somebody is, and since when. */
const plain = (words: readonly string[]): readonly Wording[] => {
  const left = words.filter((word) => !DEGREES.has(word)).map((word) => word.replace(DEGREE, ""));
  const others = left.filter((word) => word !== "");
  const squeezed = others.join("");
  return squeezed === "" || squeezed === words.join("") ? [] : [{ words: others, squeezed }];
};

const DEGREES = new Set(
  (
    "early late stage advanced severe mild moderate newly diagnosed diagnosi suspected possible probable history patient people person " +
    "adult elderly woman women man men symptom treatment stable active end"
  ).split(" "),
);
const DEGREE =
  /^(?:重度|軽度|中等度|重しょう|軽しょう|末期|初期|早期|進行|高齢者|大人|成人|子ども|子供|小児|女性|男性)/;

/** As it is read, where it is not written in kanji alone. */
const read = (words: readonly string[], squeezed: string): readonly Wording[] =>
  /[ぁ-ゖ]/.test(squeezed) && squeezed.length > 2 ? [{ words: words.map(kanaOf), squeezed: kanaOf(squeezed) }] : [];

/** What people say around the name of a disease. */
const PHRASES =
  /(?:の)?(?:持ち|患者|疑い|人|可能性|症状|既往|治療中?)$|(?:に(?:なった|かかった|かかっている|なりやすい)|がある|です|を?患っている|と診断された)$/g;

const isLatin = (word: string): boolean => /^[a-z]/.test(word);
const isJapanese = (word: string): boolean => /^[^a-z0-9]/.test(word);

/** Two neighbours as one word: Japanese ones always, Latin ones where a name has it. */
const joined = (words: readonly string[], index: OpenedIndex): readonly (readonly string[])[] =>
  words.slice(1).flatMap((word, i) => {
    const before = words[i]!;
    const both = before + word;
    const known =
      (isJapanese(before) && isJapanese(word)) || (isLatin(before) && isLatin(word) && startsSome(both, index));
    return known ? [[...words.slice(0, i), both, ...words.slice(i + 2)]] : [];
  });

const startsSome = (text: string, index: OpenedIndex): boolean => {
  const [first, end] = index.startingWith(text);
  return end > first;
};

/** One unknown Latin word as two known ones. */
const split = (words: readonly string[], index: OpenedIndex): readonly (readonly string[])[] =>
  words.flatMap((word, i) => {
    if (!isLatin(word) || word.length < 6 || index.tokenOf(word) >= 0) return [];
    for (let at = 3; at <= word.length - 3; at += 1) {
      const parts = [foldName(word.slice(0, at)), foldName(word.slice(at))];
      if (parts.every((part) => index.tokenOf(part) >= 0))
        return [[...words.slice(0, i), ...parts, ...words.slice(i + 1)]];
    }
    return [];
  });
