/**
 * The form of a text that searches compare: without differences of letter width, case, kana, blanks and the signs between
 * words.
 */
export const fold = (text: string): string => foldLines(text.replace(/\n/g, " "));

/** Folds many texts at once, one per line, which is faster than folding 30,000 texts one by one. */
export const foldLines = (lines: string): string =>
  lines
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[ァ-ヶ]+/g, hiragana)
    .replace(/[・,，、]|[^\S\n ]/g, " ")
    .replace(/^ +| +$|( ) +/gm, "$1");

const hiragana = (katakana: string): string => {
  let text = "";
  for (let at = 0; at < katakana.length; at += 1) text += String.fromCharCode(katakana.charCodeAt(at) - 0x60);
  return text;
};
