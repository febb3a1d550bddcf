import type { LocalPredicate, LocalSelector, SampleCondition } from "../../adapters/local.ts";
import { allOf } from "../understand/predicates.ts";

/**
 * What is counted, as one tree for both units: conditions on a donor, on a sample that the donor has and, where samples
 * are counted, on the counted sample itself (`own`). A local predicate is a formula without `own`.
 */
export type Formula =
  | { readonly op: "all" | "any"; readonly of: readonly Formula[] }
  | { readonly op: "not"; readonly of: Formula }
  | Extract<LocalPredicate, { readonly op: "has" | "sample" | "sure" }>
  | { readonly op: "own"; readonly of: SampleCondition };

/** Selectors as conditions on the counted sample, each made once. */
export type OwnFormulas = WeakMap<LocalSelector, Formula>;

/** The selector as a condition on the counted sample. */
export const ownFormula = (selector: LocalSelector, made: OwnFormulas): Formula => {
  const known = made.get(selector) ?? ownOf(selector, made);
  made.set(selector, known);
  return known;
};

const ownOf = (selector: LocalSelector, made: OwnFormulas): Formula => {
  switch (selector.op) {
    case "all":
    case "any":
      return { op: selector.op, of: selector.of.map((part) => ownFormula(part, made)) };
    case "not":
      return { op: "not", of: ownFormula(selector.of, made) };
    case "has":
    case "sure":
      return { op: "own", of: selector };
  }
};

/** The parts that all have to hold. */
export const conjunctsOf = (formula: Formula): readonly Formula[] =>
  formula.op === "all" ? formula.of.flatMap(conjunctsOf) : [formula];

/** Whether a condition on the counted sample occurs in the formula. */
export const isOnSample = (formula: Formula): boolean => {
  if (formula.op === "all" || formula.op === "any") return formula.of.some(isOnSample);
  return formula.op === "not" ? isOnSample(formula.of) : formula.op === "own";
};

/** The samples that a donor must or must not have, one selector for each condition. */
export const samplesHad = (formula: Formula): readonly LocalSelector[] => {
  if (formula.op === "all" || formula.op === "any") return formula.of.flatMap(samplesHad);
  if (formula.op === "not") return samplesHad(formula.of);
  return formula.op === "sample" ? [formula.of] : [];
};

/** Splits a formula into the two halves of a local question. @throws {Error} where one conjunct speaks of both */
export const halvesOf = (formula: Formula): { readonly donors: LocalPredicate; readonly samples: LocalSelector } => {
  const parts = conjunctsOf(formula);
  return {
    donors: allOf(parts.filter((part) => !isOnSample(part)) as readonly LocalPredicate[]),
    samples: allOf(parts.filter(isOnSample).map(selectorOf)),
  };
};

const selectorOf = (formula: Formula): LocalSelector => {
  switch (formula.op) {
    case "all":
    case "any":
      return { op: formula.op, of: formula.of.map(selectorOf) };
    case "not":
      return { op: "not", of: selectorOf(formula.of) };
    case "own":
      return formula.of;
    default:
      throw new Error("wanted conditions on the counted sample only, got one on its donor");
  }
};
