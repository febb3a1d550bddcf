import { z } from "zod";
import type { BrokenReason } from "../broken-reasons.ts";
import { FIELD_NAMES, type FieldName } from "../fields.ts";

/** The type of what a shape gives. Members that a shape does not describe are dropped. */
export type Shaped<S extends z.ZodType> = DeepReadonly<z.output<S>>;
type DeepReadonly<T> = { readonly [K in keyof T]: DeepReadonly<T[K]> };

/** A message does not have the form of the contract: `answers[0].donors.min: wanted an integer >= 0, got -1`. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
  readonly place: string;
  /** What was wanted and what came, without the place. */
  readonly fault: string;
  readonly reason: BrokenReason;

  constructor(place: string, fault: string, reason: BrokenReason) {
    super(`${place}: ${fault}`);
    this.place = place;
    this.fault = fault;
    this.reason = reason;
  }
}

/** The error for a value at a place, such as `lease.size.donors`. */
export const wrong = (
  place: string,
  wanted: string,
  got: unknown,
  reason: BrokenReason = "WRONG_FORM",
): WrongAnswer => {
  const shown = typeof got === "object" && got !== null ? (Array.isArray(got) ? "a list" : "an object") : String(got);
  return new WrongAnswer(place, `wanted ${wanted}, got ${shown.slice(0, 40)}`, reason);
};

/** Reads a message, or the part of one that is at a place. @throws {WrongAnswer} for its first fault */
export const parseAs = <S extends z.ZodType>(place: string, json: unknown, shape: S): Shaped<S> => {
  const { data, error } = shape.safeParse(json, { reportInput: true });
  const [fault] = error?.issues ?? [];
  if (fault === undefined) return data as Shaped<S>;
  const path = fault.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  throw wrong(`${place}${path}`, fault.message, fault.input);
};

/** Whether a value is an object that is no list, whatever is in it. */
export const isRecord = (json: unknown): json is { readonly [key: string]: unknown } =>
  typeof json === "object" && json !== null && !Array.isArray(json);

/** An object, whatever is in it. @throws {WrongAnswer} */
export const members = (json: unknown, place: string): { readonly [key: string]: unknown } => {
  if (isRecord(json)) return json;
  throw wrong(place, "an object", json);
};

/** A list, whatever is in it. @param length how many items there must be; default: any number @throws {WrongAnswer} */
export const items = (json: unknown, place: string, length?: number): readonly unknown[] => {
  if (!Array.isArray(json)) throw wrong(place, "a list", json);
  if (length === undefined || json.length === length) return json;
  throw wrong(place, `a list of ${length}`, `one of ${json.length}`);
};

// The message of each shape is what was wanted.
export const object = <M extends z.core.$ZodLooseShape>(shape: M) => z.object(shape, "an object");
export const list = <S extends z.ZodType>(shape: S) => z.array(shape, "a list");
export const text = z.string("a text");
/** A text that is not empty. `min` would look at the `length` of anything, also of an object that cannot be compared. */
export const word = text.refine((given) => given !== "", "a text");
export const bothLanguages = object({ en: text, ja: text });
export const field = z.enum(FIELD_NAMES, "a field of the contract");
/** Milliseconds, 0 or more. */
export const duration = z.number("milliseconds >= 0").min(0, "milliseconds >= 0");

/** The largest Int of GraphQL: a larger number could not be served. */
const LARGEST_INT = 2 ** 31 - 1;

/** An integer from `least` to LARGEST_INT. */
export const integer = (least: number) => {
  const wanted = `an integer >= ${least}`;
  return z.int(wanted).min(least, wanted).max(LARGEST_INT, wanted);
};

/** One of these words; `otherwise` stands for one of a newer contract, read with caution. */
export const oneOf = <const W extends string>(words: readonly W[], otherwise: NoInfer<W>) => {
  const word = z.enum(words);
  return word.catch(word.parse(otherwise));
};

/** Whether a value is an integer from 0 to LARGEST_INT. */
export const isCount = (json: unknown): json is number =>
  Number.isInteger(json) && Number(json) >= 0 && Number(json) <= LARGEST_INT;

export const isField = (json: unknown): json is FieldName => FIELD_NAMES.some((name) => name === json);
