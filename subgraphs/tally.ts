import { BankError } from "../adapters/bank-error.ts";
import type { Counts, LocalCounts, LocalQuestion, Range, Unit } from "../adapters/local.ts";
import type { Uncertainty } from "../schema/answer.ts";
import type { Plan } from "./plan.ts";

export type Outcomes = readonly (LocalCounts | BankError)[];
/** An interval with the reasons for its width. */
export type Found = { readonly range: Range; readonly because: ReadonlySet<Uncertainty> };

/** Collects every local question of one answer, and afterwards reads what each of them brought. */
export const tally = () => {
  const questions: LocalQuestion[] = [];
  return {
    questions: questions as readonly LocalQuestion[],
    /** Adds what a plan asks; the function that comes back reads its value from the outcomes. */
    add: ({ asks, value, because }: Plan): ((outcomes: Outcomes) => Found) => {
      const from = questions.length;
      questions.push(...asks.map(({ question }) => question));
      return (outcomes) => {
        const found = asks.map(({ unit }, i) => rangeOf(outcomes[from + i], unit));
        const reasons = new Set([...because, ...found.flatMap((f) => [...f.because])]);
        return { range: value(found.map(({ range }) => range)), because: reasons };
      };
    },
    /** Adds a question with a breakdown; cells are numbered row by row. */
    addGrouped: (question: LocalQuestion): ((outcomes: Outcomes, cell: number, unit: Unit) => Found) => {
      const at = questions.length;
      questions.push(question);
      return (outcomes, cell, unit) => {
        const outcome = outcomes[at];
        if (outcome === undefined || outcome instanceof BankError) return rangeOf(outcome, unit);
        return rangeOf(outcome.cells?.[cell], unit);
      };
    },
  };
};

/** One local count. What the local API cannot count is wide, not wrong; any other failure is the bank's. @throws {BankError} */
const rangeOf = (outcome: Counts | BankError | undefined, unit: Unit): Found => {
  if (outcome instanceof BankError) {
    if (outcome.code !== "BANK_UNSUPPORTED") throw outcome;
    return { range: { min: 0, max: null }, because: new Set(["NOT_COUNTED"]) };
  }
  if (outcome === undefined)
    throw new BankError("BANK_BROKEN", "adapter", "wanted one outcome per question, got fewer");
  const range = unit === "DONORS" ? outcome.donors : outcome.samples;
  const because: Uncertainty[] =
    range.max === null ? ["NOT_COUNTED"] : range.min === range.max ? [] : ["LOCAL_ROUNDING"];
  return { range, because: new Set(because) };
};
