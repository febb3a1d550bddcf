import {
  type Capabilities,
  type CodeTest,
  isRange,
  type LocalQuestion,
  type LocalSelector,
  type Test,
  type Unit,
} from "../../adapters/local.ts";
import type { Uncertainty } from "../../schema/count.ts";
import { type DonorField, FIELDS, type FieldName, type SampleField } from "../../schema/fields.ts";
import { cover } from "../understand/cover.ts";
import { allOf, keyOf } from "../understand/predicates.ts";

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

export type SampleCondition = { readonly field: SampleField; readonly test: Test };
/** A condition that an API with AND only takes as it is; `exists`: the donor has one sample that passes all these tests. */
export type Condition =
  | { readonly of: "donor"; readonly field: DonorField; readonly test: CodeTest }
  | ({ readonly of: "own" } & SampleCondition)
  | { readonly of: "exists"; readonly tests: ReadonlyMap<string, SampleCondition> };

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
    unit === "SAMPLES" ? new Set(own.map(conditionKey)) : null,
  );
  const { sampleAnd } = unit === "DONORS" ? capabilities.donors : capabilities.samples;
  const had = needed.map(({ tests }) => [...tests.values()]);
  if (had.some((tests) => tests.length === 0)) return unsayable("LOGIC_LIMIT");
  const joins =
    sampleAnd === undefined ||
    (unit === "DONORS" ? joinsHad(sampleAnd, had.map(filterCount)) : had.length === 0 && joinsOwn(sampleAnd, own));
  if (!joins) return unsayable("SAME_SAMPLE");
  return {
    donors: allOf([
      ...donors.map(({ field, test }) => ({ op: "has" as const, field, test })),
      ...had.map((tests) => ({ op: "sample" as const, of: allOf(tests.map(toHas)) })),
    ]),
    samples: allOf(own.map(toHas)),
    only: unit,
  };
};

type Exists = Extract<Condition, { readonly of: "exists" }>;

/** The samples that neither another one implies nor, where samples are counted, the counted sample by its tests `own`. */
const neededSamples = (exists: readonly Exists[], own: ReadonlySet<string> | null): readonly Exists[] =>
  exists.filter(({ tests }, i) => {
    const keys = [...tests.keys()];
    const impliedByOwn = own !== null && keys.every((key) => own.has(key));
    const impliedByOther = exists.some(
      (other, j) => j !== i && keys.every((key) => other.tests.has(key)) && (other.tests.size > tests.size || j < i),
    );
    return !impliedByOwn && !impliedByOther;
  });

type SampleAnd = "same" | "any" | "unknown";
type Tested = { readonly test: Test };

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
const joinsOwn = (sampleAnd: SampleAnd, tests: readonly Tested[]): boolean =>
  sampleAnd === "same" || filterCount(tests) <= 1;

/** How many filters the tests take: a range with two ends takes two, which two samples might meet. */
export const filterCount = (tests: readonly Tested[]): number =>
  tests.reduce((n, { test }) => n + (isRange(test) && test.from !== null && test.to !== null ? 2 : 1), 0);

const toHas = ({ field, test }: SampleCondition): LocalSelector => ({ op: "has", field, test });

/** The tests, each one filter, of which one has to pass. */
export const alternatives = (field: FieldName, test: Test, capabilities: Capabilities): readonly Test[] | Unsayable => {
  const capability = capabilities.fields[field];
  if (isRange(test)) return test.missing && !capability?.rest ? unsayable("LOGIC_LIMIT") : [test];
  if (capability?.several) return [test];
  if (test.negate || test.missing) return unsayable("LOGIC_LIMIT");
  return cover(test.codes, capability?.tree);
};

/** A selector as alternatives of conjunctions. An API with AND only cannot say that a sample lacks something. */
export const sampleAlternatives = (
  selector: LocalSelector,
  capabilities: Capabilities,
): readonly (readonly SampleCondition[])[] | Unsayable => {
  switch (selector.op) {
    case "has": {
      const tests = alternatives(selector.field, selector.test, capabilities);
      return isUnsayable(tests) ? tests : tests.map((test) => [{ field: selector.field, test }]);
    }
    case "not":
      return unsayable("LOGIC_LIMIT");
    default: {
      const parts = sayAll(selector.of, (part) => sampleAlternatives(part, capabilities));
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
      const fields = conditions.flatMap((condition) => soleValueOf(condition) ?? []);
      return new Set(fields).size === fields.length;
    });
  }
  return found;
};

/** The field of which the condition wants one value and which has one at most: a second such condition excludes it. */
export const soleValueOf = (condition: Condition | SampleCondition): FieldName | null => {
  if (!("field" in condition) || FIELDS[condition.field].many || isRange(condition.test)) return null;
  return condition.test.codes.length === 1 && !condition.test.negate && !condition.test.missing
    ? condition.field
    : null;
};

/** Equal for equal conditions. */
export const keyOfCondition = (condition: Condition): string =>
  condition.of === "exists"
    ? `exists ${[...condition.tests.keys()].sort().join(" & ")}`
    : `${condition.of} ${conditionKey(condition)}`;
const conditionKey = ({ field, test }: { readonly field: FieldName; readonly test: Test }): string =>
  `${field} ${keyOf(test)}`;

/** Conditions on one sample, equal ones once. */
export const keyed = (conditions: readonly SampleCondition[]): ReadonlyMap<string, SampleCondition> =>
  new Map(conditions.map((each) => [conditionKey(each), each] as const));
