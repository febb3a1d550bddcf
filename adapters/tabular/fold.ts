/**
 * A text by what a person sees of it: compatible forms (full width, half width, ligatures), hyphens, minus signs, long dashes,
 * tildes, quotes, middle dots, yen signs and blanks are one each, and what has no width is left out. Two texts that look alike
 * fold to the same.
 */
export const fold = (text: string): string => (PLAIN.test(text) ? text : folded(text));

/** Nothing of these signs looks like another one. */
const PLAIN = /^[!-~]*$/;

const folded = (text: string): string =>
  text
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/[\u02D7\u2010-\u2015\u2043\u2212\u2500\u2501\u30FC\uFE58\uFE63]/g, "-")
    .replace(/[\u223C\u301C\u3030\u02DC]/g, "~")
    .replace(/[\u2018\u2019\u201B\u2032\u02BC]/g, "'")
    .replace(/[\u201C\u201D\u201F\u2033]/g, '"')
    .replace(/[\u00B7\u2022\u2027\u2219\u22C5]/g, "\u30FB")
    .replace(/[\u2016\u2225]/g, "||")
    .replace(/\u22EF/g, "...")
    .replace(/\u00A5/g, "\\")
    .replace(/\s+/g, " ")
    .trim();

/** The text without white space around it, the ideographic space included. */
export const trimmed = (text: string): string => text.replace(/^[ \t\r\n\u3000]+|[ \t\r\n\u3000]+$/g, "");

/**
 * Finds a text among some that are named: itself, or the only one that looks the same. Undefined where there is none, or where
 * several look the same.
 * @param foldOf what two texts that are the same have in common; default: how they look
 * @param several which one is found where several look the same: none, or any of them
 */
export const lookup = (
  named: Iterable<string>,
  foldOf: (text: string) => string = fold,
  several: "none" | "any" = "none",
): ((text: string) => string | undefined) => {
  const exact = new Set(named);
  const alike = new Map<string, string | undefined>();
  for (const text of exact) {
    const key = foldOf(text);
    alike.set(key, several === "none" && alike.has(key) ? undefined : text);
  }
  return (text) => (exact.has(text) ? text : alike.get(foldOf(text)));
};

/** What the spellings of one ICD-10 code have in common: dots, case, width, a final dash, dagger and asterisk aside. */
export const foldIcd10 = (text: string): string => {
  const plain = fold(text)
    .toUpperCase()
    .replace(/[†‡*+]+$/, "")
    .replace(/^ICD-?10:/, "")
    .trim();
  return /^[A-Z]\d[\dA-Z]\.?[\dA-Z]{0,4}(?:\.?-)?$/.test(plain)
    ? plain.replace(/\.?-$/, "").replace(".", "")
    : fold(text);
};
