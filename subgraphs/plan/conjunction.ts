import {
  type Capabilities,
  type CodeTest,
  isRange,
  type LocalPredicate,
  type LocalQuestion,
  type LocalSelector,
  type SampleCondition,
  type Test,
  type Unit,
} from "../../adapters/local.ts";
import type { Uncertainty } from "../../schema/count.ts";
import { type DonorField, FIELDS, type FieldName } from "../../schema/fields.ts";
import { cover } from "../understand/cover.ts";
import { allOf, DOUBT, keyOf, SURE } from "../understand/predicates.ts";

/** The local API cannot say something; the reason becomes part of `because`. */
export type Unsayable = { readonly unsayable: Uncertainty };

export const unsayable = (reason: Uncertainty): Unsayable => ({ unsayable: reason });

export const isUnsayable = (said: object): said is Unsayable => "unsayable" in said;

/** Says each item, in order; the first that cannot be said stands for the whole list. */
export const sayAll = <A, B extends object>(
  items: readonly A[],
  say: (item: A) => B | Unsayable,
): readonly B[] | Unsayable => {
  const said: B[] = [];
  for (const item of items) {
    const found = say(item);
    if (isUnsayable(found)) return found;
    said.push(found);
  }
  return said;
};

/** At most so many AND-counts are asked for one number; beyond, bounds with LOGIC_LIMIT. */
export const MAX_TERMS = 64;

/**
 * A condition that an API with AND only takes as it is; `exists`: the donor has one sample that passes all these tests.
 * `says`: the condition as a part of a local question.
 */
export type Condition =
  | { readonly of: "donor"; readonly says: DonorLeaf }
  | { readonly of: "own"; readonly says: SampleCondition }
  | Exists;
type DonorLeaf = Extract<LocalPredicate, { readonly op: "has" | "sure" }>;
type Leaf = SampleCondition | DonorLeaf;
type Exists = {
  readonly of: "exists";
  readonly tests: ReadonlyMap<string, SampleCondition>;
  readonly says: LocalPredicate;
  /** How many filters its tests take. */
  readonly filters: number;
};

export const SURE_DONOR: Condition = { of: "donor", says: SURE };

/** @param test of codes, which all donors' fields have */
export const donorCondition = (field: DonorField, test: Test): Condition => {
  const codes = test as CodeTest;
  return { of: "donor", says: { op: "has", field, test: codes } };
};

export const ownCondition = (says: SampleCondition): Condition => ({ of: "own", says });

/** Whether a selector is one condition. */
export const isCondition = (selector: LocalSelector): selector is SampleCondition =>
  selector.op === "has" || selector.op === "sure";

export const existsCondition = (conditions: readonly SampleCondition[]): Condition => {
  const tests = keyed(conditions);
  const each = [...tests.values()];
  return { of: "exists", tests, says: { op: "sample", of: allOf(each) }, filters: filterCount(each) };
};

/** The local question of conditions that all hold. A sample that the donor has is left out where another one implies it. */
export const conjunction = (
  conditions: readonly Condition[],
  unit: Unit,
  capabilities: Capabilities,
): LocalQuestion | Unsayable => {
  const donors = conditions.filter((each) => each.of === "donor");
  const own = conditions.filter((each) => each.of === "own");
  const needed = neededSamples(
    conditions.filter((each) => each.of === "exists"),
    unit === "SAMPLES" ? new Set(own.map(({ says }) => conditionKey(says))) : null,
  );
  const { sampleAnd } = unit === "DONORS" ? capabilities.donors : capabilities.samples;
  if (needed.some(({ tests }) => tests.size === 0)) return unsayable("LOGIC_LIMIT");
  const filters = needed.map((each) => each.filters);
  const joins =
    sampleAnd === undefined ||
    (unit === "DONORS"
      ? joinsHad(sampleAnd, filters)
      : needed.length === 0 &&
        joinsOwn(
          sampleAnd,
          own.map(({ says }) => says),
        ));
  if (!joins) return unsayable("SAME_SAMPLE");
  return {
    donors: allOf([...donors, ...needed].map(({ says }) => says)),
    samples: allOf(own.map(({ says }) => says)),
    only: unit,
  };
};

/**
 * The samples that neither another one implies nor, where samples are counted, the counted sample by its tests `own`. No two of
 * them have the same tests.
 */
const neededSamples = (exists: readonly Exists[], own: ReadonlySet<string> | null): readonly Exists[] => {
  if (exists.length < 2 && own === null) return exists;
  const withTest = new Map<string, Exists[]>();
  for (const each of exists) {
    for (const key of each.tests.keys()) {
      const others = withTest.get(key);
      if (others === undefined) withTest.set(key, [each]);
      else others.push(each);
    }
  }
  return exists.filter(({ tests }) => {
    const keys = [...tests.keys()];
    if (own !== null && keys.every((key) => own.has(key))) return false;
    const [first] = keys;
    const others = first === undefined ? exists : (withTest.get(first) ?? []);
    return !others.some((other) => other.tests.size > tests.size && keys.every((key) => other.tests.has(key)));
  });
};

type SampleAnd = "same" | "any" | "unknown";

/**
 * Whether the API understands these samples that a donor has, of which each may be another one and has to pass all its
 * tests. `filters`: how many filters the tests of each sample take.
 */
export const joinsHad = (sampleAnd: SampleAnd, filters: readonly number[]): boolean =>
  sampleAnd === "same"
    ? // mutant: same-sample
      filters.length <= 1
    : sampleAnd === "any"
      ? // mutant: any-sample
        filters.every((n) => n <= 1)
      : filters.reduce((sum, n) => sum + n, 0) <= 1;

/** Whether the API joins all these tests on the counted sample. */
const joinsOwn = (sampleAnd: SampleAnd, tests: readonly SampleCondition[]): boolean =>
  sampleAnd === "same" || filterCount(tests) <= 1;

/** How many filters the tests take: a range with two ends takes two, which two samples might meet. */
export const filterCount = (conditions: readonly SampleCondition[]): number =>
  conditions.reduce((n, condition) => n + (hasTwoEnds(condition) ? 2 : 1), 0);

const hasTwoEnds = (condition: SampleCondition): boolean => {
  if (condition.op === "sure" || !isRange(condition.test)) return false;
  return condition.test.from !== null && condition.test.to !== null;
};

/** What an API takes in one filter, and the alternatives of tests, each list made once. */
export type Alternatives = {
  readonly capabilities: Capabilities;
  readonly alternativesOf: WeakMap<Test, readonly Test[] | Unsayable>;
};

/** The tests, each one filter, of which one has to pass. */
export const alternatives = (field: FieldName, test: Test, made: Alternatives): readonly Test[] | Unsayable => {
  const known = made.alternativesOf.get(test) ?? filtersOf(field, test, made.capabilities);
  // A test that takes no codes is one object for several fields.
  if (isRange(test) || test.codes.length > 0) made.alternativesOf.set(test, known);
  return known;
};

const filtersOf = (field: FieldName, test: Test, { fields }: Capabilities): readonly Test[] | Unsayable => {
  const capability = fields[field];
  if (isRange(test)) return test.missing && !capability?.rest ? unsayable("LOGIC_LIMIT") : [test];
  if (capability?.several) return [test];
  if (test.negate || test.missing) return unsayable("LOGIC_LIMIT");
  const tests = cover(test.codes, capability?.tree);
  // mutant: doubt-of-each
  return test.doubt ? tests.map((each) => ({ ...each, ...DOUBT })) : tests;
};

/** A selector as alternatives of conjunctions. An API with AND only cannot say that a sample lacks something. */
export const sampleAlternatives = (
  selector: LocalSelector,
  made: Alternatives,
): readonly (readonly SampleCondition[])[] | Unsayable => {
  switch (selector.op) {
    case "has": {
      const tests = alternatives(selector.field, selector.test, made);
      return isUnsayable(tests) ? tests : tests.map((test) => [{ op: "has", field: selector.field, test }]);
    }
    case "sure":
      return [[selector]];
    case "not":
      return unsayable("LOGIC_LIMIT");
    default: {
      const parts = sayAll(selector.of, (part) => sampleAlternatives(part, made));
      if (isUnsayable(parts)) return parts;
      return selector.op === "any" ? parts.flat() : combined(parts);
    }
  }
};

/** One alternative of each part together, without those that no sample can meet. */
const combined = (
  parts: readonly (readonly (readonly SampleCondition[])[])[],
): readonly (readonly SampleCondition[])[] | Unsayable => {
  let found: readonly (readonly SampleCondition[])[] = [[]];
  for (const part of parts) {
    const next = found.flatMap((left) => part.map((right) => [...keyed([...left, ...right]).values()]));
    if (next.length > MAX_TERMS) return unsayable("LOGIC_LIMIT");
    found = next.filter((conditions) => {
      return !excludeEachOther(conditions.flatMap((condition) => soleValueOf(condition) ?? []));
    });
  }
  return found;
};

/** A code that is wanted of a field which has one value at most. */
export type SoleValue = { readonly field: FieldName; readonly code: string };

/** The only value that the condition lets pass, of a field that has one at most; null for other conditions. */
export const soleValueOf = (condition: Condition | SampleCondition): SoleValue | null => {
  const tested = "says" in condition ? condition.says : condition;
  if (tested.op !== "has" || FIELDS[tested.field].many || isRange(tested.test)) return null;
  const [code] = tested.test.codes;
  if (code === undefined || tested.test.codes.length > 1 || tested.test.below) return null;
  return tested.test.negate || tested.test.missing ? null : { field: tested.field, code };
};

/** Whether two of these want another value of the same field. The same one may be wanted twice: for sure, and in doubt. */
export const excludeEachOther = (values: readonly SoleValue[]): boolean => {
  if (values.length < 2) return false;
  const wanted = new Map<FieldName, string>();
  return values.some(({ field, code }) => {
    const other = wanted.get(field);
    wanted.set(field, code);
    return other !== undefined && other !== code;
  });
};

/** Equal for equal conditions. */
export const keyOfCondition = (condition: Condition): string =>
  condition.of === "exists"
    ? `exists ${[...condition.tests.keys()].sort().join(" & ")}`
    : `${condition.of} ${conditionKey(condition.says)}`;
const conditionKey = (condition: Leaf): string =>
  condition.op === "has" ? `${condition.field} ${keyOf(condition.test)}` : condition.op;

/** Conditions on one sample, equal ones once. */
const keyed = (conditions: readonly SampleCondition[]): ReadonlyMap<string, SampleCondition> =>
  new Map(conditions.map((each) => [conditionKey(each), each] as const));
