import { type CodeField, type DonorField, FIELDS, type NumberField } from "./fields.ts";
import { diseaseCode, type Withdrawal } from "./parse-disease.ts";
import type { Expr, SampleTest } from "./question.ts";
import { nearest, QuestionError, show, wanted } from "./question-error.ts";
import { text } from "./text.ts";
import { parseCurie, valuesOf } from "./vocabulary.ts";

/** What one question may hold at most; `limits` of the SDL. */
export type QuestionLimits = { readonly criteria: number; readonly depth: number; readonly codes: number };
export const QUESTION_LIMITS: QuestionLimits = { criteria: 50, depth: 8, codes: 200 };

/**
 * Checks a `Where` and gives it as a tree, codes in their normal form.
 * @throws {QuestionError} that names the path: `where.all[1].sample.ageAtCollection: wanted from <= to, got 60..40`.
 */
export const parseWhere = (input: unknown, limits: QuestionLimits = QUESTION_LIMITS): Expr => {
  let criteria = 0;
  const where = (value: unknown, at: string, depth: number): Expr => {
    if (depth > limits.depth)
      throw wanted(at, text(`at most ${limits.depth} levels`, `${limits.depth}階層以内`), "more");
    const given = object(value, at, WHERE_KEYS);
    const parts: Expr[] = [];
    for (const [key, field] of Object.entries(DONOR_KEYS)) {
      if (given[key] !== undefined) parts.push(donor(given[key], `${at}.${key}`, field));
    }
    if (given["sample"] !== undefined) parts.push(sample(given["sample"], `${at}.sample`));
    for (const op of ["all", "any"] as const) {
      if (given[op] === undefined) continue;
      const children = list(given[op], `${at}.${op}`);
      parts.push({ op, of: children.map((child, i) => where(child, `${at}.${op}[${i}]`, depth + 1)) });
    }
    if (given["not"] !== undefined) parts.push({ op: "not", of: where(given["not"], `${at}.not`, depth + 1) });
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { op: "all", of: parts };
  };
  const count = (at: string, values: number) => {
    criteria += 1;
    if (criteria > limits.criteria) {
      throw wanted(at, text(`at most ${limits.criteria} criteria`, `${limits.criteria}個以内の条件`), "more");
    }
    if (values > limits.codes) {
      throw wanted(at, text(`at most ${limits.codes} values`, `${limits.codes}個以内の値`), String(values));
    }
  };
  const donor = (value: unknown, at: string, field: DonorField): Expr => {
    if (field !== "DISEASE") {
      const values = list(value, at);
      count(at, values.length);
      return { op: "donor", field, values: values.map((v, i) => code(v, `${at}[${i}]`, field)), descendants: true };
    }
    const given = object(value, at, ["codes", "descendants"]);
    const codes = list(given["codes"], `${at}.codes`);
    count(`${at}.codes`, codes.length);
    const descendants = given["descendants"] ?? true;
    if (typeof descendants !== "boolean")
      throw wanted(`${at}.descendants`, text("true or false", "true か false"), show(descendants));
    return { op: "donor", field, values: codes.map((v, i) => code(v, `${at}.codes[${i}]`, field)), descendants };
  };
  const sample = (value: unknown, at: string): Expr => {
    const given = object(value, at, [...Object.keys(SAMPLE_KEYS), ...Object.keys(RANGE_KEYS)]);
    const tests: SampleTest[] = [];
    for (const [key, field] of Object.entries(SAMPLE_KEYS)) {
      if (given[key] === undefined) continue;
      const values = list(given[key], `${at}.${key}`);
      count(`${at}.${key}`, values.length);
      tests.push({ field, values: values.map((v, i) => code(v, `${at}.${key}[${i}]`, field)) });
    }
    for (const [key, field] of Object.entries(RANGE_KEYS)) {
      if (given[key] === undefined) continue;
      count(`${at}.${key}`, 1);
      tests.push({ field, ...range(given[key], `${at}.${key}`) });
    }
    return { op: "sample", tests };
  };
  return where(input, "where", 1);
};

/** One value of a field in its normal form. @throws {QuestionError} with suggestions. */
export const parseValue = (value: unknown, at: string, field: CodeField, withdrawn: Withdrawal = "none"): string =>
  code(value, at, field, withdrawn);

const DONOR_KEYS = {
  disease: "DISEASE",
  sex: "SEX",
  cohort: "COHORT",
  family: "FAMILY",
  programme: "PROGRAMME",
  data: "DATA",
  use: "USE",
  centre: "CENTRE",
} as const satisfies Record<string, DonorField>;
const SAMPLE_KEYS = { type: "SAMPLE_TYPE", origin: "SAMPLE_ORIGIN", storage: "STORAGE" } as const;
const RANGE_KEYS = { ageAtCollection: "AGE_AT_COLLECTION", collectedYear: "COLLECTED_YEAR" } as const satisfies Record<
  string,
  NumberField
>;
const WHERE_KEYS = ["all", "any", "not", ...Object.keys(DONOR_KEYS), "sample"];

/** An object with known keys only; a key whose value is null counts as absent. */
const object = (value: unknown, at: string, keys: readonly string[]): { readonly [key: string]: unknown } => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wanted(at, text("an object", "オブジェクト"), show(value));
  }
  const entries = Object.entries(value).filter(([, v]) => v !== null && v !== undefined);
  for (const [key] of entries) {
    if (!keys.includes(key)) {
      throw wanted(
        `${at}.${key}`,
        text(`one of ${keys.join(", ")}`, `${keys.join(", ")} のいずれか`),
        key,
        nearest(key, keys),
      );
    }
  }
  return Object.fromEntries(entries);
};

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

const code = (value: unknown, at: string, field: CodeField, withdrawn: Withdrawal = "none"): string => {
  if (typeof value !== "string") throw wanted(at, text("a text", "文字列"), show(value));
  if (FIELDS[field].values === "fixed") {
    const known = valuesOf(field);
    if (known.includes(value)) return value;
    throw wanted(
      at,
      text(`one of ${known.join(", ")}`, `${known.join(", ")} のいずれか`),
      show(value),
      nearest(value, known),
    );
  }
  if (field === "CENTRE") {
    const id = value.trim().toLowerCase();
    if (/^[a-z0-9-]+\/[a-z0-9-]+$/.test(id)) return id;
    throw wanted(at, text("the id of a centre such as ncbn/ncgg", "ncbn/ncgg のような施設 ID"), show(value));
  }
  if (field === "DISEASE") return diseaseCode(value, at, withdrawn);
  const curie = parseCurie(value.normalize("NFKC").trim());
  if (curie?.system !== "PROGRAMME") {
    throw wanted(
      at,
      text(
        "a code of PROGRAMME with its system, such as PROGRAMME:CONTROL_GROUP",
        "PROGRAMME:CONTROL_GROUP のような体系付きのコード（PROGRAMME）",
      ),
      show(value),
      /^\w+$/.test(value) ? [`PROGRAMME:${value.toUpperCase()}`] : [],
    );
  }
  if (/^[A-Z0-9_]+$/.test(curie.code)) return `${curie.system}:${curie.code}`;
  throw wanted(at, text("capital letters, digits and _ after the colon", "コロンの後は英大文字・数字・_"), show(value));
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
