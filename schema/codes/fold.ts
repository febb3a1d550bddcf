/**
 * A text as it is compared in a search: letter width, case, and katakana against hiragana make no difference, nor do
 * blanks and the signs between words.
 */
export const fold = (text: string): string => foldLines(text.replace(/\n/g, " "));

/** Many texts at once, one in each line: a text of thirty thousand lines is folded sooner than each of them. */
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
