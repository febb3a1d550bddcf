import fc from "fast-check";
import { expect, test } from "vitest";
import { cases } from "../law/case.ts";
import { truthOf } from "../oracle.ts";
import { type CountShown, openHouse, SEARCH, type SearchShown, worldOf } from "./house.ts";

const SIZE = 0.004;

test("the law holds for the sandbox's banks, over HTTP, a Beacon and Parquet files", async () => {
  await using house = await openHouse(SIZE);
  const worlds = { bbj: worldOf("bbj", SIZE), tmm: worldOf("tmm", SIZE) };
  const seen = { numbers: 0, exact: 0, positive: 0 };
  const inside = (what: string, count: CountShown, truth: number) => {
    const shown = `${what}: ${count.min}..${count.max}, truth ${truth}`;
    if (count.min > truth || (count.max !== null && count.max < truth)) throw new Error(`outside: ${shown}`);
    if (count.exact !== (count.min === count.max)) throw new Error(`not what it says: ${shown}`);
    seen.numbers += 1;
    if (count.exact) seen.exact += 1;
    if (truth > 0) seen.positive += 1;
  };
  await fc.assert(
    fc.asyncProperty(cases, async ({ where, facets }) => {
      const asked = facets.map(({ by }) => ({ by: by.field, values: by.values }));
      const { search } = await house.ask<{ search: SearchShown }>(SEARCH, {
        where,
        facets: asked.length === 0 ? null : asked,
      });
      expect(search.banks.map(({ status }) => status)).toEqual(["ANSWERED", "ANSWERED"]);
      for (const shown of search.banks) {
        const world = worlds[shown.bank.id as keyof typeof worlds];
        const truth = truthOf(world, where);
        inside(`${shown.bank.id} donors`, shown.donors, truth.donors);
        inside(`${shown.bank.id} samples`, shown.samples, truth.samples);
        shown.facets.forEach(({ cells }, f) => {
          for (const { by, counts } of cells) {
            const cell = [{ field: asked[f]?.by ?? "", value: by.value }];
            // What a bank does not map has no missing values either; only the fields of the record are told by the oracle.
            if (by.value === "NOT_RECORDED" && counts.donors.max !== 0 && !counts.donors.exact) continue;
            const narrowed = truthOf(world, where, cell);
            inside(`${shown.bank.id} donors ${JSON.stringify(cell)}`, counts.donors, narrowed.donors);
            inside(`${shown.bank.id} samples ${JSON.stringify(cell)}`, counts.samples, narrowed.samples);
          }
        });
      }
    }),
    { numRuns: 400, seed: 11, endOnFailure: false },
  );
  expect(seen.positive / seen.numbers).toBeGreaterThan(0.3);
  expect(seen.exact / seen.numbers).toBeGreaterThan(0.3);
});
