import { GraphQLError } from "graphql";

/** A query as the search engine evaluates it: a leaf, a Boolean combination, or a condition on nested objects. */
export type Query =
  | { readonly op: "terms"; readonly field: string; readonly values: readonly unknown[] }
  | { readonly op: "range"; readonly field: string; readonly bounds: Bounds }
  | { readonly op: "exists"; readonly field: string }
  /** `folded`: without regard to case. */
  | { readonly op: "like"; readonly field: string; readonly pattern: RegExp }
  | { readonly op: "all" | "any" | "none"; readonly of: readonly Query[] }
  | { readonly op: "nested"; readonly path: string; readonly of: readonly Query[] };

export type Bounds = { readonly [K in "gt" | "gte" | "lt" | "lte"]?: unknown };

/** A search that fails. Arranger names no fault of a search: all of them are its own. */
export class SqonError extends GraphQLError {
  constructor(message: string) {
    super(message, { extensions: { code: "INTERNAL_SERVER_ERROR" } });
  }
}

type Node = { readonly op: string; readonly content: unknown; readonly pivot?: string | undefined };
type Condition = { readonly field: string; readonly values: readonly unknown[] };

const GROUPS: Readonly<Record<string, "all" | "any" | "none">> = { and: "all", or: "any", not: "none" };
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
};
const MISSING = "__missing__";
const SPECIAL = ["*", "set_id:", MISSING];

/**
 * The query that Arranger makes of a SQON, as it was seen to in 2.19 and 3.0:
 * - a group within one of the same operator, and without a pivot of its own, becomes a part of it: a `not` in a `not` is one.
 * - special values among others are split off, and the parts joined by "or", also where the operator negates.
 * - a condition on a nested field holds where it does for some object, and `not-in` too.
 * - a pivot joins the conditions of its own group that lie below it, and is compared with the outermost nested field only.
 * @param nested paths of nested fields @throws {SqonError}
 */
export const queryOf = (sqon: unknown, nested: readonly string[]): Query => compiled(normalised(nodeOf(sqon)), nested);

const nodeOf = (given: unknown): Node => {
  const node = (given ?? {}) as { op?: unknown; content?: unknown; pivot?: unknown };
  if (typeof node.op !== "string") throw new SqonError('Must specify "op" in filters');
  if (!node.content) throw new SqonError('Must specify "content" in filters');
  const pivot = typeof node.pivot === "string" ? node.pivot : undefined;
  return { op: ALIASES[node.op] ?? node.op, content: node.content, pivot };
};

const normalised = (node: Node): Node => {
  if (Object.hasOwn(GROUPS, node.op)) return flattened(node);
  if (node.op !== "in" && node.op !== "not-in") return node;
  const { field, values } = conditionOf(node);
  const special = values.filter(isSpecial);
  if (special.length === 0 || values.length === 1) return node;
  const plain = values.filter((value) => !isSpecial(value));
  const parts = [...(plain.length > 0 ? [plain] : []), ...special.map((value) => [value])];
  const content = parts.map((value) => ({ ...node, content: { fieldName: field, value } }));
  return flattened({ op: "or", content });
};

const flattened = ({ op, content, pivot }: Node): Node => {
  if (!Array.isArray(content)) throw new SqonError("content.map is not a function");
  const parts = content.map((part) => normalised(nodeOf(part)));
  const joined = parts.flatMap((part) => {
    const isSame = part.op === op && (part.pivot === pivot || part.pivot === undefined);
    return isSame ? (part.content as readonly Node[]) : [part];
  });
  return { op, content: joined, pivot };
};

const isSpecial = (value: unknown): boolean => SPECIAL.some((special) => String(value).includes(special));

const conditionOf = ({ content }: Node): Condition => {
  const { fieldName, value } = content as { fieldName?: unknown; value?: unknown };
  if (typeof fieldName !== "string") throw new SqonError("Cannot read properties of undefined (reading 'split')");
  return { field: fieldName, values: Array.isArray(value) ? value : [value] };
};

const compiled = (node: Node, nested: readonly string[]): Query => {
  const { op, pivot } = node;
  if (pivot !== undefined && pivot !== "." && !nested.includes(pivot)) {
    throw new SqonError(`Invalid pivot field "${pivot}", not a nested field`);
  }
  const group = GROUPS[op];
  if (group !== undefined)
    return grouped(
      group,
      (node.content as readonly Node[]).map((part) => compiled(part, nested)),
      pivot,
    );
  if (op === "filter") return wildcard(node, nested);
  const { field, values } = conditionOf(node);
  const around = (query: Query): Query => wrapped(query, field, nested);
  const [first] = values;
  switch (op) {
    case "in":
    case "not-in":
    case "some-not-in": {
      const leaf = leafOf(field, values);
      // Of "no value" the engine knows the opposite, which `some-not-in` is taken for, too.
      if (String(first).includes(MISSING)) return around(op === "in" ? { op: "none", of: [leaf] } : leaf);
      const found = around(op === "not-in" ? { op: "none", of: [leaf] } : leaf);
      return op === "some-not-in" ? { op: "none", of: [found] } : found;
    }
    case "all": {
      const one = (value: unknown): Node => ({ op: "in", content: { fieldName: field, value: [value] } });
      return grouped(
        "all",
        values.map((value) => compiled(one(value), nested)),
        pivot ?? ".",
      );
    }
    case "gt":
    case "gte":
    case "lt":
    case "lte":
      return around({ op: "range", field, bounds: { [op]: timed(extreme(values, op.startsWith("g"))) } });
    case "between":
      return around({ op: "range", field, bounds: { gte: extreme(values, false), lte: extreme(values, true) } });
    default:
      throw new SqonError("unknown op");
  }
};

const leafOf = (field: string, values: readonly unknown[]): Query => {
  const first = String(values[0]);
  if (first.includes("set_id:")) throw new SqonError("index_not_found_exception");
  if (first.includes(MISSING)) return { op: "exists", field };
  if (first.includes("*")) return { op: "like", field, pattern: patternOf(first, "") };
  return { op: "terms", field, values: values.map((value) => value || "") };
};

/** The greatest or the least of several bounds. */
const extreme = (values: readonly unknown[], greatest: boolean): unknown =>
  values.reduce((a, b) => ((b as number) > (a as number) === greatest ? b : a));

/** Arranger adds a time to a day where it is compared by one end, which most formats of dates refuse. */
const timed = (bound: unknown): unknown =>
  /^\d{4}-\d\d-\d\d$/.test(String(bound)) ? `${bound} 00:00:00.000000` : bound;

/** Several fields at once, without regard to case; `?` is one character. */
const wildcard = ({ content }: Node, nested: readonly string[]): Query => {
  const { fieldNames, value } = content as { fieldNames?: readonly string[]; value?: unknown };
  if (!Array.isArray(fieldNames)) throw new SqonError("Cannot read properties of undefined (reading 'reduce')");
  const pattern = patternOf(String(value), "iu");
  return { op: "any", of: fieldNames.map((field) => wrapped({ op: "like", field, pattern }, field, nested)) };
};

const patternOf = (wanted: string, flags: string): RegExp => {
  const text = wanted
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${text}$`, `${flags}s`);
};

/** A query within the nested fields on the way to a field, the outermost one outside. */
const wrapped = (query: Query, field: string, nested: readonly string[]): Query => {
  const around = nested.filter((path) => field.startsWith(`${path}.`)).sort((a, b) => b.length - a.length);
  return around.reduce<Query>((inner, path) => ({ op: "nested", path, of: [inner] }), query);
};

const grouped = (group: "all" | "any" | "none", parts: readonly Query[], pivot: string | undefined): Query => {
  const isPivoted = parts[0]?.op === "nested" && parts.some((part) => part.op === "nested" && part.path === pivot);
  return { op: group, of: isPivoted && group !== "any" ? joined(parts) : parts };
};

/** Conditions on objects of the same nested field are met by one object, and those nested in it by one of its own. */
const joined = (parts: readonly Query[]): readonly Query[] => {
  const kept: Query[] = [];
  for (const part of parts) {
    const at = part.op !== "nested" ? -1 : kept.findIndex((one) => one.op === "nested" && one.path === part.path);
    const before = kept[at];
    if (before?.op !== "nested" || part.op !== "nested") kept.push(part);
    else kept[at] = { ...before, of: joined([...before.of, ...part.of]) };
  }
  return kept;
};
