import { hash } from "node:crypto";
import { codeSystem, splitDisease } from "./codes/disease-code.ts";
import { icd10Span } from "./codes/icd10.ts";
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

const key = (expr: AnyExpr): string => JSON.stringify(toWhere(expr));
const sorted = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();
type AnyTest = SampleTest | UnknownPart;
const byField = (a: AnyTest, b: AnyTest): number => rank(a) - rank(b);
const rank = (test: AnyTest): number => ("field" in test ? FIELD_NAMES.indexOf(test.field) : -1);
const canonicalTest = <T extends AnyTest>(test: T): T =>
  "values" in test ? { ...test, values: sorted(test.values) } : test;

/** Drops codes that another one of the list covers in its own system: a cross-reference absorbs nothing. */
const canonicalValues = ({ field, values, descendants }: DonorCriterion): readonly string[] => {
  const unique = sorted(values);
  if (field !== "DISEASE" || !descendants || unique.length === 1) return unique;
  return unique.filter((value, i) => !unique.some((other, j) => i !== j && covers(other, value, j < i)));
};

/** Everything below `value` is below `other`; of two that are the same only the one that comes `first` covers the other. */
const covers = (other: string, value: string, first: boolean): boolean => {
  const [[system, code], [own, inner]] = [splitDisease(other), splitDisease(value)];
  if (system !== own) return false;
  if (system !== "ICD10") return codeSystem(system).graph()?.below(code).has(inner) ?? false;
  const [[s, e], [start, end]] = [icd10Span(code, true)[0]!, icd10Span(inner, true)[0]!];
  return s <= start && end <= e && (e - s > end - start || first);
};

/** Under `any`, the alternatives of one field are one list; so are samples that are only asked for one list. */
const mergeLists = (children: readonly AnyExpr[]): readonly AnyExpr[] => {
  const merged = new Map<string, AnyExpr>();
  for (const child of children) {
    const slot = slotOf(child);
    const before = merged.get(slot);
    merged.set(slot, before === undefined ? child : union(before, child));
  }
  return [...merged.values()];
};

const slotOf = (child: AnyExpr): string => {
  if (child.op === "donor") return `${child.field} ${child.descendants}`;
  const only = child.op === "sample" && child.tests.length === 1 ? child.tests[0] : undefined;
  return only !== undefined && "values" in only ? `sample ${only.field}` : key(child);
};

const union = (a: AnyExpr, b: AnyExpr): AnyExpr => {
  if (a.op === "donor" && b.op === "donor") return canonicalExpr({ ...a, values: [...a.values, ...b.values] });
  const [left, right] = [a, b].map((leaf) => (leaf.op === "sample" && leaf.tests.length === 1 ? leaf.tests[0] : null));
  if (!left || !right || !("values" in left) || !("values" in right)) return a;
  return { op: "sample", tests: [canonicalTest({ ...left, values: [...left.values, ...right.values] })] };
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
      return { [keyOf(expr)]: donorJson(expr) };
    case "sample":
      return { sample: sampleJson(expr) };
    case "unknown":
      return { [expr.key]: expr.json };
  }
};

const donorJson = ({ field, values, descendants }: DonorCriterion): unknown =>
  field === "DISEASE" ? { codes: values, ...(descendants ? {} : { descendants }) } : values;

const sampleJson = ({ tests }: SampleCriterion<UnknownPart>): Where =>
  Object.fromEntries(tests.map((test) => [keyOf(test), testJson(test)]));

const keyOf = (part: DonorCriterion | AnyTest): string => ("field" in part ? FIELDS[part.field].key : part.key);

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
  const path = `${before}${keyOf(part)}`;
  return "field" in part
    ? { path, field: part.field, criterion: part }
    : { path, field: fieldOf(part.key), criterion: part };
};

const fieldOf = (key: string): FieldName | null => FIELD_NAMES.find((field) => FIELDS[field].key === key) ?? null;
