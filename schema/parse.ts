import { type CodeField, DONOR_KEYS, type DonorField, isNumberField, SAMPLE_KEYS } from "./fields.ts";
import { parseValue } from "./parse-value.ts";
import type { Expr, SampleTest, UnknownPart } from "./question.ts";
import { nearest, QuestionError, show, wanted } from "./question-error.ts";
import { QUESTION_LIMITS, type QuestionLimits } from "./question-limits.ts";
import { text } from "./text.ts";

/**
 * Checks an asker's `Where` and gives it as a tree, codes in their normal form.
 * @throws {QuestionError} that names the path: `where.all[1].sample.ageAtCollection: wanted from <= to, got 60..40`.
 */
export const parseWhere = (input: unknown, limits: QuestionLimits = QUESTION_LIMITS): Expr =>
  whereParser(limits, (error): never => {
    throw error;
  })(input);

/**
 * Reads a gateway's `where`, which may be of a newer version: a key whose value is not understood, or goes over the limits,
 * becomes an UnknownPart. Nothing is ignored. @throws {QuestionError} where it is no object
 */
export const readWhere = (input: unknown, limits: QuestionLimits): Expr<UnknownPart> =>
  whereParser(limits, (_, key, json): UnknownPart => ({ op: "unknown", key, json }))(input);

/** @param unknown what stands for the value of a key that does not parse */
const whereParser = <Unknown>(
  limits: QuestionLimits,
  unknown: (error: QuestionError, key: string, json: unknown) => Unknown,
): ((input: unknown) => Expr<Unknown>) => {
  let criteria = 0;
  /** Each member of an object, parsed. */
  const members = <T>(value: unknown, at: string, parse: (key: string, json: unknown, at: string) => T) =>
    entries(value, at).map(([key, json]): T | Unknown => {
      try {
        return parse(key, json, `${at}.${key}`);
      } catch (error) {
        if (error instanceof QuestionError) return unknown(error, key, json);
        throw error;
      }
    });
  const where = (value: unknown, at: string, depth: number): Expr<Unknown> => {
    if (depth > limits.depth)
      throw wanted(at, text(`at most ${limits.depth} levels`, `${limits.depth}階層以内`), "more");
    const parts = members(value, at, (key, json, place): Expr<Unknown> => {
      const field = own(DONOR_KEYS, key);
      if (field !== undefined) return donor(json, place, field);
      if (key === "sample") return { op: "sample", tests: members(json, place, sampleTest) };
      if (key === "not") return { op: "not", of: where(json, place, depth + 1) };
      if (key !== "all" && key !== "any") throw unknownKey(place, key, WHERE_KEYS);
      return { op: key, of: list(json, place).map((child, i) => where(child, `${place}[${i}]`, depth + 1)) };
    });
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { op: "all", of: parts };
  };
  const donor = (json: unknown, at: string, field: DonorField): Expr<Unknown> => {
    if (field !== "DISEASE") return { op: "donor", field, values: valuesOf(json, at, field), descendants: true };
    const given = object(json, at, ["codes", "descendants"]);
    const values = valuesOf(given["codes"], `${at}.codes`, field);
    const descendants = given["descendants"] ?? true;
    if (typeof descendants === "boolean") return { op: "donor", field, values, descendants };
    throw wanted(`${at}.descendants`, text("true or false", "true か false"), show(descendants));
  };
  const sampleTest = (key: string, json: unknown, at: string): SampleTest => {
    const field = own(SAMPLE_KEYS, key);
    if (field === undefined) throw unknownKey(at, key, Object.keys(SAMPLE_KEYS));
    if (!isNumberField(field)) return { field, values: valuesOf(json, at, field) };
    count(at, 1);
    return { field, ...range(json, at) };
  };
  const valuesOf = (json: unknown, at: string, field: CodeField): readonly string[] => {
    const values = list(json, at);
    count(at, values.length);
    return values.map((value, i) => parseValue(value, `${at}[${i}]`, field));
  };
  const count = (at: string, values: number): void => {
    criteria += 1;
    if (criteria > limits.criteria) {
      throw wanted(at, text(`at most ${limits.criteria} criteria`, `${limits.criteria}個以内の条件`), "more");
    }
    if (values > limits.codes) {
      throw wanted(at, text(`at most ${limits.codes} values`, `${limits.codes}個以内の値`), String(values));
    }
  };
  return (input) => where(input, "where", 1);
};

const WHERE_KEYS = ["all", "any", "not", ...Object.keys(DONOR_KEYS), "sample"];

const own = <T>(table: { readonly [key: string]: T }, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** The members of an object; one whose value is null counts as absent. */
const entries = (value: unknown, at: string): readonly (readonly [string, unknown])[] => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  }
  throw wanted(at, text("an object", "オブジェクト"), show(value));
};

const object = (value: unknown, at: string, keys: readonly string[]): { readonly [key: string]: unknown } => {
  const given = entries(value, at);
  for (const [key] of given) if (!keys.includes(key)) throw unknownKey(`${at}.${key}`, key, keys);
  return Object.fromEntries(given);
};

const unknownKey = (at: string, key: string, keys: readonly string[]): QuestionError =>
  wanted(at, text(`one of ${keys.join(", ")}`, `${keys.join(", ")} のいずれか`), key, {
    suggestions: nearest(key, keys),
  });

/** GraphQL coerces a single value to a list, and so do we for a `where` that came as JSON. */
const list = (value: unknown, at: string): readonly unknown[] => {
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
  if (values.length === 0) {
    throw new QuestionError(
      at,
      text(
        "wanted at least one value, got an empty list. Leave the field out to ask for everybody",
        "値が1つ以上必要ですが、空のリストが指定されました。条件を付けない場合は項目を省いてください",
      ),
    );
  }
  return values;
};

/** Largest age and year that make sense, so that a range cannot leave 32-bit integers on its way. */
const NUMBER_LIMIT = 9999;

const range = (value: unknown, at: string): { from: number | null; to: number | null } => {
  const given = object(value, at, ["from", "to"]);
  const end = (key: "from" | "to"): number | null => {
    const n = given[key];
    if (n === undefined) return null;
    if (typeof n === "number" && Number.isInteger(n) && n >= 0 && n <= NUMBER_LIMIT) return n;
    throw wanted(
      `${at}.${key}`,
      text(`a whole number from 0 to ${NUMBER_LIMIT}`, `0から${NUMBER_LIMIT}の整数`),
      show(n),
    );
  };
  const from = end("from");
  const to = end("to");
  if (from === null && to === null)
    throw wanted(at, text("from, to or both", "from か to の少なくとも一方"), "neither");
  if (from !== null && to !== null && from > to) throw wanted(at, text("from <= to", "from <= to"), `${from}..${to}`);
  return { from, to };
};
