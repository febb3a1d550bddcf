/** Deepest nesting of anything that is received: JSON, a GraphQL document, its variables. Parsers are recursive. */
export const DEEPEST = 100;

/**
 * Whether a JSON text is nested deeper than that. Checked before it is parsed: a parsed value takes many times the memory.
 * Brackets in strings do not count.
 */
export const isDeepJson = (text: string): boolean => opensMore(text, DEEPEST) && nestsDeep(text, JSON_STEPS, QUOTE);

/** Whether a GraphQL document is nested deeper than that. Brackets in its strings and comments count too. */
export const isDeepDocument = (text: string): boolean => nestsDeep(text, DOCUMENT_STEPS);

/** Whether a value is nested deeper than that. */
export const isDeepValue = (value: unknown): boolean => {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return false;
};

/** Cheap pre-check: does the text contain more than `times` opening brackets (also inside strings)? */
const opensMore = (text: string, times: number): boolean => {
  let left = times;
  for (const sign of ["{", "["]) {
    for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) {
      left -= 1;
      if (left < 0) return true;
    }
  }
  return false;
};

const QUOTE = 34;
const BACKSLASH = 92;

/** What each ASCII character adds to the depth. */
const stepsOf = (opening: string, closing: string): Int8Array =>
  Int8Array.from({ length: 128 }, (_, code) => {
    const char = String.fromCharCode(code);
    return opening.includes(char) ? 1 : closing.includes(char) ? -1 : 0;
  });
const JSON_STEPS = stepsOf("{[", "}]");
const DOCUMENT_STEPS = stepsOf("{[(", "}])");

/** @param quote code of the character around strings that are skipped; default: none are */
const nestsDeep = (text: string, steps: Int8Array, quote?: number): boolean => {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === quote) at = endOfString(text, at);
    else if (char < 128) {
      depth += steps[char]!;
      if (depth > DEEPEST) return true;
    }
  }
  return false;
};

/** Where the string that begins at `from` ends; the end of the text where it does not. */
const endOfString = (text: string, from: number): number => {
  let at = from + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
};
