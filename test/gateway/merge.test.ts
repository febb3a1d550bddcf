import { expect, test } from "vitest";
import { salvagedCard } from "../../gateway/banks/salvaged-card.ts";
import type { BankResult } from "../../gateway/search/bank-result.ts";
import { mergeResults } from "../../gateway/search/merge.ts";
import { type CellCounts, type Count, countOf, exactCount } from "../../schema/count.ts";

const CARD = salvagedCard({}, "bank")!;
const result = (donors: Count, enrolmentsPerPerson = 1, cells: readonly CellCounts[] = []): BankResult => ({
  card: { ...CARD, size: { donors: null, samples: null, enrolmentsPerPerson } },
  status: "ANSWERED",
  donors,
  samples: exactCount(donors.min * 2),
  facets: [{ cells }],
  understanding: [],
  release: null,
  edition: null,
  staleSince: null,
  tookMs: 50,
  problem: null,
});
const merge = (...results: readonly BankResult[]) => mergeResults(results, [0]);

test("donors and samples are summed end by end", async () => {
  const totals = await merge(
    result(countOf(10, 20, ["ROUNDED"])),
    result(countOf(5, 7, ["SMALL_COUNT"])),
    result(exactCount(1)),
  );
  expect(totals.donors).toEqual({ min: 16, max: 28, because: ["SMALL_COUNT", "ROUNDED"] });
  expect(totals.samples).toEqual(exactCount(32));
});

test("people are at least those of the largest bank and at most everybody", async () => {
  const { people } = await merge(result(exactCount(10)), result(exactCount(7)));
  expect(people).toEqual({ min: 10, max: 17, because: ["OVERLAP"] });
});

test("a bank where one person can enrol twice holds half as many people for certain, rounded up", async () => {
  expect((await merge(result(exactCount(11), 2), result(exactCount(3)))).people).toEqual({
    min: 6,
    max: 14,
    because: ["OVERLAP"],
  });
  expect((await merge(result(exactCount(11), 2))).people).toEqual({ min: 6, max: 11, because: ["OVERLAP"] });
});

test("people of one bank are its donors", async () => {
  expect((await merge(result(exactCount(10)), result(exactCount(0)))).people).toEqual(exactCount(10));
  const wide = countOf(3, 9, ["NOT_RECORDED"]);
  expect((await merge(result(wide), result(exactCount(0)))).people).toEqual(wide);
});

test("without an upper end there is none for people either", async () => {
  const silent = countOf(0, null, ["BANK_SILENT"]);
  expect((await merge(result(exactCount(4)), result(silent))).people).toEqual({
    min: 4,
    max: null,
    because: ["BANK_SILENT", "OVERLAP"],
  });
});

test("cells are summed place by place", async () => {
  const cell = (n: number): CellCounts => ({ donors: exactCount(n), samples: exactCount(n + 1) });
  const results = [result(exactCount(9), 1, [cell(1), cell(2)]), result(exactCount(9), 1, [cell(10), cell(20)])];
  expect((await mergeResults(results, [2])).facets).toEqual([
    {
      cells: [
        { donors: exactCount(11), samples: exactCount(13) },
        { donors: exactCount(22), samples: exactCount(24) },
      ],
    },
  ]);
});

test("nobody asked is nobody counted", async () => {
  expect(await mergeResults([], [2])).toMatchObject({ donors: exactCount(0), people: exactCount(0) });
});
