import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Count,
  countOf,
  exactCount,
  isExact,
  silentCount,
  sumCells,
  sumCounts,
  type Uncertainty,
  unionBecause,
} from "../../schema/count.ts";
import { PUBLIC_SDL } from "../../schema/sdl.ts";

const REASONS = [
  "SMALL_COUNT",
  "CODE_BROADER",
  "NOT_RECORDED",
  "BANK_SILENT",
] as const satisfies readonly Uncertainty[];

/** A count together with a truth that lies inside of it. */
const countWithTruth = fc
  .record({
    min: fc.nat(1000),
    truth: fc.nat(1000),
    above: fc.option(fc.nat(1000)),
    because: fc.uniqueArray(fc.constantFrom(...REASONS), { minLength: 1 }),
  })
  .map(({ min, truth, above, because }) => ({
    truth: min + truth,
    count: countOf(min, above === null ? null : min + truth + above, because),
  }));

test("a sum holds the sum of the truths", () => {
  fc.assert(
    fc.property(fc.array(countWithTruth), (parts) => {
      const sum = sumCounts(parts.map((part) => part.count));
      const truth = parts.reduce((total, part) => total + part.truth, 0);
      expect(sum.min).toBeLessThanOrEqual(truth);
      expect(sum.max ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(truth);
      expect(sum.because.length === 0).toBe(isExact(sum));
    }),
  );
});

test("the order of the parts and how they are grouped do not matter", () => {
  fc.assert(
    fc.property(fc.array(countWithTruth), fc.nat(20), (parts, cut) => {
      const counts = parts.map((part) => part.count);
      const sum = sumCounts(counts);
      expect(sumCounts([...counts].reverse())).toEqual(sum);
      expect(sumCounts([sumCounts(counts.slice(0, cut)), sumCounts(counts.slice(cut))])).toEqual(sum);
    }),
  );
});

test("a sum has no upper end when one part has none", () => {
  const open: Count = { min: 2, max: null, because: ["BANK_SILENT"] };
  expect(sumCounts([exactCount(3), open])).toEqual({ min: 5, max: null, because: ["BANK_SILENT"] });
});

test("reasons are listed once, in the order of the SDL", () => {
  const inSdl = [.../enum Uncertainty \{([^}]*)\}/.exec(PUBLIC_SDL)![1]!.matchAll(/^\s*([A-Z_]+)$/gm)].map(
    ([, name]) => name,
  );
  expect(inSdl).toHaveLength(16);
  const all = unionBecause([[...(inSdl as Uncertainty[])].reverse(), ["OVERLAP", "ROUNDED"]]);
  expect(all).toEqual(inSdl);
});

test("only intervals carry reasons", () => {
  expect(exactCount(7)).toEqual({ min: 7, max: 7, because: [] });
  expect(countOf(4, 4, ["ROUNDED"])).toEqual({ min: 4, max: 4, because: [] });
  expect(sumCounts([])).toEqual({ min: 0, max: 0, because: [] });
});

test("a silent bank counts 0 to its bound", () => {
  expect(silentCount(300, "BANK_SILENT")).toEqual({ min: 0, max: 300, because: ["BANK_SILENT"] });
  expect(silentCount(null, "BANK_SILENT")).toEqual({ min: 0, max: null, because: ["BANK_SILENT"] });
  expect(silentCount(0, "BANK_SILENT")).toEqual({ min: 0, max: 0, because: [] });
});

test("cells add donors and samples apart", () => {
  const cell = { donors: exactCount(2), samples: silentCount(9, "NOT_COUNTED") };
  expect(sumCells([cell, cell])).toEqual({ donors: exactCount(4), samples: silentCount(18, "NOT_COUNTED") });
});
