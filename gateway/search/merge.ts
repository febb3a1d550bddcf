import { type Count, countOf, sumCells, unionBecause } from "../../schema/count.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { BankResult } from "./bank-result.ts";

/** What one bank counts, or all of them. */
export type Counts = Omit<Answer, "understanding">;

/** What one bank adds. */
export type Part = Counts & Pick<BankResult, "card">;

/** What all banks together count. `people`: distinct persons. */
export type Totals = Counts & { readonly people: Count };

/**
 * Adds up what the banks said, end by end.
 * @param sizes how many cells each facet has; the same in every result
 */
export const mergeResults = (results: readonly Part[], sizes: readonly number[]): Totals => {
  const total = sumCells(results);
  return {
    ...total,
    people: peopleOf(results, total.donors),
    facets: sizes.map((size, facet) => ({
      cells: Array.from({ length: size }, (_, cell) =>
        sumCells(results.map((result) => result.facets[facet]!.cells[cell]!)),
      ),
    })),
  };
};

/**
 * Distinct persons: at least those of the bank that has most for certain, at most everybody counted. A person may be in
 * several banks, and several times in one that lets them enrol again; where neither can be, people are as exact as donors.
 */
const peopleOf = (results: readonly Part[], donors: Count): Count => {
  const least = ({ card, donors }: Part) => Math.ceil(donors.min / card.size.enrolmentsPerPerson);
  const min = Math.max(0, ...results.map(least));
  const contributing = results.filter((result) => result.donors.max !== 0);
  const overlap = contributing.length > 1 || contributing.some(({ card }) => card.size.enrolmentsPerPerson !== 1);
  return countOf(min, donors.max, unionBecause([donors.because, overlap ? ["OVERLAP"] : []]));
};
