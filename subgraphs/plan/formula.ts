import type { CodeTest, LocalPredicate, LocalSelector, Test } from "../../adapters/local.ts";
import type { DonorField, SampleField } from "../../schema/fields.ts";

/**
 * What is counted, as one tree whatever the unit: a donor's field, a sample that the donor has, and, where samples are
 * counted, a field of the very sample counted.
 */
export type Formula =
  | { readonly op: "all" | "any"; readonly of: readonly Formula[] }
  | { readonly op: "not"; readonly of: Formula }
  | Leaf;

export type Leaf =
  | { readonly op: "donor"; readonly field: DonorField; readonly test: CodeTest }
  | { readonly op: "exists"; readonly of: LocalSelector }
  | { readonly op: "own"; readonly field: SampleField; readonly test: Test };

export const donorFormula = (predicate: LocalPredicate): Formula => {
  switch (predicate.op) {
    case "all":
    case "any":
      return { op: predicate.op, of: predicate.of.map(donorFormula) };
    case "not":
      return { op: "not", of: donorFormula(predicate.of) };
    case "has":
      return { op: "donor", field: predicate.field, test: predicate.test };
    case "sample":
      return { op: "exists", of: predicate.of };
  }
};

export const ownFormula = (selector: LocalSelector): Formula => {
  switch (selector.op) {
    case "all":
    case "any":
      return { op: selector.op, of: selector.of.map(ownFormula) };
    case "not":
      return { op: "not", of: ownFormula(selector.of) };
    case "has":
      return { op: "own", field: selector.field, test: selector.test };
  }
};

/** The parts that all have to hold. */
export const conjuncts = (formula: Formula): readonly Formula[] =>
  formula.op === "all" ? formula.of.flatMap(conjuncts) : [formula];

export const speaksOfSample = (formula: Formula): boolean => {
  if (formula.op === "all" || formula.op === "any") return formula.of.some(speaksOfSample);
  return formula.op === "not" ? speaksOfSample(formula.of) : formula.op === "own";
};

export const existsLeaves = (formula: Formula): readonly LocalSelector[] => {
  if (formula.op === "all" || formula.op === "any") return formula.of.flatMap(existsLeaves);
  if (formula.op === "not") return existsLeaves(formula.of);
  return formula.op === "exists" ? [formula.of] : [];
};

/** Back to the two halves of a local question: conjuncts about donors, conjuncts about the sample counted. */
export const toDonors = (formula: Formula): LocalPredicate => {
  switch (formula.op) {
    case "all":
    case "any":
      return { op: formula.op, of: formula.of.map(toDonors) };
    case "not":
      return { op: "not", of: toDonors(formula.of) };
    case "donor":
      return { op: "has", field: formula.field, test: formula.test };
    case "exists":
      return { op: "sample", of: formula.of };
    case "own":
      throw new Error("a condition on the sample counted is none on its donor");
  }
};

export const toSelector = (formula: Formula): LocalSelector => {
  switch (formula.op) {
    case "all":
    case "any":
      return { op: formula.op, of: formula.of.map(toSelector) };
    case "not":
      return { op: "not", of: toSelector(formula.of) };
    case "own":
      return { op: "has", field: formula.field, test: formula.test };
    default:
      throw new Error("a condition on the donor is none on the sample counted");
  }
};
