/**
 * A text as it is compared in a search: letter width, case, and katakana against hiragana make no difference, nor do
 * blanks and the signs between words.
 */
export const fold = (text: string): string => (PLAIN.test(text) ? text.toLowerCase() : foldAny(text));

/** Most names are letters, digits and signs of ASCII with one blank between: they need no more than that. */
const PLAIN = /^[!-+\--~]+(?: [!-+\--~]+)*$/;

const foldAny = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[ァ-ヶ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .replace(/[\s・,，、]+/g, " ")
    .trim();
