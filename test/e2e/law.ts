import fc from "fast-check";
import { expect } from "vitest";
import type { Case } from "../law/case.ts";
import { truthOf, type World } from "../oracle.ts";
import { type CountShown, SEARCH, type SearchShown } from "./house.ts";

/** How many numbers were compared, how many of them were exact, and of how many the truth was not 0; by bank. */
export type Seen = { numbers: number; exact: number; positive: number };

/**
 * Asks random questions over HTTP and compares every number of every bank with the truth: totals and cells, donors and
 * samples. @throws {Error} with the question and the number that does not hold its truth
 */
export const compare = async (
  house: { readonly ask: <T>(query: string, variables?: object) => Promise<T> },
  worlds: { readonly [bank: string]: World },
  questions: fc.Arbitrary<Pick<Case, "where" | "facets">>,
  parameters: { readonly numRuns: number; readonly seed: number },
): Promise<{ readonly [bank: string]: Seen }> => {
  const banks = Object.keys(worlds).sort();
  const seen = Object.fromEntries(banks.map((bank): [string, Seen] => [bank, { numbers: 0, exact: 0, positive: 0 }]));
  const inside = (bank: string, what: string, count: CountShown, truth: number) => {
    const shown = `${bank} ${what}: ${count.min}..${count.max} because ${count.because}, truth ${truth}`;
    if (count.min > truth || (count.max !== null && count.max < truth)) throw new Error(`outside: ${shown}`);
    if (count.exact !== (count.min === count.max)) throw new Error(`not what it says: ${shown}`);
    const of = seen[bank]!;
    of.numbers += 1;
    if (count.exact) of.exact += 1;
    if (truth > 0) of.positive += 1;
  };
  await fc.assert(
    fc.asyncProperty(questions, async ({ where, facets }) => {
      const asked = facets.map(({ by }) => ({ by: by.field, values: by.values }));
      const { search } = await house.ask<{ search: SearchShown }>(SEARCH, {
        where,
        facets: asked.length === 0 ? null : asked,
      });
      expect(search.banks.map(({ bank, status, problem }) => [bank.id, status, problem])).toEqual(
        banks.map((bank) => [bank, "ANSWERED", null]),
      );
      for (const { bank, donors, samples, facets: found } of search.banks) {
        const world = worlds[bank.id]!;
        const truth = truthOf(world, where);
        inside(bank.id, "donors", donors, truth.donors);
        inside(bank.id, "samples", samples, truth.samples);
        found.forEach(({ cells }, f) => {
          for (const { by, counts } of cells) {
            const cell = [{ field: asked[f]?.by ?? "", value: by.value }];
            // What a bank does not map has no missing values either; only the fields of the record are told by the oracle.
            if (by.value === "NOT_RECORDED" && counts.donors.max !== 0 && !counts.donors.exact) continue;
            const narrowed = truthOf(world, where, cell);
            inside(bank.id, `donors ${JSON.stringify(cell)}`, counts.donors, narrowed.donors);
            inside(bank.id, `samples ${JSON.stringify(cell)}`, counts.samples, narrowed.samples);
          }
        });
      }
    }),
    { ...parameters, endOnFailure: false },
  );
  return seen;
};
