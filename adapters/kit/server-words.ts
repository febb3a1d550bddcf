import { printable } from "../../net/http/json-client.ts";

/** A number that stands alone: `E11.2` has none, `4,815 found` has one. */
const NUMBER = /(?<![\p{L}\p{N}_.,])\d[\d.,]*(?![\p{L}\p{N}_])/gu;

/**
 * A server's own words, fit for a message: printable, and with `#` in place of each number, since it may be a count.
 * Undefined where they are no text.
 */
export const serverWords = (said: unknown): string | undefined =>
  typeof said === "string" ? printable(said.replace(NUMBER, "#")) : undefined;

/** A JSON value as a message shows it: see serverWords; `none` where there is no value. */
export const shown = (value: unknown): string => serverWords(JSON.stringify(value)) ?? "none";
