import { isRange, type LocalQuestion, type LocalSelector, type Unit } from "../../adapters/local.ts";
import { keyOf } from "../understand/predicates.ts";
import type { Book } from "./book.ts";
import { filterCount, isCondition, isUnsayable, joinsHad, type Unsayable, unsayable } from "./conjunction.ts";
import { conjunctsOf, type Formula, halvesOf, isOnSample, samplesHad } from "./formula.ts";
import { signedSum } from "./polynomial.ts";
import { exactNode, known, type Plan } from "./tree.ts";

/** What is asked of whom: one of the two counts of a local question, and the other half of that question. */
export type Target = {
  readonly unit: Unit;
  readonly book: Book;
  /** The samples that the whole question counts: a question about donors names them, so that both counts are one query. */
  readonly samples: LocalSelector;
};

/**
 * Counts a formula by one question or one signed sum, where the local API can say that.
 * @param alone whether the other count of the question is of no use
 */
export const exactly = (formula: Formula, target: Target, alone: boolean): Plan | Unsayable => {
  const { unit, book, samples } = target;
  const { capabilities } = book;
  if (!capabilities.counts.includes(unit)) return unsayable("NOT_COUNTED");
  const { logic, sampleAnd } = unit === "DONORS" ? capabilities.donors : capabilities.samples;
  if (logic === "and") {
    const terms = signedSum(formula, unit, book);
    return isUnsayable(terms) ? terms : exactNode(unit, terms, () => halvesOf(formula));
  }
  if (excludesItself(formula)) return known({ min: 0, max: 0 });
  if (sampleAnd !== undefined && !joins(sampleAnd, unit, formula)) return unsayable("SAME_SAMPLE");
  const halves = halvesOf(formula);
  const question: LocalQuestion = {
    donors: halves.donors,
    samples: unit === "SAMPLES" ? halves.samples : samples,
    ...(alone ? { only: unit } : {}),
  };
  return { op: "exact", unit, ...halves, terms: [{ times: 1, question }] };
};

/** Whether no sample meets all: it has one type, one origin, one storage. */
const excludesItself = (formula: Formula): boolean => {
  const own = conjunctsOf(formula).filter(isOnSample);
  return own.some((part, at) => own.slice(0, at).some((before) => exclude(part, before)));
};

const exclude = (a: Formula, b: Formula): boolean => {
  if (a.op !== "own" || b.op !== "own" || a.of.op === "sure" || b.of.op === "sure") return false;
  const [one, other] = [a.of.test, b.of.test];
  if (a.of.field !== b.of.field || isRange(one) || isRange(other)) return false;
  if (one.negate || one.missing || other.negate || other.missing) return false;
  return !one.codes.some((code) => other.codes.includes(code));
};

/** Whether an API with full logic but a weaker idea of samples can say the conditions on samples that a donor has. */
const joins = (sampleAnd: "same" | "any" | "unknown", unit: Unit, formula: Formula): boolean => {
  const had = [...new Map(samplesHad(formula).map((selector) => [keyOf(selector), selector])).values()];
  if (unit === "SAMPLES") return had.length === 0 && sampleAnd === "same";
  const filters = had.map((selector) => (isCondition(selector) ? filterCount([selector]) : Number.POSITIVE_INFINITY));
  return joinsHad(sampleAnd, filters);
};
