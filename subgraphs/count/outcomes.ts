import type { Counts, LocalCounts, LocalQuestion, Range, Unit } from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Uncertainty } from "../../schema/count.ts";
import type { Bounds } from "../../schema/release.ts";
import type { Exact, Term } from "../plan/tree.ts";
import { Contradiction, checkCount } from "./plausible.ts";
import { Raw } from "./raw.ts";

/** What one local question brought. An expected failure stays in its slot. */
export type Outcome = Raw<LocalCounts> | BankError;

/** The fault of an adapter that leaves out an outcome. */
export const tooFew = (): BankError =>
  new BankError("BANK_BROKEN", "adapter", "wanted one outcome per question, got fewer");

/** An interval with the reasons for its width. */
export type LocalNumber = Range & { readonly because: readonly Uncertainty[] };

/** Gives the local count of an exact node. @throws {BankError} {Contradiction} */
export type Counted = (node: Exact) => Raw<LocalNumber>;

/**
 * Reads the counts of exact nodes from the outcomes of their questions, one for each, in order.
 * @param size upper bounds that the bank warrants, which no local count may be above
 */
export const countedBy = (questions: readonly LocalQuestion[], outcomes: readonly Outcome[], size: Bounds): Counted => {
  const outcomeOf = new Map(questions.map((question, i) => [question, outcomes[i]]));
  const numberOf = ({ unit, terms }: Exact): Raw<LocalNumber> =>
    Raw.compute((open) => {
      const bound = unit === "DONORS" ? size.donors : size.samples;
      const counts = terms.map(({ question, cell }) => {
        const outcome = outcomeOf.get(question);
        const whole = outcome === undefined || outcome instanceof BankError ? outcome : open(outcome);
        const range = rangeOf(cell === undefined || whole instanceof BankError ? whole : whole?.cells?.[cell], unit);
        checkCount(range, unit, bound);
        return range;
      });
      const { min, max } = signedSum(terms, counts);
      return { min, max, because: reasonsOf(counts) };
    });
  // A node is checked, and then disclosed for each number that follows from it.
  const made = new Map<Exact, Raw<LocalNumber>>();
  return (node) => {
    const known = made.get(node) ?? numberOf(node);
    made.set(node, known);
    return known;
  };
};

/** What the local API cannot count is wide, not wrong; any other failure is the bank's. @throws {BankError} */
const rangeOf = (outcome: Counts | BankError | undefined, unit: Unit): Range => {
  if (outcome === undefined) throw tooFew();
  if (!(outcome instanceof BankError)) return unit === "DONORS" ? outcome.donors : outcome.samples;
  if (outcome.code !== "BANK_UNSUPPORTED") throw outcome;
  return { min: 0, max: null };
};

/** Adds up the counts of the terms; negative terms swap the ends of an interval. @throws {Contradiction} */
export const signedSum = (terms: readonly Term[], counts: readonly Range[]): Range => {
  let min = 0;
  let max: number | null = 0;
  counts.forEach((range, i) => {
    const { times } = terms[i]!;
    // mutant: ends-of-negative-terms
    const [low, high] = times >= 0 ? [range.min, range.max] : [range.max, range.min];
    min = low === null ? Number.NEGATIVE_INFINITY : min + times * low;
    max = high === null || max === null ? null : max + times * high;
  });
  if (max !== null && max < 0)
    throw new Contradiction("local counts contradict each other: wanted a sum >= 0, got less");
  return { min: Math.max(0, min), max };
};

const reasonsOf = (counts: readonly Range[]): readonly Uncertainty[] => {
  if (counts.every(({ min, max }) => min === max)) return NONE;
  const reasons = counts.flatMap(({ min, max, why }): readonly Uncertainty[] => {
    if (min === max) return [];
    if (max === null) return ["NOT_COUNTED", ...(why ?? [])];
    return why ?? ["LOCAL_ROUNDING"];
  });
  return [...new Set(reasons)];
};

const NONE: readonly Uncertainty[] = [];
