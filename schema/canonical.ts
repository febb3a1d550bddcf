import { hash } from "node:crypto";
import { uncovered } from "./codes/uncovered.ts";
import { FIELD_NAMES, FIELDS, type FieldName } from "./fields.ts";
import type {
  CriterionAt,
  DonorCriterion,
  Expr,
  SampleCriterion,
  SampleTest,
  UnknownAt,
  UnknownPart,
} from "./question.ts";
import type { Where } from "./wire/question.ts";

/** A question in its one canonical form: the tree, the same as `where`, and its criteria with their paths into it. */
export type Canonical<Unknown = never> = {
  readonly expr: Expr<Unknown>;
  readonly where: Where;
  readonly criteria: readonly (CriterionAt | (Unknown extends UnknownPart ? UnknownAt : never))[];
};

/** The tree of a question that may have parts of a newer version: they stay as they came. */
type AnyExpr = Expr<UnknownPart>;
type AnyCriterionAt = CriterionAt | UnknownAt;

/**
 * Gives equivalent spellings the same form: order, duplicates, double negation, nested `all` and `any`, lists of one
 * field under `any`, and a code beside one that covers it. Never drops a `sample` criterion that the selector needs.
 */
export const canonical = ((expr: AnyExpr): Canonical<UnknownPart> => {
  const form = canonicalExpr(expr);
  return { expr: form, where: toWhere(form), criteria: criteriaOf(form) };
}) as { (expr: Expr): Canonical; (expr: AnyExpr): Canonical<UnknownPart> };

/** SHA-256 in hex, cut to 32 characters, of plain JSON whose keys already stand in their canonical order. */
export const questionHash = (json: unknown): string => hash("sha256", JSON.stringify(json), "hex").slice(0, 32);

const canonicalExpr = (expr: AnyExpr): AnyExpr => {
  switch (expr.op) {
    case "unknown":
      return expr;
    case "donor":
      return { ...expr, values: canonicalValues(expr) };
    case "sample":
      return { op: "sample", tests: [...expr.tests].map(canonicalTest).sort(byField) };
    case "not": {
      const of = canonicalExpr(expr.of);
      return of.op === "not" ? of.of : { op: "not", of };
    }
    case "all":
    case "any": {
      const flat = expr.of.map(canonicalExpr).flatMap((child) => (child.op === expr.op ? child.of : [child]));
      // mutant: merged-lists
      const merged = expr.op === "any" ? mergeLists(flat) : flat;
      const unique = [...new Map(merged.map((child) => [key(child), child])).entries()];
      unique.sort(([a], [b]) => (a < b ? -1 : 1));
      const of = unique.map(([, child]) => child);
      return of.length === 1 && of[0] !== undefined ? of[0] : { op: expr.op, of };
    }
  }
};

/** The JSON of a canonical tree's `where`, written once for each node. */
const key = (expr: AnyExpr): string => {
  const known = keys.get(expr);
  if (known !== undefined) return known;
  const written = keyOf(expr);
  keys.set(expr, written);
  return written;
};
const keys = new WeakMap<AnyExpr, string>();
const keyOf = (expr: AnyExpr): string => {
  if (expr.op === "not") return `{"not":${key(expr.of)}}`;
  const isGroup = expr.op === "any" || (expr.op === "all" && expr.of.length > 0);
  return isGroup ? `{"${expr.op}":[${expr.of.map(key).join()}]}` : JSON.stringify(toWhere(expr));
};

const sorted = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();
type AnyTest = SampleTest | UnknownPart;
const byField = (a: AnyTest, b: AnyTest): number => rank(a) - rank(b);
const rank = (test: AnyTest): number => ("field" in test ? FIELD_NAMES.indexOf(test.field) : -1);
const canonicalTest = <T extends AnyTest>(test: T): T =>
  "values" in test ? { ...test, values: sorted(test.values) } : test;

/** Drops codes that another one of the list covers in its own system: a cross-reference absorbs nothing. */
const canonicalValues = ({ field, values, descendants }: DonorCriterion): readonly string[] => {
  const unique = sorted(values);
  return field === "DISEASE" && descendants ? uncovered(unique) : unique;
};

/** Under `any`, the alternatives of one field are one list; so are samples that are only asked for one list. */
const mergeLists = (children: readonly AnyExpr[]): readonly AnyExpr[] => {
  const slots = new Map<string, [AnyExpr, ...AnyExpr[]]>();
  for (const child of children) {
    const slot = slotOf(child);
    const same = slots.get(slot);
    if (same === undefined) slots.set(slot, [child]);
    else same.push(child);
  }
  return [...slots.values()].map(united);
};

const slotOf = (child: AnyExpr): string => {
  if (child.op === "donor") return `${child.field} ${child.descendants}`;
  const list = soleList(child);
  return list === null ? key(child) : `sample ${list.field}`;
};

/** The one list that a sample is asked for; null where it is asked for more, or for less. */
const soleList = (child: AnyExpr): Extract<SampleTest, { readonly values: unknown }> | null => {
  const only = child.op === "sample" && child.tests.length === 1 ? child.tests[0] : undefined;
  return only !== undefined && "values" in only ? only : null;
};

/** The children of one slot as one: their lists together, or any of them where they are equal. */
const united = ([first, ...others]: readonly [AnyExpr, ...AnyExpr[]]): AnyExpr => {
  if (others.length === 0) return first;
  const valuesOf = (child: AnyExpr): readonly string[] =>
    child.op === "donor" ? child.values : (soleList(child)?.values ?? []);
  const values = [first, ...others].flatMap(valuesOf);
  if (first.op === "donor") return canonicalExpr({ ...first, values });
  const list = soleList(first);
  return list === null ? first : { op: "sample", tests: [canonicalTest({ ...list, values })] };
};

/** The tree as a `Where`: one key per object, so that every criterion has one path. */
const toWhere = (expr: AnyExpr): Where => {
  switch (expr.op) {
    case "all":
      return expr.of.length === 0 ? {} : { all: expr.of.map(toWhere) };
    case "any":
      return { any: expr.of.map(toWhere) };
    case "not":
      return { not: toWhere(expr.of) };
    case "donor":
      return { [nameOf(expr)]: donorJson(expr) };
    case "sample":
      return { sample: sampleJson(expr) };
    case "unknown":
      return { [expr.key]: expr.json };
  }
};

const donorJson = ({ field, values, descendants }: DonorCriterion): unknown =>
  field === "DISEASE" ? { codes: values, ...(descendants ? {} : { descendants }) } : values;

const sampleJson = ({ tests }: SampleCriterion<UnknownPart>): Where =>
  Object.fromEntries(tests.map((test) => [nameOf(test), testJson(test)]));

const nameOf = (part: DonorCriterion | AnyTest): string => ("field" in part ? FIELDS[part.field].key : part.key);

const testJson = (test: AnyTest): unknown => {
  if ("json" in test) return test.json;
  if ("values" in test) return test.values;
  return { ...(test.from === null ? {} : { from: test.from }), ...(test.to === null ? {} : { to: test.to }) };
};

/** The criteria of a tree with their places, as they stand in the `where` that it was read from. */
export const criteriaOf = ((expr: AnyExpr, at = ""): readonly AnyCriterionAt[] => {
  const dot = at === "" ? "" : `${at}.`;
  switch (expr.op) {
    case "all":
    case "any":
      return expr.of.flatMap((child, i) => criteriaOf(child, `${dot}${expr.op}[${i}]`));
    case "not":
      return criteriaOf(expr.of, `${dot}not`);
    case "sample":
      return expr.tests.map((test) => criterionAt(`${dot}sample.`, test));
    default:
      return [criterionAt(dot, expr)];
  }
}) as { (expr: Expr, at?: string): readonly CriterionAt[]; (expr: AnyExpr, at?: string): readonly AnyCriterionAt[] };

const criterionAt = (before: string, part: DonorCriterion | AnyTest): AnyCriterionAt => {
  const path = `${before}${nameOf(part)}`;
  return "field" in part
    ? { path, field: part.field, criterion: part }
    : { path, field: fieldOf(part.key), criterion: part };
};

const fieldOf = (key: string): FieldName | null => FIELD_NAMES.find((field) => FIELDS[field].key === key) ?? null;
