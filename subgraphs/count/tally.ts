import type { Counts, LocalCounts, LocalQuestion, Range, Unit } from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Uncertainty } from "../../schema/count.ts";
import type { Bounds } from "../../schema/release.ts";
import { evaluate, exactNodes, type Plan, reasonsOf, type Term } from "../plan/tree.ts";
import { Contradiction } from "./contradiction.ts";

export type Outcomes = readonly (LocalCounts | BankError)[];
/** The outcomes of all questions, and the bank's bounds, which no local count may be above. */
export type Tallied = { readonly outcomes: Outcomes; readonly size: Bounds };
/** An interval with the reasons for its width. */
export type Found = { readonly range: Range; readonly because: ReadonlySet<Uncertainty> };

/** Collects every local question of one answer, and afterwards reads what each of them brought. */
export const tally = () => {
  const questions: LocalQuestion[] = [];
  return {
    questions: questions as readonly LocalQuestion[],
    /** Adds what a plan asks; the function that comes back reads its value from the outcomes. */
    add: (plan: Plan): ((tallied: Tallied) => Found) => {
      const nodes = [...exactNodes(plan)];
      const places = new Map<Term, number>();
      for (const { terms } of nodes) for (const term of terms) places.set(term, questions.push(term.question) - 1);
      return ({ outcomes, size }) => {
        const because = new Set(reasonsOf(plan));
        const range = evaluate(plan, ({ terms, unit }) =>
          sumOfTerms(terms, (term) => {
            const found = rangeOf(outcomes[places.get(term)!], unit, size);
            for (const reason of found.because) because.add(reason);
            return found.range;
          }),
        );
        return { range, because };
      };
    },
    /** Adds a question with a breakdown; cells are numbered row by row. */
    addGrouped: (question: LocalQuestion): ((tallied: Tallied, cell: number, unit: Unit) => Found) => {
      const at = questions.length;
      questions.push(question);
      return ({ outcomes, size }, cell, unit) => {
        const outcome = outcomes[at];
        if (outcome === undefined || outcome instanceof BankError) return rangeOf(outcome, unit, size);
        return rangeOf(outcome.cells?.[cell], unit, size);
      };
    },
  };
};

/**
 * One local count. What the local API cannot count is wide, not wrong; any other failure is the bank's.
 * @throws {BankError} {Contradiction}
 */
const rangeOf = (outcome: Counts | BankError | undefined, unit: Unit, size: Bounds): Found => {
  if (outcome instanceof BankError) {
    if (outcome.code !== "BANK_UNSUPPORTED") throw outcome;
    return { range: { min: 0, max: null }, because: new Set(["NOT_COUNTED"]) };
  }
  if (outcome === undefined)
    throw new BankError("BANK_BROKEN", "adapter", "wanted one outcome per question, got fewer");
  const [range, bound] = unit === "DONORS" ? [outcome.donors, size.donors] : [outcome.samples, size.samples];
  check(range, unit, bound);
  const because: Uncertainty[] =
    range.max === null ? ["NOT_COUNTED"] : range.min === range.max ? [] : ["LOCAL_ROUNDING"];
  return { range, because: new Set(because) };
};

/** Whatever an adapter makes of what its bank says: it is a count that the bank can have. Messages hold no count. */
const check = ({ min, max }: Range, unit: Unit, bound: number | null): void => {
  const what = `local count of ${unit.toLowerCase()}`;
  if (min < 0 || (max !== null && max < 0))
    throw new Contradiction(`${what}: wanted 0 or more, got less`, "NEGATIVE_COUNT");
  if (!Number.isSafeInteger(min) || (max !== null && !Number.isSafeInteger(max)))
    throw new Contradiction(`${what}: wanted a whole number, got something else`, "NOT_A_COUNT");
  if (max !== null && min > max) throw new Contradiction(`${what}: wanted min <= max, got min > max`);
  if (bound !== null && min > bound)
    throw new Contradiction(`${what}: wanted no more than the bank warrants, got more`, "ABOVE_BOUND");
};

/** Adds up the terms of an exact node; negative terms swap the ends of an interval. @throws {Contradiction} */
export const sumOfTerms = (terms: readonly Term[], count: (term: Term) => Range): Range => {
  let min = 0;
  let max: number | null = 0;
  for (const term of terms) {
    const { times } = term;
    const range = count(term);
    // mutant: ends-of-negative-terms
    const [low, high] = times >= 0 ? [range.min, range.max] : [range.max, range.min];
    min = low === null ? Number.NEGATIVE_INFINITY : min + times * low;
    max = high === null || max === null ? null : max + times * high;
  }
  if (max !== null && max < 0)
    throw new Contradiction("local counts contradict each other: wanted a sum >= 0, got less");
  return { min: Math.max(0, min), max };
};
