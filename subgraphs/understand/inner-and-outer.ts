import type { CodeTest, LocalPredicate, LocalSelector, Test, Unit } from "../../adapters/local.ts";
import { isRange } from "../../adapters/local.ts";
import type { Canonical } from "../../schema/canonical.ts";
import type { Uncertainty } from "../../schema/count.ts";
import { type DonorField, FIELDS, type FieldName, type SampleField } from "../../schema/fields.ts";
import type { DonorCriterion, Expr, SampleCriterion, SampleTest, UnknownPart } from "../../schema/question.ts";
import { type Interpretation, type Interpreter, UNSUPPORTED } from "./interpret.ts";
import {
  allOf,
  anyOf,
  DOUBT,
  EVERY_DONOR,
  EVERY_SAMPLE,
  hasSample,
  isAlways,
  isNever,
  keyOf,
  NO_DONOR,
  NO_SAMPLE,
  notOf,
  SURE,
} from "./predicates.ts";

/** Two local readings of one condition: inner, then the condition, then outer, each a subset of the next. */
export type Pair<T> = { readonly inner: T; readonly outer: T };
export type Side = keyof Pair<unknown>;

/** Makes both readings in the same way. */
export const pairOf = <T>(make: (side: Side) => T): Pair<T> => ({ inner: make("inner"), outer: make("outer") });

/** Whether both readings are the same. */
export const isOne = ({ inner, outer }: Pair<object>): boolean => inner === outer || keyOf(inner) === keyOf(outer);

/** The same pair, one object where both readings are the same. */
const onePair = <T extends object>(pair: Pair<T>): Pair<T> =>
  pair.inner !== pair.outer && isOne(pair) ? { inner: pair.inner, outer: pair.inner } : pair;

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
  const at: At = { interpreter, unit, because };
  const selectors: Pair<LocalSelector>[] = [];
  const translate = (node: Expr<UnknownPart>, positive: boolean): Pair<LocalPredicate> => {
    switch (node.op) {
      case "all":
      case "any": {
        // mutant: all-criteria
        const parts = node.of.map((child) => translate(child, positive));
        const combine = node.op === "all" ? allOf : anyOf;
        return pairOf((side) => combine(parts.map((part) => part[side])));
      }
      case "not": {
        const { inner, outer } = translate(node.of, !positive);
        // mutant: swap-not
        return { inner: notOf(outer), outer: notOf(inner) };
      }
      case "donor": {
        return fieldPair(node.field, interpretCriterion(node, interpreter, unit), at);
      }
      case "unknown": {
        because.add("CRITERION_UNSUPPORTED");
        // It may name samples of its own, whatever stands around it.
        if (namesSample(node)) selectors.push({ inner: NO_SAMPLE, outer: EVERY_SAMPLE });
        return { inner: NO_DONOR, outer: EVERY_DONOR };
      }
      case "sample": {
        const pair = samplePair(node, at);
        // mutant: selector
        if (positive) selectors.push(pair);
        addSampleDoubt(at);
        const sure = surely(pair, interpreter);
        return pairOf((side) => hasSample(sure[side]));
      }
    }
  };
  const donors = countedDonors(translate(expr, true), at);
  const samples = pairOf((side) =>
    selectors.length === 0 ? EVERY_SAMPLE : anySample(selectors.map((selector) => selector[side])),
  );
  if (unit === "SAMPLES") addSampleDoubt(at);
  return { donors, samples: surely(samples, interpreter), because };
};

/** Leaves the donors out for sure that only may count, where the bank has such. */
const countedDonors = (pair: Pair<LocalPredicate>, { interpreter: { capabilities }, because }: At) => {
  // mutant: sure-donors
  if (!capabilities.doubtfulDonors) return pair;
  because.add("NOT_UNDERSTOOD");
  return { inner: allOf([pair.inner, SURE]), outer: pair.outer };
};

/** Leaves the samples out for sure that only may count, where the bank has such. */
const surely = ({ inner, outer }: Pair<LocalSelector>, { capabilities }: Interpreter): Pair<LocalSelector> =>
  // mutant: sure-samples
  capabilities.doubtfulSamples ? { inner: allOf([inner, SURE]), outer } : { inner, outer };

/** Says why a number that looks at samples may be wide although its criteria are not. */
export const addSampleDoubt = ({ interpreter: { capabilities }, because }: Omit<At, "unit">): void => {
  if (capabilities.doubtfulSamples) because.add("NOT_UNDERSTOOD");
};

/** Whether an unknown criterion may concern samples: newer criteria on samples have `sample` in their name. */
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
    const doubt = tests.some((test) => test.doubt) ? DOUBT : {};
    return {
      op: "has",
      field,
      test: { codes, negate: false, missing: tests.some(({ missing }) => missing), ...doubt },
    };
  });
  return anyOf([...merged, ...others]);
};

/** How the bank reads one criterion. */
export const interpretCriterion = (
  criterion: DonorCriterion | SampleTest,
  interpreter: Interpreter,
  unit: Unit,
): Interpretation => {
  if (interpreter.capability(criterion.field, unit) === undefined) return UNSUPPORTED;
  if (!("values" in criterion)) return interpreter.range(criterion.field, criterion.from, criterion.to);
  const descendants = "descendants" in criterion ? criterion.descendants : true;
  return interpreter.values(criterion.field, criterion.values, descendants);
};

/** The count that a question is read for, by which bank. `because` takes the reasons why its readings differ. */
type At = { readonly interpreter: Interpreter; readonly unit: Unit; readonly because: Set<Uncertainty> };

const samplePair = ({ tests }: SampleCriterion<UnknownPart>, at: At): Pair<LocalSelector> => {
  const parts = tests.map((test): Pair<LocalSelector> => {
    if (!("op" in test)) return fieldPair(test.field, interpretCriterion(test, at.interpreter, at.unit), at);
    at.because.add("CRITERION_UNSUPPORTED");
    return { inner: NO_SAMPLE, outer: EVERY_SAMPLE };
  });
  return pairOf((side) => allOf(parts.map((part) => part[side])));
};

/** What is said of a donor's field is a predicate, and of a sample's field a selector. */
type Said<F extends FieldName> = F extends DonorField ? LocalPredicate : LocalSelector;

/** The interpretation of a field in terms that the local API can say. */
export const fieldPair = <F extends FieldName>(
  field: F,
  interpretation: Interpretation,
  { interpreter, unit, because }: At,
): Pair<Said<F>> => {
  const capability = interpreter.capability(field, unit);
  const { inner, outer, because: reasons } = capability === undefined ? UNSUPPORTED : interpretation;
  for (const reason of reasons) because.add(reason);
  const has = (test: Test) => ({ op: "has", field, test }) as LocalSelector;
  /** A test as a leaf, as "all but" where the API has no such filter, or as the constant that keeps the bound true. */
  const sayable = (test: Test, constant: LocalSelector): LocalSelector => {
    if (isNever(test)) return NO_SAMPLE;
    if (isAlways(test)) return EVERY_SAMPLE;
    const plain = !test.missing && (isRange(test) || !test.negate);
    if (plain || capability?.rest) return has(test);
    if (!isRange(test) && !FIELDS[field].many && test.negate && test.missing) {
      return notOf(has({ codes: test.codes, negate: false, missing: false }));
    }
    because.add("LOGIC_LIMIT");
    return constant;
  };
  return onePair({ inner: sayable(inner, NO_SAMPLE), outer: sayable(outer, EVERY_SAMPLE) }) as Pair<Said<F>>;
};
