import type { Test, Unit } from "../../adapters/local.ts";
import { FIELDS, type FieldName } from "../../schema/fields.ts";
import type { Book, Literal, Polynomial, Product } from "./book.ts";
import {
  alternatives,
  type Condition,
  conjunction,
  donorCondition,
  excludeEachOther,
  existsCondition,
  isUnsayable,
  keyOfCondition,
  MAX_TERMS,
  ownCondition,
  SURE_DONOR,
  sampleAlternatives,
  sayAll,
  soleValueOf,
  type Unsayable,
  unsayable,
} from "./conjunction.ts";
import type { Formula } from "./formula.ts";
import type { Term } from "./tree.ts";

/**
 * A formula as a signed sum of conjunctions, for a local API that knows AND only: the indicator of `not a` is 1 - a, of
 * `a and b` is ab, of `a or b` is 1 - (1 - a)(1 - b), and aa = a (inclusion and exclusion). It cannot be said where one of
 * its terms cannot, or where it has more than MAX_TERMS.
 */
export const signedSum = (formula: Formula, unit: Unit, book: Book): readonly Term[] | Unsayable => {
  const polynomial = expand(formula, book);
  if (isUnsayable(polynomial)) return polynomial;
  const { sums } = book.ofUnit[unit];
  const known = sums.get(polynomial) ?? termsOf(polynomial, unit, book);
  sums.set(polynomial, known);
  return known;
};

const termsOf = (polynomial: Polynomial, unit: Unit, book: Book): readonly Term[] | Unsayable => {
  const products = [...polynomial.values()].filter(({ times }) => times !== 0);
  if (products.length > MAX_TERMS) return unsayable("LOGIC_LIMIT");
  const { questions } = book.ofUnit[unit];
  return sayAll(products, ({ times, ids, key }) => {
    const conditions = ids.map((id) => book.literals[id]!.condition);
    const question = questions.get(key) ?? conjunction(conditions, unit, book.capabilities);
    questions.set(key, question);
    return isUnsayable(question) ? question : { times, question };
  });
};

const ONE: Polynomial = new Map([["", { times: 1, ids: [], key: "" }]]);

const expand = (formula: Formula, book: Book): Polynomial | Unsayable => {
  const known = book.expanded.get(formula) ?? expanded(formula, book);
  book.expanded.set(formula, known);
  return known;
};

const expanded = (formula: Formula, book: Book): Polynomial | Unsayable => {
  switch (formula.op) {
    case "all":
    case "any": {
      const parts = sayAll(formula.of, (part) => expand(part, book));
      if (isUnsayable(parts)) return parts;
      return formula.op === "all" ? every(parts, book) : either(parts, book);
    }
    case "not": {
      const part = expand(formula.of, book);
      return isUnsayable(part) ? part : oneMinus(part);
    }
    case "has":
      return tested(formula, (test) => donorCondition(formula.field, test), book);
    case "sure":
      return single(SURE_DONOR, book);
    case "own": {
      const { of } = formula;
      if (of.op === "sure") return single(ownCondition(of), book);
      return tested(of, (test) => ownCondition({ ...of, test }), book);
    }
    case "sample": {
      const samples = sampleAlternatives(formula.of, book);
      if (isUnsayable(samples)) return samples;
      return either(
        samples.map((conditions) => single(existsCondition(conditions), book)),
        book,
      );
    }
  }
};

/** A test as the filters of which one has to pass. */
const tested = (
  { field, test }: { readonly field: FieldName; readonly test: Test },
  conditionOf: (filter: Test) => Condition,
  book: Book,
): Polynomial | Unsayable => {
  const filters = alternatives(field, test, book);
  if (isUnsayable(filters)) return filters;
  const parts = filters.map((filter) => single(conditionOf(filter), book));
  // mutant: alternatives
  // Values of a field that holds one value exclude each other, so their indicators simply add up.
  return FIELDS[field].many ? either(parts, book) : sum(parts);
};

const single = (condition: Condition, { literals, places, singles }: Book): Polynomial => {
  const key = keyOfCondition(condition);
  const before = places.get(key);
  if (before !== undefined) return singles[before]!;
  const id = literals.push({ condition, soleValueOf: soleValueOf(condition) }) - 1;
  places.set(key, id);
  const product = { times: 1, ids: [id], key: String(id) };
  const polynomial = new Map([[product.key, product]]);
  singles.push(polynomial);
  return polynomial;
};

const every = (parts: readonly Polynomial[], book: Book): Polynomial | Unsayable => {
  const [first = ONE, ...others] = inBestOrder(parts);
  let product = first;
  for (const part of others) {
    const next = productOf(product, part, book);
    if (isUnsayable(next)) return next;
    product = next;
  }
  return product;
};

/**
 * Conjunctions last, and of these the newest last: it is what differs from the cell before. A factor of one product makes no
 * more products of others, so that this changes nothing but where a limit might be met on the way.
 */
const inBestOrder = (parts: readonly Polynomial[]): readonly Polynomial[] => {
  if (parts.length < 3) return parts;
  const sums = parts.filter(({ size }) => size !== 1);
  if (sums.reduce((sizes, { size }) => sizes * size, 1) > MOST_PRODUCTS) return parts;
  const newest = (part: Polynomial): number => {
    const [product] = part.values();
    return product?.ids.at(-1) ?? -1;
  };
  return [...sums, ...parts.filter(({ size }) => size === 1).sort((a, b) => newest(a) - newest(b))];
};

/** So many products on the way to MAX_TERMS at most. */
const MOST_PRODUCTS = 4 * MAX_TERMS;

const either = (parts: readonly Polynomial[], book: Book): Polynomial | Unsayable => {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const none = every(parts.map(oneMinus), book);
  return isUnsayable(none) ? none : oneMinus(none);
};

const sum = (parts: readonly Polynomial[]): Polynomial => {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const found = new Map<string, Product>();
  for (const part of parts) for (const product of part.values()) addTo(found, product, product.times);
  return found;
};

const oneMinus = (a: Polynomial): Polynomial => {
  const found = new Map<string, Product>(ONE);
  for (const product of a.values()) addTo(found, product, -product.times);
  return found;
};

const addTo = (products: Map<string, Product>, { ids, key }: Pick<Product, "ids" | "key">, times: number): void => {
  products.set(key, { ids, key, times: times + (products.get(key)?.times ?? 0) });
};

const productOf = (a: Polynomial, b: Polynomial, { multiplied, literals }: Book): Polynomial | Unsayable => {
  const ofA = multiplied.get(a) ?? new WeakMap<Polynomial, Polynomial | Unsayable>();
  multiplied.set(a, ofA);
  const known = ofA.get(b) ?? multiply(a, b, literals);
  ofA.set(b, known);
  return known;
};

const multiply = (a: Polynomial, b: Polynomial, literals: readonly Literal[]): Polynomial | Unsayable => {
  const product = new Map<string, Product>();
  for (const left of a.values()) {
    for (const right of b.values()) {
      if (left.times === 0 || right.times === 0) continue;
      const both = union(left, right);
      if (excluded(both.ids, literals)) continue;
      addTo(product, both, left.times * right.times);
      if (product.size > MOST_PRODUCTS) return unsayable("LOGIC_LIMIT");
    }
  }
  return product;
};

const union = (a: Product, b: Product): Pick<Product, "ids" | "key"> => {
  if (a.ids.length === 0 || a.key === b.key) return b;
  if (b.ids.length === 0) return a;
  const ids = [...new Set([...a.ids, ...b.ids])].sort((x, y) => x - y);
  return { ids, key: ids.join() };
};

/** Whether two of these literals never hold at once. */
const excluded = (ids: readonly number[], literals: readonly Literal[]): boolean => {
  return excludeEachOther(ids.flatMap((id) => literals[id]!.soleValueOf ?? []));
};
