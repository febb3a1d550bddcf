import { expectTurns, isTurnOver, nextTurn } from "../../net/turns.ts";
import { type CellCounts, type Count, countOf, sumCells, unionBecause } from "../../schema/count.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { BankResult } from "./bank-result.ts";

/** What one bank counts, or all of them. */
export type Counts = Omit<Answer, "understanding">;

/** What one bank adds. */
export type Part = Counts & Pick<BankResult, "card">;

/** What all banks together count. `people`: distinct persons. */
export type Totals = Counts & { readonly people: Count };

/** Cells that are added up in a turn of the event loop. */
const CELLS_PER_TURN = 500;

/**
 * Adds up what the banks said, end by end. Gives way: many banks may have large tables.
 * @param sizes how many cells each facet has; the same in every result
 */
export const mergeResults = async (results: readonly Part[], sizes: readonly number[]): Promise<Totals> => {
  const total = sumCells(results);
  const facets: { readonly cells: readonly CellCounts[] }[] = [];
  const work = {};
  expectTurns(work, sizes.reduce((sum, size) => sum + size, 0) / CELLS_PER_TURN);
  for (const [facet, size] of sizes.entries()) {
    const cells: CellCounts[] = [];
    for (let cell = 0; cell < size; cell++) {
      if (isTurnOver()) await nextTurn(undefined, work);
      cells.push(sumCells(results.map((result) => result.facets[facet]!.cells[cell]!)));
    }
    facets.push({ cells });
  }
  return { ...total, people: peopleOf(results, total.donors), facets };
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
