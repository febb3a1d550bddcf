import { hash } from "node:crypto";
import {
  type CodeTest,
  isRange,
  type LocalFacet,
  type LocalPredicate,
  type LocalSelector,
  type Test,
} from "../../adapters/local.ts";

/**
 * Builders of local predicates in one normal form: no constants inside, no nesting of the same operator, no duplicates,
 * a fixed order. Two predicates that were built from equal parts are equal as JSON, which is how they are compared.
 */
type Tree<Leaf> =
  | Leaf
  | { readonly op: "all" | "any"; readonly of: readonly Tree<Leaf>[] }
  | { readonly op: "not"; readonly of: Tree<Leaf> };

const isNode = (tree: { readonly op: string }): tree is { op: "all" | "any"; of: readonly { op: string }[] } =>
  tree.op === "all" || tree.op === "any";

export const isTrue = (tree: { readonly op: string }): boolean =>
  tree.op === "all" && isNode(tree) && tree.of.length === 0;
export const isFalse = (tree: { readonly op: string }): boolean =>
  tree.op === "any" && isNode(tree) && tree.of.length === 0;

/**
 * The JSON of a predicate, a selector, a test, a breakdown or of anything that is never changed, or a digest of it where that is
 * long: equal for equal ones. It is made once for each object.
 */
export const keyOf = (tree: object): string => {
  const known = keys.get(tree);
  if (known !== undefined) return known;
  const key = newKey(tree);
  keys.set(tree, key);
  return key;
};
const keys = new WeakMap<object, string>();

const newKey = (tree: object): string => {
  if (Array.isArray(tree)) return keyOfList(tree);
  if ("op" in tree && "of" in tree) return keyOfNode(tree as Node);
  return short("cells" in tree ? keyOfFacet(tree as LocalFacet) : JSON.stringify(tree));
};

type Node = { readonly op: string; readonly of: object | readonly object[] };
const keyOfNode = ({ op, of }: Node): string => `{"op":"${op}","of":${Array.isArray(of) ? keyOfList(of) : keyOf(of)}}`;
const keyOfFacet = ({ field, cells }: LocalFacet): string => `{"field":"${field}","cells":${keyOfList(cells)}}`;
const keyOfList = (list: readonly object[]): string => `[${list.map(keyOf).join()}]`;

/** A list may have thousands of codes, and is part of the keys of all that it stands in. */
const short = (json: string): string =>
  json.length <= LONGEST_KEY ? json : `${json.slice(0, 64)}#${hash("sha256", json, "base64")}`;
const LONGEST_KEY = 256;

const combine =
  (op: "all" | "any") =>
  <Leaf extends { readonly op: string }>(parts: readonly Tree<Leaf>[]): Tree<Leaf> => {
    const decides = op === "all" ? isFalse : isTrue;
    const flat = parts.some((part) => part.op === op)
      ? parts.flatMap((part) => (part.op === op && isNode(part) ? (part.of as readonly Tree<Leaf>[]) : [part]))
      : parts;
    const deciding = flat.find(decides);
    if (deciding !== undefined) return deciding;
    const of = flat.length < 2 ? flat : inOrder(flat);
    return of.length === 1 && of[0] !== undefined ? of[0] : { op, of };
  };

/** Each part once, by their keys. Most lists are one that is in order already, and one or two parts more. */
const inOrder = <Part extends object>(parts: readonly Part[]): readonly Part[] => {
  let ordered = 1;
  while (ordered < parts.length && keyOf(parts[ordered - 1]!) < keyOf(parts[ordered]!)) ordered += 1;
  if (ordered === parts.length) return parts;
  if (parts.length - ordered > MOST_INSERTED) {
    const unique = [...new Map(parts.map((part) => [keyOf(part), part])).entries()];
    return unique.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
  }
  const list = parts.slice(0, ordered);
  for (const part of parts.slice(ordered)) insert(list, part);
  return list;
};
const MOST_INSERTED = 4;

/** Puts a part into a list that is in order, unless it is there. */
const insert = <Part extends object>(list: Part[], part: Part): void => {
  const key = keyOf(part);
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyOf(list[middle]!) < key) low = middle + 1;
    else high = middle;
  }
  if (low === list.length || keyOf(list[low]!) !== key) list.splice(low, 0, part);
};

const negate = <Leaf extends { readonly op: string }>(tree: Tree<Leaf>): Tree<Leaf> => {
  if (isTrue(tree)) return { op: "any", of: [] };
  if (isFalse(tree)) return { op: "all", of: [] };
  return tree.op === "not" && "of" in tree && !Array.isArray(tree.of)
    ? (tree.of as Tree<Leaf>)
    : { op: "not", of: tree };
};

export const EVERY_DONOR: LocalPredicate = { op: "all", of: [] };
export const NO_DONOR: LocalPredicate = { op: "any", of: [] };
export const EVERY_SAMPLE: LocalSelector = { op: "all", of: [] };
export const NO_SAMPLE: LocalSelector = { op: "any", of: [] };
/** Donors, or samples, that surely count: see Capabilities.doubtfulDonors. */
export const SURE = { op: "sure" } as const;

type Combine = {
  (parts: readonly LocalSelector[]): LocalSelector;
  (parts: readonly LocalPredicate[]): LocalPredicate;
};
export const allOf = combine("all") as Combine;
export const anyOf = combine("any") as Combine;
export const notOf = negate as { (tree: LocalSelector): LocalSelector; (tree: LocalPredicate): LocalPredicate };

/** The donor has a sample that the selector selects. */
export const hasSample = (selector: LocalSelector): LocalPredicate =>
  isFalse(selector) ? NO_DONOR : { op: "sample", of: selector };

export const NO_VALUE: CodeTest = { codes: [], negate: false, missing: false };
/** Passes for every donor or sample, whatever is recorded. */
export const ANY_VALUE: CodeTest = { codes: [], negate: true, missing: true };
/** Passes where nothing is recorded. */
export const MISSING: CodeTest = { codes: [], negate: false, missing: true };

/** What makes a test pass for all that may pass. */
export const DOUBT = { doubt: true } as const;

export const isNever = (test: Test): boolean =>
  isRange(test)
    ? !test.missing && test.from !== null && test.to !== null && test.from > test.to
    : !test.negate && !test.missing && test.codes.length === 0;
export const isAlways = (test: Test): boolean =>
  isRange(test)
    ? test.missing && test.from === null && test.to === null
    : test.negate && test.missing && test.codes.length === 0;
