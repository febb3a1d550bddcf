import type { FieldName } from "../../schema/fields.ts";
import { type Condition, implies } from "../kit/conjunction.ts";
import { Unsupported } from "../kit/unsupported.ts";
import type { LocalPredicate, LocalQuestion, LocalSelector } from "../local.ts";
import type { Catalogue, Column, Columns } from "./columns.ts";
import { type Alternatives, type Leaf, oneValue, opposites, type Sqon, severalValues } from "./leaves.ts";
import type { Spelling } from "./options.ts";

/** The text of a filter, with the name of a field where this server wants it. */
export const filterText = (filter: Sqon | true, spelling: Spelling): string => {
  const said = filter === true ? EVERY : filter;
  // A replacer is called for each code.
  return spelling === "field" ? JSON.stringify(said, withField) : JSON.stringify(said);
};

const withField = (key: string, value: unknown): unknown => {
  if (key !== "content" || typeof value !== "object" || value === null || !("fieldName" in value)) return value;
  const { fieldName: field, ...rest } = value;
  return { field, ...rest };
};
const EVERY: Sqon = { op: "and", content: [] };

/** A filter; true where every document passes, false where none does: SQON has no safe word for either inside a group. */
export type Filter = Sqon | boolean;

/** At most so many alternatives for one sample; a selector that needs more is refused. */
const MOST_ALTERNATIVES = 64;

/** Says a question's donors as a filter on documents of donors. @throws {Unsupported} */
export const donorFilter = ({ donors }: LocalQuestion, catalogue: Catalogue): Filter =>
  tree<LocalPredicate>(donors, (leaf) =>
    leaf.op === "sample" ? heldSample(leaf.of, catalogue) : leaf.op === "sure" || tested(catalogue.donors, leaf),
  );

/** Says a question's samples, of its donors, as a filter on documents of samples. @throws {Unsupported} */
export const sampleFilter = ({ donors, samples }: LocalQuestion, { samples: columns }: Catalogue): Filter => {
  const own = tree<LocalSelector>(samples, (leaf) => leaf.op === "sure" || tested(columns, leaf));
  const ofDonor = tree<LocalPredicate>(donors, (leaf) => {
    if (leaf.op !== "sample") return leaf.op === "sure" || tested(columns, leaf);
    // The donor of a sample that is selected has one.
    if (implies(samples, leaf.of)) return true;
    throw new Unsupported("wanted conditions on the samples counted, got one on other samples of their donors");
  });
  return allOf([own, ofDonor]);
};

/**
 * A donor with at least one sample that the selector selects: alternatives, each one nested object that meets several
 * conditions. Groups inside a pivot are not relied on.
 */
const heldSample = (selector: LocalSelector, { donors, nested, pivot }: Catalogue): Filter => {
  if (nested === undefined) throw new Unsupported("wanted conditions on donors, got one on a sample of theirs");
  const alternatives = normal(selector, true, donors);
  if (alternatives.some((conditions) => conditions.length === 0)) return anySample(donors, nested);
  if (pivot === undefined && alternatives.some((conditions) => conditions.length > 1)) {
    throw new Unsupported("wanted one condition on a sample, got several: no pivot makes them hold for the same one");
  }
  return anyOf(alternatives.map((content) => oneSample(content, pivot)));
};

/** Conditions on one and the same sample. */
export const oneSample = (content: readonly Leaf[], pivot: string | undefined): Sqon =>
  pivot === undefined ? { op: "and", content } : { op: "and", pivot, content };

/** On a nested field, `not-in` nothing holds for documents with at least one nested object. */
export const anySample = (donors: Columns, nested: string): Sqon => {
  const inside = [...donors.values()].find(({ path }) => path.startsWith(`${nested}.`));
  if (inside === undefined) throw new Unsupported("wanted conditions on donors, got one on a sample of theirs");
  return anySampleAt(inside.path);
};

/** The same, by the path of a field of the samples. */
export const anySampleAt = (path: string): Sqon => ({ op: "not-in", content: { fieldName: path, value: [] } });

const normal = (selector: LocalSelector, positive: boolean, columns: Columns): Alternatives<Leaf> => {
  switch (selector.op) {
    case "has": {
      const column = columnOf(columns, selector.field);
      const tests = positive ? [selector.test] : opposites(selector.test);
      return tests.flatMap((test) => oneValue(column, test));
    }
    case "sure":
      return positive ? [[]] : [];
    case "not":
      return normal(selector.of, !positive, columns);
    case "all":
    case "any": {
      const parts = selector.of.map((part) => normal(part, positive, columns));
      if ((selector.op === "any") === positive) return limited(parts.flat());
      return parts.reduce<Alternatives<Leaf>>(
        (found, part) => limited(found.flatMap((left) => part.map((right) => [...left, ...right]))),
        [[]],
      );
    }
  }
};

const limited = (alternatives: Alternatives<Leaf>): Alternatives<Leaf> => {
  if (alternatives.length <= MOST_ALTERNATIVES) return alternatives;
  throw new Unsupported(`wanted at most ${MOST_ALTERNATIVES} alternatives for one sample, got more`);
};

const tested = (columns: Columns, { field, test }: Condition): Filter => {
  const column = columnOf(columns, field);
  return anyOf((column.many ? severalValues(column, test) : oneValue(column, test)).map(allOf));
};

const columnOf = (columns: Columns, field: FieldName): Column => {
  const column = columns.get(field);
  if (column === undefined) throw new Unsupported(`${field}: wanted a field of the catalogue's documents, got another`);
  return column;
};

type LeafOf<T extends { readonly op: string }> = Exclude<T, { readonly op: "all" | "any" | "not" }>;

/** Says the logic of a predicate or a selector, whose leaves `say` says. */
const tree = <T extends LocalPredicate | LocalSelector>(node: T, say: (leaf: LeafOf<T>) => Filter): Filter => {
  if (node.op === "not") return notOf(tree(node.of as T, say));
  if (node.op === "all" || node.op === "any") {
    const parts = (node.of as readonly T[]).map((part) => tree(part, say));
    return node.op === "all" ? allOf(parts) : anyOf(parts);
  }
  return say(node as LeafOf<T>);
};

/** Documents that pass all. */
export const allOf = (parts: readonly Filter[]): Filter => group("and", parts, false);
/** Documents that pass one at least. */
export const anyOf = (parts: readonly Filter[]): Filter => group("or", parts, true);

/** Documents that do not pass. Arranger reads a `not` in a `not` as one, so that none is ever sent. */
export const notOf = (part: Filter): Filter => {
  if (typeof part === "boolean") return !part;
  const [only] = part.op === "not" ? part.content : [];
  return only ?? { op: "not", content: [part] };
};

const group = (op: "and" | "or", parts: readonly Filter[], decides: boolean): Filter => {
  if (parts.includes(decides)) return decides;
  const content = parts.filter((part) => typeof part !== "boolean");
  const [first] = content;
  if (first === undefined) return !decides;
  return content.length === 1 ? first : { op, content };
};
