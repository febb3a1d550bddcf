import {
  type Capabilities,
  type CodeTest,
  isRange,
  type LocalQuestion,
  type LocalSelector,
  type Test,
  type Unit,
} from "../../adapters/local.ts";
import type { Uncertainty } from "../../schema/answer.ts";
import { type DonorField, FIELDS, type FieldName, type SampleField } from "../../schema/fields.ts";
import { cover } from "../understand/cover.ts";
import { allOf, keyOf } from "../understand/predicates.ts";
import type { Formula } from "./formula.ts";

/** At most so many AND-counts are asked for one number; beyond, bounds with LOGIC_LIMIT. */
export const MAX_TERMS = 64;

/** Thrown where the local API cannot say something; `reason` becomes part of `because`. No Error: it needs no stack. */
export class CannotSay {
  readonly reason: Uncertainty;
  constructor(reason: Uncertainty) {
    this.reason = reason;
  }
}

export type SignedQuestion = { readonly times: number; readonly question: LocalQuestion };

/**
 * A formula as a signed sum of conjunctions, for a local API that knows AND only: the indicator of `not a` is 1 - a, of
 * `a and b` is ab, of `a or b` is 1 - (1 - a)(1 - b), and aa = a (inclusion and exclusion).
 * @throws {CannotSay} when a term cannot be said or there are more than MAX_TERMS.
 */
export const signedSum = (formula: Formula, unit: Unit, capabilities: Capabilities): readonly SignedQuestion[] => {
  const book: Book = { capabilities, literals: [], places: new Map() };
  const terms = [...expand(formula, book).values()].filter(({ times }) => times !== 0);
  if (terms.length > MAX_TERMS) throw new CannotSay("LOGIC_LIMIT");
  return terms.map(({ times, ids }) => ({
    times,
    question: conjunction(
      ids.flatMap((id) => book.literals[id] ?? []),
      unit,
      capabilities,
    ),
  }));
};

type SampleCondition = { readonly field: SampleField; readonly test: Test };
type Condition =
  | { readonly of: "donor"; readonly field: DonorField; readonly test: CodeTest }
  | { readonly of: "own"; readonly field: SampleField; readonly test: Test }
  | { readonly of: "exists"; readonly tests: ReadonlyMap<string, SampleCondition> };
/** `excludes`: no two literals with the same mark hold at once, since the field has one value. */
type Literal = Condition & { readonly key: string; readonly excludes: string | null };
/** A product of literals, named by their places in the list, ascending; `key` is these places as a text. */
type Term = { readonly times: number; readonly ids: readonly number[]; readonly key: string };
type Polynomial = ReadonlyMap<string, Term>;
/** The literals of one formula, and where in the list each is by its key. */
type Book = { readonly capabilities: Capabilities; readonly literals: Literal[]; readonly places: Map<string, number> };

const UNIT: Term = { times: 1, ids: [], key: "" };
const ONE: Polynomial = new Map([["", UNIT]]);

const expand = (formula: Formula, book: Book): Polynomial => {
  switch (formula.op) {
    case "all":
      return every(
        formula.of.map((part) => expand(part, book)),
        book,
      );
    case "any":
      return either(
        formula.of.map((part) => expand(part, book)),
        book,
      );
    case "not":
      return oneMinus(expand(formula.of, book));
    case "donor":
    case "own": {
      const { op: of, field } = formula;
      const tests = alternatives(field, formula.test, book.capabilities);
      const parts = tests.map((test) => single({ of, field, test } as Condition, book));
      // Values of a field that holds one value exclude each other, so their indicators simply add up.
      // mutant: alternatives
      return FIELDS[field].many ? either(parts, book) : sum(parts);
    }
    case "exists":
      return either(
        conjunctions(formula.of, book.capabilities).map((conditions) =>
          single({ of: "exists", tests: keyed(conditions) }, book),
        ),
        book,
      );
  }
};

const single = (condition: Condition, { literals, places }: Book): Polynomial => {
  const key = conditionsKey(condition);
  const id = places.get(key) ?? literals.push({ ...condition, key, excludes: exclusion(condition) }) - 1;
  places.set(key, id);
  const term = { times: 1, ids: [id], key: String(id) };
  return new Map([[term.key, term]]);
};

const every = (parts: readonly Polynomial[], { literals }: Book): Polynomial =>
  parts.length === 0 ? ONE : parts.reduce((a, b) => multiply(a, b, literals));
const either = (parts: readonly Polynomial[], book: Book): Polynomial =>
  parts.length === 1 && parts[0] !== undefined ? parts[0] : oneMinus(every(parts.map(oneMinus), book));

const conditionsKey = (condition: Condition): string =>
  condition.of === "exists"
    ? `exists ${[...condition.tests.keys()].sort().join(" & ")}`
    : `${condition.of} ${conditionKey(condition)}`;
const conditionKey = ({ field, test }: { readonly field: FieldName; readonly test: Test }): string =>
  `${field} ${keyOf(test)}`;
const keyed = (conditions: readonly SampleCondition[]) => new Map(conditions.map((c) => [conditionKey(c), c] as const));

/** One donor (or one sample) cannot hold two values of a field that holds one. */
const exclusion = (condition: Condition | SampleCondition): string | null => {
  if (!("field" in condition) || FIELDS[condition.field].many || isRange(condition.test)) return null;
  return condition.test.codes.length === 1 && !condition.test.negate && !condition.test.missing
    ? condition.field
    : null;
};

const sum = (parts: readonly Polynomial[]): Polynomial => {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const found = new Map<string, Term>();
  for (const part of parts) for (const term of part.values()) addTo(found, term, term.times);
  return found;
};
const oneMinus = (a: Polynomial): Polynomial => {
  const found = new Map<string, Term>(ONE);
  for (const term of a.values()) addTo(found, term, -term.times);
  return found;
};
const addTo = (terms: Map<string, Term>, { ids, key }: Pick<Term, "ids" | "key">, times: number): void => {
  terms.set(key, { ids, key, times: times + (terms.get(key)?.times ?? 0) });
};

const multiply = (a: Polynomial, b: Polynomial, literals: readonly Literal[]): Polynomial => {
  const product = new Map<string, Term>();
  for (const left of a.values()) {
    for (const right of b.values()) {
      if (left.times === 0 || right.times === 0) continue;
      const both = union(left, right);
      if (excluded(both.ids, literals)) continue;
      addTo(product, both, left.times * right.times);
      if (product.size > 4 * MAX_TERMS) throw new CannotSay("LOGIC_LIMIT");
    }
  }
  return product;
};

const union = (a: Term, b: Term): Pick<Term, "ids" | "key"> => {
  if (a.ids.length === 0 || a.key === b.key) return b;
  if (b.ids.length === 0) return a;
  const ids = [...new Set([...a.ids, ...b.ids])].sort((x, y) => x - y);
  return { ids, key: ids.join() };
};

/** Whether two of these literals never hold at once. */
const excluded = (ids: readonly number[], literals: readonly Literal[]): boolean => {
  for (let at = 1; at < ids.length; at += 1) {
    const mark = literals[ids[at]!]!.excludes;
    if (mark === null) continue;
    for (let before = 0; before < at; before += 1) if (literals[ids[before]!]!.excludes === mark) return true;
  }
  return false;
};

/** The tests, each one filter, of which one has to pass. */
const alternatives = (field: FieldName, test: Test, capabilities: Capabilities): readonly Test[] => {
  if (isRange(test)) {
    if (test.missing && !capabilities.fields[field]?.rest) throw new CannotSay("LOGIC_LIMIT");
    return [test];
  }
  const capability = capabilities.fields[field];
  if (capability?.several) return [test];
  if (test.negate || test.missing) throw new CannotSay("LOGIC_LIMIT");
  return cover(test.codes, capability?.tree);
};

/** A selector as alternatives of conjunctions. A `not` speaks of a sample that lacks something: no AND-API says that. */
const conjunctions = (selector: LocalSelector, capabilities: Capabilities): readonly (readonly SampleCondition[])[] => {
  switch (selector.op) {
    case "has":
      return alternatives(selector.field, selector.test, capabilities).map((test) => [{ field: selector.field, test }]);
    case "any":
      return selector.of.flatMap((part) => conjunctions(part, capabilities));
    case "all":
      return selector.of
        .map((part) => conjunctions(part, capabilities))
        .reduce<readonly (readonly SampleCondition[])[]>(
          (found, part) => {
            const next = found.flatMap((left) => part.map((right) => [...keyed([...left, ...right]).values()]));
            if (next.length > MAX_TERMS) throw new CannotSay("LOGIC_LIMIT");
            return next.filter((conditions) => {
              const marks = conditions.flatMap((c) => exclusion(c) ?? []);
              return new Set(marks).size === marks.length;
            });
          },
          [[]],
        );
    case "not":
      throw new CannotSay("LOGIC_LIMIT");
  }
};

/** The local question of one term. A sample that the donor has goes without saying where another one implies it. */
const conjunction = (literals: readonly Literal[], unit: Unit, capabilities: Capabilities): LocalQuestion => {
  const donors = literals.filter((l) => l.of === "donor");
  const own = literals.filter((l) => l.of === "own");
  const ownKeys = new Set(own.map(conditionKey));
  const exists = literals.filter((l) => l.of === "exists");
  const needed = exists.filter(({ tests }, i) => {
    const keys = [...tests.keys()];
    const impliedByOwn = unit === "SAMPLES" && keys.every((key) => ownKeys.has(key));
    const impliedByOther = exists.some(
      (other, j) => j !== i && keys.every((key) => other.tests.has(key)) && (other.tests.size > tests.size || j < i),
    );
    return !impliedByOwn && !impliedByOther;
  });
  const { sampleAnd } = unit === "DONORS" ? capabilities.donors : capabilities.samples;
  if (needed.some(({ tests }) => tests.size === 0)) throw new CannotSay("LOGIC_LIMIT");
  if (sampleAnd !== undefined) {
    const filters = needed.map(({ tests }) => filterCount([...tests.values()]));
    const ownFilters = filterCount(own);
    const sayable =
      unit === "SAMPLES"
        ? needed.length === 0 && (sampleAnd === "same" || ownFilters <= 1)
        : sampleAnd === "same"
          ? // mutant: same-sample
            needed.length <= 1
          : sampleAnd === "any"
            ? // mutant: any-sample
              filters.every((n) => n <= 1)
            : filters.reduce((a, b) => a + b, 0) <= 1;
    if (!sayable) throw new CannotSay("SAME_SAMPLE");
  }
  return {
    donors: allOf([
      ...donors.map(({ field, test }) => ({ op: "has" as const, field, test })),
      ...needed.map(({ tests }) => ({ op: "sample" as const, of: allOf([...tests.values()].map(toHas)) })),
    ]),
    samples: allOf(own.map(toHas)),
    only: unit,
  };
};

const toHas = ({ field, test }: SampleCondition): LocalSelector => ({ op: "has", field, test });

/** How many filters the conditions take: a range with two ends takes two, which two samples might meet. */
export const filterCount = (conditions: readonly { readonly test: Test }[]): number =>
  conditions.reduce((n, { test }) => n + (isRange(test) && test.from !== null && test.to !== null ? 2 : 1), 0);
