import type { Bits } from "../bits.ts";
import { isWithin, type SearchIndex } from "./search-index.ts";
import { either, every, holding, holdingOne, lacking, none, numbered, type Table } from "./table.ts";

/** A filter that the server refuses. The message is sent to the client. */
export class SqonError extends Error {}

type Node = { readonly op: string; readonly content: unknown; readonly pivot: string | undefined };
type Leaf = { readonly op: string; readonly fields: readonly string[]; readonly value: unknown };

const GROUPS = new Set(["and", "or", "not"]);
const ALIASES: Readonly<Record<string, string>> = {
  "=": "in",
  "==": "in",
  "===": "in",
  "!=": "not-in",
  "!==": "not-in",
  ">": "gt",
  ">=": "gte",
  "<": "lt",
  "<=": "lte",
  filter: "wildcard",
};
const MISSING = "__missing__";

/**
 * The documents that a SQON finds, after "SQONs In Detail" of Overture Arranger's documentation. Without a pivot each
 * condition on a nested field may be met by an object of its own; under a pivot a group is tested on one object at a time.
 * @throws {SqonError} for a filter that is not a SQON, and for a field that the index does not have
 */
export const find = (index: SearchIndex, sqon: unknown): Bits => {
  const { documents, nested, fields } = index;
  const all = documents.size;

  const visit = (given: unknown): Bits => {
    const node = nodeOf(given);
    if (node.pivot !== undefined && node.pivot !== nested?.path) {
      throw new SqonError(`pivot: ${node.pivot} is no nested field of ${index.name}.`);
    }
    if (!GROUPS.has(node.op)) return leaf(leafOf(node, fields));
    const content = contentOf(node);
    if (content.length === 0) return every(all, []);
    const inside = node.pivot === undefined ? [] : content.filter((part) => isInside(part, node.pivot!));
    const outside = content.filter((part) => !inside.includes(part)).map(visit);
    const objects = inside.map(visitObject);
    if (node.op === "or") return either(all, [...outside, ...lift(objects, either)]);
    if (node.op === "and") return every(all, [...outside, ...lift(objects, every)]);
    return none(all, [...outside, ...lift(objects, every)]);
  };

  /** The documents that hold objects of the joined sets; nothing where there are no sets. */
  const lift = (sets: readonly Bits[], join: (size: number, sets: readonly Bits[]) => Bits): readonly Bits[] =>
    nested === null || sets.length === 0 ? [] : [nested.holders(join(nested.objects.size, sets))];

  const visitObject = (given: unknown): Bits => {
    const node = nodeOf(given);
    const { size } = nested!.objects;
    if (!GROUPS.has(node.op)) return rows(nested!.objects, leafOf(node, fields));
    const content = contentOf(node).map(visitObject);
    if (content.length === 0) return every(size, []);
    if (node.op === "or") return either(size, content);
    return node.op === "and" ? every(size, content) : none(size, content);
  };

  /** A condition on a nested field holds where it does for some object; `some-not-in` where `in` does for none. */
  const leaf = (condition: Leaf): Bits => {
    const { op, fields: names, value } = condition;
    const [name] = names;
    if (nested === null || name === undefined || !isWithin(nested.path, name)) return rows(documents, condition);
    if (op === "some-not-in") return none(all, [leaf({ ...condition, op: "in" })]);
    if (op === "all")
      return every(
        all,
        listOf(value).map((one) => leaf({ op: "in", fields: names, value: [one] })),
      );
    return nested.holders(rows(nested.objects, condition));
  };

  const isInside = (given: unknown, pivot: string): boolean => {
    const node = nodeOf(given);
    if (GROUPS.has(node.op)) return contentOf(node).every((part) => isInside(part, pivot));
    return leafOf(node, fields).fields.every((field) => isWithin(pivot, field));
  };

  return visit(sqon);
};

/** The rows of one table that meet a condition. */
const rows = (table: Table, { op, fields, value }: Leaf): Bits => {
  const [field = ""] = fields;
  const among = (values: readonly unknown[]): Bits => {
    const missing = values.includes(MISSING) ? [lacking(table, field)] : [];
    const wanted = values.filter((one) => one !== MISSING);
    if (table.numbers(field) === undefined) {
      const texts = wanted.map(plainText);
      const stars = texts.filter((text) => text.includes("*")).map((text) => pattern(text, "u"));
      const like = stars.length === 0 ? [] : [holding(table, field, (text) => stars.some((star) => star(text)))];
      return either(table.size, [holdingOne(table, field, texts), ...like, ...missing]);
    }
    const numbers = new Set(wanted.map((one) => numberOf(field, one)));
    return either(table.size, [numbered(table, field, (number) => numbers.has(number)), ...missing]);
  };
  const bounds = (): readonly number[] => listOf(value).map((bound) => numberOf(field, bound));
  const compared = (passes: (number: number) => boolean): Bits => {
    if (table.numbers(field) === undefined) throw new SqonError(`${field}: ${op} needs a field of numbers.`);
    return numbered(table, field, passes);
  };
  switch (op) {
    case "in":
      return among(listOf(value));
    case "not-in":
    case "some-not-in":
      return none(table.size, [among(listOf(value))]);
    case "all":
      return every(
        table.size,
        listOf(value).map((one) => among([one])),
      );
    case "wildcard": {
      const number = fields.find((name) => table.numbers(name) !== undefined);
      if (number !== undefined) throw new SqonError(`${number}: wildcard needs a field of texts.`);
      const pass = pattern(String(value), "iu");
      return either(
        table.size,
        fields.map((name) => holding(table, name, pass)),
      );
    }
    case "between": {
      const [least, most] = [Math.min(...bounds()), Math.max(...bounds())];
      return compared((number) => number >= least && number <= most);
    }
    case "gt":
      return compared((number) => number > Math.max(...bounds()));
    case "gte":
      return compared((number) => number >= Math.max(...bounds()));
    case "lt":
      return compared((number) => number < Math.min(...bounds()));
    default:
      return compared((number) => number <= Math.min(...bounds()));
  }
};

const nodeOf = (given: unknown): Node => {
  const { op, content, pivot } = objectOf(given, "a SQON");
  if (typeof op !== "string") throw new SqonError("A SQON has an op.");
  if (pivot !== undefined && pivot !== null && typeof pivot !== "string") throw new SqonError("pivot is a text.");
  return { op: Object.hasOwn(ALIASES, op) ? ALIASES[op]! : op, content, pivot: pivot ?? undefined };
};

const contentOf = ({ op, content }: Node): readonly unknown[] => {
  if (Array.isArray(content)) return content;
  throw new SqonError(`${op}: content is a list.`);
};

/** Operator -> the fewest values that it takes. */
const LEAVES: Readonly<Record<string, number>> = {
  in: 0,
  "not-in": 0,
  "some-not-in": 0,
  all: 1,
  gt: 1,
  gte: 1,
  lt: 1,
  lte: 1,
  between: 2,
  wildcard: 1,
};

const leafOf = ({ op, content }: Node, known: SearchIndex["fields"]): Leaf => {
  if (!Object.hasOwn(LEAVES, op)) throw new SqonError(`${op} is no operator.`);
  const { fieldName, fieldNames, value } = objectOf(content, `${op}: content`);
  const fields = op === "wildcard" ? fieldNames : [fieldName];
  if (!Array.isArray(fields) || !fields.every((field) => typeof field === "string")) {
    throw new SqonError(`${op}: ${op === "wildcard" ? "fieldNames is a list of texts" : "fieldName is a text"}.`);
  }
  const unknown = fields.find((field) => !Object.hasOwn(known, field));
  if (unknown !== undefined) throw new SqonError(`${unknown} is no field.`);
  const values = listOf(value);
  if (value === undefined || values.length < LEAVES[op]!) throw new SqonError(`${op}: value is missing or too short.`);
  if (!values.every((one) => ["string", "number", "boolean"].includes(typeof one))) {
    throw new SqonError(`${op}: a value is a text, a number or a boolean.`);
  }
  return { op, fields, value };
};

const objectOf = (given: unknown, what: string): { readonly [key: string]: unknown } => {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Record<string, unknown>;
  throw new SqonError(`${what} is an object.`);
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const numberOf = (field: string, value: unknown): number => {
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (typeof value === "boolean" || Number.isNaN(number)) throw new SqonError(`${field}: a value is a number.`);
  return number;
};

const plainText = (value: unknown): string => {
  const text = String(value);
  if (text.startsWith("set_id:")) throw new SqonError("There are no saved sets here.");
  return text;
};

/** A text with stars stands for every text like it. */
const pattern = (wanted: string, flags: string): ((text: string) => boolean) => {
  const parts = wanted.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`, `${flags}s`);
  return (text) => expression.test(text);
};
