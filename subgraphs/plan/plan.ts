import type { Capabilities, LocalPredicate, LocalSelector, Unit } from "../../adapters/local.ts";
import { isFalse, keyOf } from "../understand/predicates.ts";
import { approximately } from "./approximate.ts";
import { type Book, openBook } from "./book.ts";
import { isUnsayable } from "./conjunction.ts";
import { exactly } from "./exact.ts";
import { conjunctsOf, type Formula, ownFormula } from "./formula.ts";
import { type Ends, known, NOT_COUNTED, type Plan } from "./tree.ts";

/** A number that is wanted: donors that `donors` holds for, or their samples that `samples` selects. */
export type Wanted = { readonly unit: Unit; readonly donors: LocalPredicate; readonly samples: LocalSelector };

/**
 * The bank whose local API is asked. `samplesPerDonor`: the upper bound that it warrants; absent: none. `book`: of the question
 * that the numbers belong to; default: one of their own.
 */
export type Bank = {
  readonly capabilities: Capabilities;
  readonly samplesPerDonor?: number | undefined;
  readonly book?: Book;
};

/**
 * Plans a count. Exact where the local API can say it, by one question or a signed sum; else bounds that surely hold
 * (DESIGN.md section 5).
 * @param ends default both; one of them where the other end comes from another predicate.
 */
export const plan = (wanted: Wanted, bank: Bank, ends: Ends = { min: true, max: true }): Plan => {
  const { unit, donors, samples } = wanted;
  const { capabilities, samplesPerDonor, book = openBook(capabilities) } = bank;
  if (!capabilities.counts.includes(unit)) return NOT_COUNTED;
  if (isFalse(donors) || (unit === "SAMPLES" && isFalse(samples))) return known({ min: 0, max: 0 });
  const formula = unit === "DONORS" ? donors : sampleFormula(wanted, book);
  const target = { unit, book, samples, samplesPerDonor };
  const exact = exactly(formula, target, capabilities.counts.length === 1);
  return isUnsayable(exact) ? approximately(formula, target, { because: exact.unsayable, ends }) : exact;
};

/**
 * Samples counted, and what their donors must meet. That a donor has a sample like the counted one is implied; an engine
 * with full logic gets the condition all the same, so that both counts are one query.
 */
const sampleFormula = ({ donors, samples }: Wanted, book: Book): Formula => {
  const { logic } = book.capabilities.samples;
  const parts = conjunctsOf(donors);
  const implied = (part: Formula): boolean => part.op === "sample" && keyOf(part.of) === keyOf(samples);
  return {
    op: "all",
    of: [...(logic === "and" ? parts.filter((part) => !implied(part)) : parts), ownFormula(samples, book.own)],
  };
};
