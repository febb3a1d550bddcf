import { type BrokenReason, isBrokenReason } from "../broken-reasons.ts";
import { FIELD_NAMES, type FieldName } from "../fields.ts";

/**
 * A description of one piece of JSON: checks a value and gives it with its type. Members that are not described are
 * dropped. @throws {WrongAnswer} at a place relative to the value
 */
export type Shape<T> = (json: unknown) => T;
/** The type that a shape gives. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

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

/** The error for a value at a place, such as `.min` or `[3]`; "" is the value itself. */
export const wrong = (
  place: string,
  wanted: string,
  got: unknown,
  reason: BrokenReason = "WRONG_FORM",
): WrongAnswer => {
  const shown = typeof got === "object" && got !== null ? (Array.isArray(got) ? "a list" : "an object") : String(got);
  return new WrongAnswer(place, `wanted ${wanted}, got ${shown.slice(0, 40)}`, reason);
};

/** The same error one level further out: places are put together only where something is wrong. */
export const under = (error: unknown, outer: string): unknown =>
  error instanceof WrongAnswer ? new WrongAnswer(`${outer}${error.place}`, error.fault, error.reason) : error;

/** Reads a whole message, or the part of one that errors call by this name. @throws {WrongAnswer} */
export const parseAs = <T>(name: string, json: unknown, shape: Shape<T>): T => {
  try {
    return shape(json);
  } catch (error) {
    throw under(error, name);
  }
};

/** An object, whatever is in it. */
export const members: Shape<{ readonly [key: string]: unknown }> = (json) => {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as { [key: string]: unknown };
  throw wrong("", "an object", json);
};

type Members = { readonly [key: string]: Shape<unknown> };
type Required<M extends Members> = { [K in keyof M]: undefined extends Shaped<M[K]> ? never : K }[keyof M];
type Shapes<M extends Members> = { readonly [K in Required<M>]: Shaped<M[K]> } & {
  readonly [K in Exclude<keyof M, Required<M>>]?: Shaped<M[K]>;
};

/** An object with these members; one that may be undefined is optional. */
export const object = <M extends Members>(described: M): Shape<Shapes<M>> => objectOf(described, false);

/** An object with these members, which keeps all others as they came. */
export const openObject = <M extends Members>(described: M): Shape<Shapes<M>> => objectOf(described, true);

const objectOf = <M extends Members>(described: M, open: boolean): Shape<Shapes<M>> => {
  const entries = Object.entries(described);
  return (json) => {
    const given = members(json);
    const parsed: { [key: string]: unknown } = open ? { ...given } : {};
    for (const [key, shape] of entries) {
      try {
        const value = shape(given[key]);
        if (value !== undefined) parsed[key] = value;
      } catch (error) {
        throw under(error, `.${key}`);
      }
    }
    return parsed as Shapes<M>;
  };
};

/** A list of values of one shape. @param length how many there must be; default: any number */
export const list =
  <T>(shape: Shape<T>, length?: number): Shape<readonly T[]> =>
  (json) => {
    if (!Array.isArray(json)) throw wrong("", "a list", json);
    if (length !== undefined && json.length !== length) {
      throw wrong("", `a list of ${length}`, `one of ${json.length}`);
    }
    const parsed = new Array<T>(json.length);
    let i = 0;
    try {
      for (; i < json.length; i += 1) parsed[i] = shape(json[i]);
    } catch (error) {
      throw under(error, `[${i}]`);
    }
    return parsed;
  };

/** A list with one shape for each of its places. */
export const tuple =
  <T>(shapes: readonly Shape<T>[]): Shape<readonly T[]> =>
  (json) => {
    let i = 0;
    return list((value) => shapes[i++]!(value), shapes.length)(json);
  };

/** A value or null. */
export const nullable =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (json) =>
    json === null ? null : shape(json);

/** A text that is not empty. */
export const word: Shape<string> = (json) => {
  if (typeof json === "string" && json !== "") return json;
  throw wrong("", "a text", json);
};

/** One of these words; `otherwise` stands for one of a newer contract, read with caution. */
export const oneOf =
  <W extends string>(words: readonly W[], otherwise: W): Shape<W> =>
  (json) =>
    words.find((known) => known === json) ?? otherwise;

/** The largest Int of GraphQL: a larger number could not be served. */
export const LARGEST_INT = 2 ** 31 - 1;

/** Whether a value is an integer from 0 to LARGEST_INT. */
export const isCount = (json: unknown): json is number =>
  Number.isInteger(json) && Number(json) >= 0 && Number(json) <= LARGEST_INT;

/** An integer from `least` to LARGEST_INT. */
export const integer =
  (least: number): Shape<number> =>
  (json) => {
    if (isCount(json) && json >= least) return json;
    throw wrong("", `an integer >= ${least}`, json);
  };

/** Milliseconds, 0 or more. */
export const duration: Shape<number> = (json) => {
  if (typeof json === "number" && Number.isFinite(json) && json >= 0) return json;
  throw wrong("", "milliseconds >= 0", json);
};

/** A text in both languages of the federation. */
export const bothLanguages: Shape<{ readonly en: string; readonly ja: string }> = (json) => {
  const { en, ja } = members(json);
  if (typeof en === "string" && typeof ja === "string") return { en, ja };
  throw wrong("", "a text in English and Japanese", json);
};

export const isField = (json: unknown): json is FieldName => FIELD_NAMES.some((name) => name === json);

export const field: Shape<FieldName> = (json) => {
  if (isField(json)) return json;
  throw wrong("", "a field of the contract", json);
};

/** Why a bank is BROKEN; undefined for a reason of a newer contract. */
export const brokenReason: Shape<BrokenReason | undefined> = (json) => (isBrokenReason(json) ? json : undefined);
