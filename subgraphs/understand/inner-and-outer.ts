import type { CodeTest, FieldCapability, LocalPredicate, LocalSelector, Test, Unit } from "../../adapters/local.ts";
import { isRange } from "../../adapters/local.ts";
import type { Canonical } from "../../schema/canonical.ts";
import type { Uncertainty } from "../../schema/count.ts";
import { type DonorField, FIELDS, type SampleField } from "../../schema/fields.ts";
import type { DonorCriterion, Expr, SampleCriterion, SampleTest, UnknownPart } from "../../schema/question.ts";
import { type Interpretation, type Interpreter, UNSUPPORTED } from "./interpret.ts";
import {
  allOf,
  anyOf,
  EVERY_DONOR,
  EVERY_SAMPLE,
  hasSample,
  isAlways,
  isNever,
  NO_DONOR,
  NO_SAMPLE,
  notOf,
} from "./predicates.ts";

/** Two local readings of one condition: inner, then the condition, then outer, each a subset of the next. */
export type Pair<T> = { readonly inner: T; readonly outer: T };

/** A question in one bank's own terms, for one of the two counts. */
export type Understood = {
  /** Donor predicate W. */
  readonly donors: Pair<LocalPredicate>;
  /** Sample selector S: the OR of the sample criteria under an even number of `not`s; every sample without any. */
  readonly samples: Pair<LocalSelector>;
  /** Why the two differ. */
  readonly because: ReadonlySet<Uncertainty>;
};

/** Reads W and S, each on its own from the question (DESIGN.md sections 3 and 5). */
export const understand = ({ expr }: Canonical<UnknownPart>, interpreter: Interpreter, unit: Unit): Understood => {
  const because = new Set<Uncertainty>();
  const selectors: Pair<LocalSelector>[] = [];
  const translate = (node: Expr<UnknownPart>, positive: boolean): Pair<LocalPredicate> => {
    switch (node.op) {
      case "all":
      case "any": {
        // mutant: all-criteria
        const parts = node.of.map((child) => translate(child, positive));
        const combine = node.op === "all" ? allOf : anyOf;
        return { inner: combine(parts.map((p) => p.inner)), outer: combine(parts.map((p) => p.outer)) };
      }
      case "not": {
        const { inner, outer } = translate(node.of, !positive);
        // mutant: swap-not
        return { inner: notOf(outer), outer: notOf(inner) };
      }
      case "donor": {
        const interpretation = interpretCriterion(node, interpreter, unit);
        return donorPair(node.field, interpretation, interpreter.capability(node.field, unit), because);
      }
      case "unknown": {
        because.add("CRITERION_UNSUPPORTED");
        // It may name samples of its own, whatever stands around it.
        if (namesSample(node)) selectors.push({ inner: NO_SAMPLE, outer: EVERY_SAMPLE });
        return { inner: NO_DONOR, outer: EVERY_DONOR };
      }
      case "sample": {
        const pair = samplePair(node, interpreter, unit, because);
        // mutant: selector
        if (positive) selectors.push(pair);
        return { inner: hasSample(pair.inner), outer: hasSample(pair.outer) };
      }
    }
  };
  const donors = translate(expr, true);
  const samples: Pair<LocalSelector> =
    selectors.length === 0
      ? { inner: EVERY_SAMPLE, outer: EVERY_SAMPLE }
      : { inner: anySample(selectors.map((s) => s.inner)), outer: anySample(selectors.map((s) => s.outer)) };
  return { donors, samples, because };
};

/** Whether what is not known speaks of samples: whoever adds a criterion that does so spells it with `sample`. */
const namesSample = ({ key, json }: UnknownPart): boolean =>
  key === "sample" || JSON.stringify(json).includes('"sample":');

/** Any of these, where several lists of one field's codes are one list: a local API may take it in one filter. */
const anySample = (selectors: readonly LocalSelector[]): LocalSelector => {
  const lists = new Map<SampleField, readonly CodeTest[]>();
  const others: LocalSelector[] = [];
  for (const selector of selectors) {
    if (selector.op !== "has" || isRange(selector.test) || selector.test.negate) others.push(selector);
    else lists.set(selector.field, [...(lists.get(selector.field) ?? []), selector.test]);
  }
  const merged = [...lists].map(([field, tests]): LocalSelector => {
    if (tests.length === 1 && tests[0] !== undefined) return { op: "has", field, test: tests[0] };
    const codes = [...new Set(tests.flatMap((test) => test.codes))].sort();
    return { op: "has", field, test: { codes, negate: false, missing: tests.some(({ missing }) => missing) } };
  });
  return anyOf([...merged, ...others]);
};

/** How the bank reads one criterion. */
export const interpretCriterion = (
  criterion: DonorCriterion | SampleTest,
  interpreter: Interpreter,
  unit: Unit,
): Interpretation => {
  if (!("values" in criterion)) {
    return supported(interpreter, criterion.field, unit, () =>
      interpreter.range(criterion.field, criterion.from, criterion.to),
    );
  }
  const descendants = "descendants" in criterion ? criterion.descendants : true;
  return supported(interpreter, criterion.field, unit, () =>
    interpreter.values(criterion.field, criterion.values, descendants),
  );
};

const supported = (
  interpreter: Interpreter,
  field: DonorField | SampleField,
  unit: Unit,
  read: () => Interpretation,
): Interpretation => (interpreter.capability(field, unit) === undefined ? UNSUPPORTED : read());

const samplePair = (
  { tests }: SampleCriterion<UnknownPart>,
  interpreter: Interpreter,
  unit: Unit,
  because: Set<Uncertainty>,
): Pair<LocalSelector> => {
  const parts = tests.map((test): Pair<LocalSelector> => {
    if (!("op" in test)) {
      return sampleFieldPair(
        test.field,
        interpretCriterion(test, interpreter, unit),
        interpreter.capability(test.field, unit),
        because,
      );
    }
    because.add("CRITERION_UNSUPPORTED");
    return { inner: NO_SAMPLE, outer: EVERY_SAMPLE };
  });
  return { inner: allOf(parts.map((p) => p.inner)), outer: allOf(parts.map((p) => p.outer)) };
};

/** An interpretation of a donor's field as predicates that the local API can say. */
export const donorPair = (
  field: DonorField,
  interpretation: Interpretation,
  capability: FieldCapability | undefined,
  because: Set<Uncertainty>,
): Pair<LocalPredicate> => {
  for (const reason of interpretation.because) because.add(reason);
  const has = (test: Test): LocalPredicate => {
    if (isRange(test)) throw new Error(`${field} has codes, not numbers`);
    return { op: "has", field, test };
  };
  const leaf = { field, capability, has };
  return {
    inner: sayable(interpretation.inner, leaf, NO_DONOR, because),
    outer: sayable(interpretation.outer, leaf, EVERY_DONOR, because),
  };
};

/** An interpretation of a sample's field as selectors that the local API can say. */
export const sampleFieldPair = (
  field: SampleField,
  interpretation: Interpretation,
  capability: FieldCapability | undefined,
  because: Set<Uncertainty>,
): Pair<LocalSelector> => {
  for (const reason of interpretation.because) because.add(reason);
  const leaf = { field, capability, has: (test: Test): LocalSelector => ({ op: "has", field, test }) };
  return {
    inner: sayable(interpretation.inner, leaf, NO_SAMPLE, because),
    outer: sayable(interpretation.outer, leaf, EVERY_SAMPLE, because),
  };
};

type Leaf<T> = {
  readonly field: DonorField | SampleField;
  readonly capability: FieldCapability | undefined;
  readonly has: (test: Test) => T;
};

/** A test as a leaf, as "all but" where the API has no such filter, or as the constant that keeps the bound true. */
const sayable = <T extends LocalPredicate | LocalSelector>(
  test: Test,
  { field, capability, has }: Leaf<T>,
  constant: T,
  because: Set<Uncertainty>,
): T => {
  if (isNever(test)) return anyOf([]) as T;
  if (isAlways(test)) return allOf([]) as T;
  const plain = !test.missing && (isRange(test) || !test.negate);
  if (plain || capability?.rest) return has(test);
  const single = !FIELDS[field].many;
  if (!isRange(test) && single && test.negate && test.missing) {
    return notOf(has({ codes: test.codes, negate: false, missing: false }) as LocalPredicate) as T;
  }
  because.add("LOGIC_LIMIT");
  return constant;
};
