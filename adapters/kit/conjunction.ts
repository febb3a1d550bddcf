import type { DonorField, FieldName } from "../../schema/fields.ts";
import type { CodeTest, LocalPredicate, LocalQuestion, LocalSelector, Test } from "../local.ts";
import { passesAlways } from "./test-kinds.ts";
import { Unsupported } from "./unsupported.ts";

/** A test of a field. */
export type Condition = { readonly field: FieldName; readonly test: Test };

type DonorTest = { readonly field: DonorField; readonly test: CodeTest };

/** Donors as what they meet by AND. `samples`: each list of conditions is met by one sample of theirs. */
export type DonorConjunction = {
  readonly tests: readonly DonorTest[];
  readonly samples: readonly (readonly Condition[])[];
};

/** Samples as what they (`selected`) and their donors (`tests`) meet by AND. */
export type SampleConjunction = { readonly tests: readonly DonorTest[]; readonly selected: readonly Condition[] };

/** The donors of a question, without tests that pass always, and without conditions on a sample that others imply. @throws {Unsupported} for other logic */
export const donorConjunction = ({ donors }: LocalQuestion): DonorConjunction => {
  const { tests, samples } = partsOf(donors);
  const isImplied = (part: LocalSelector, at: number): boolean =>
    samples.some((other, index) => index !== at && implies(other, part) && (index < at || !implies(part, other)));
  const needed = samples.filter((part, at) => !isImplied(part, at)).map(conditionsOf);
  if (needed.some((conditions) => conditions.length === 0)) {
    throw new Unsupported("wanted a condition on a donor's sample, got none");
  }
  return { tests, samples: needed };
};

/** The samples of a question and their donors. @throws {Unsupported} for other logic, and for conditions on other samples */
export const sampleConjunction = ({ donors, samples: selector }: LocalQuestion): SampleConjunction => {
  const { tests, samples } = partsOf(donors);
  if (!samples.every((part) => implies(selector, part))) {
    throw new Unsupported("wanted conditions on the samples counted, got one on other samples of their donors");
  }
  return { tests, selected: conditionsOf(selector) };
};

/** Whether every sample that `given` selects is surely one that `wanted` selects; false where that cannot be seen. */
export const implies = (given: LocalSelector, wanted: LocalSelector): boolean => {
  if (JSON.stringify(given) === JSON.stringify(wanted)) return true;
  if (wanted.op === "all") return wanted.of.every((part) => implies(given, part));
  if (given.op === "any") return given.of.every((part) => implies(part, wanted));
  if (wanted.op === "any" && wanted.of.some((part) => implies(given, part))) return true;
  return given.op === "all" && given.of.some((part) => implies(part, wanted));
};

type Parts = { readonly tests: readonly DonorTest[]; readonly samples: readonly LocalSelector[] };

const partsOf = (predicate: LocalPredicate): Parts => {
  switch (predicate.op) {
    case "has":
      return { tests: passesAlways(predicate.test) ? [] : [predicate], samples: [] };
    case "sample":
      return { tests: [], samples: [predicate.of] };
    case "all": {
      const parts = predicate.of.map(partsOf);
      return { tests: parts.flatMap(({ tests }) => tests), samples: parts.flatMap(({ samples }) => samples) };
    }
    default:
      throw new Unsupported(`wanted a conjunction, got "${predicate.op}"`);
  }
};

/** The tests of a selector, each once, without those that every sample passes. */
const conditionsOf = (selector: LocalSelector): readonly Condition[] => {
  if (selector.op === "has") return passesAlways(selector.test) ? [] : [selector];
  if (selector.op !== "all") throw new Unsupported(`wanted a conjunction, got "${selector.op}"`);
  const found = selector.of.flatMap(conditionsOf);
  return [...new Map(found.map((condition) => [JSON.stringify(condition), condition])).values()];
};
