import type { Capabilities, Unit } from "../../adapters/local.ts";
import { FIELDS, type FieldName } from "../../schema/fields.ts";
import {
  alternatives,
  type Condition,
  conjunction,
  isUnsayable,
  keyed,
  keyOfCondition,
  MAX_TERMS,
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
export const signedSum = (formula: Formula, unit: Unit, capabilities: Capabilities): readonly Term[] | Unsayable => {
  const book: Book = { capabilities, literals: [], places: new Map() };
  const polynomial = expand(formula, book);
  if (isUnsayable(polynomial)) return polynomial;
  const products = [...polynomial.values()].filter(({ times }) => times !== 0);
  if (products.length > MAX_TERMS) return unsayable("LOGIC_LIMIT");
  return sayAll(products, ({ times, ids }) => {
    const question = conjunction(
      ids.map((id) => book.literals[id]!.condition),
      unit,
      capabilities,
    );
    return isUnsayable(question) ? question : { times, question };
  });
};

/** `soleValueOf`: no two literals of the same field hold at once, since the field has one value. */
type Literal = { readonly condition: Condition; readonly soleValueOf: FieldName | null };
/** A product of literals, named by their places in the book, ascending; `key` is these places as a text. */
type Product = { readonly times: number; readonly ids: readonly number[]; readonly key: string };
type Polynomial = ReadonlyMap<string, Product>;
/** The literals of one formula, and the place of each in the list by its key. */
type Book = { readonly capabilities: Capabilities; readonly literals: Literal[]; readonly places: Map<string, number> };

const ONE: Polynomial = new Map([["", { times: 1, ids: [], key: "" }]]);

const expand = (formula: Formula, book: Book): Polynomial | Unsayable => {
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
    case "own": {
      const { field } = formula;
      const tests = alternatives(field, formula.test, book.capabilities);
      if (isUnsayable(tests)) return tests;
      const of = formula.op === "has" ? "donor" : "own";
      const parts = tests.map((test) => single({ of, field, test } as Condition, book));
      // mutant: alternatives
      // Values of a field that holds one value exclude each other, so their indicators simply add up.
      return FIELDS[field].many ? either(parts, book) : sum(parts);
    }
    case "sample": {
      const samples = sampleAlternatives(formula.of, book.capabilities);
      if (isUnsayable(samples)) return samples;
      return either(
        samples.map((conditions) => single({ of: "exists", tests: keyed(conditions) }, book)),
        book,
      );
    }
  }
};

const single = (condition: Condition, { literals, places }: Book): Polynomial => {
  const key = keyOfCondition(condition);
  const id = places.get(key) ?? literals.push({ condition, soleValueOf: soleValueOf(condition) }) - 1;
  places.set(key, id);
  const product = { times: 1, ids: [id], key: String(id) };
  return new Map([[product.key, product]]);
};

const every = (parts: readonly Polynomial[], { literals }: Book): Polynomial | Unsayable => {
  let product = parts[0] ?? ONE;
  for (const part of parts.slice(1)) {
    const next = multiply(product, part, literals);
    if (isUnsayable(next)) return next;
    product = next;
  }
  return product;
};

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

const multiply = (a: Polynomial, b: Polynomial, literals: readonly Literal[]): Polynomial | Unsayable => {
  const product = new Map<string, Product>();
  for (const left of a.values()) {
    for (const right of b.values()) {
      if (left.times === 0 || right.times === 0) continue;
      const both = union(left, right);
      if (excluded(both.ids, literals)) continue;
      addTo(product, both, left.times * right.times);
      if (product.size > 4 * MAX_TERMS) return unsayable("LOGIC_LIMIT");
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
  for (let at = 1; at < ids.length; at += 1) {
    const field = literals[ids[at]!]!.soleValueOf;
    if (field === null) continue;
    for (let before = 0; before < at; before += 1) if (literals[ids[before]!]!.soleValueOf === field) return true;
  }
  return false;
};
