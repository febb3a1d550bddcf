import { styleText } from "node:util";
import type { Text } from "../../../schema/text.ts";
import { clean } from "./clean.ts";
import { type Language, WORDS } from "./words.ts";

/** How a text looks on a terminal with colours. */
export type Style = "bold" | "dim" | "yellow";

/** What the printed lines depend on beside the data: the language, and whether the terminal shows colours. */
export type View = {
  readonly language: Language;
  /** A fixed word of the tables. */
  readonly word: (name: keyof typeof WORDS) => string;
  /** A text from a bank or the gateway, safe to print. */
  readonly say: (text: Text) => string;
  /** Gives a text its look; leaves it alone without colours. */
  readonly paint: (text: string, style: Style) => string;
};

export const viewOf = (language: Language, colours: boolean): View => ({
  language,
  word: (name) => WORDS[name][language],
  say: (text) => clean(text[language]),
  paint: (text, style) => (colours && text !== "" ? styleText(style, text, { validateStream: false }) : text),
});
