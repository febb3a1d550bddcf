import type { Counts, Range } from "../../adapters/local.ts";
import { mapInTurns } from "../../net/turns.ts";
import { type CellCounts, type Count, countOf, type Uncertainty, unionBecause } from "../../schema/count.ts";
import type { Bounds, Release } from "../../schema/release.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import { type Counted, countedBy, type Outcome } from "../count/outcomes.ts";
import { checkPair, checkPart } from "../count/plausible.ts";
import { Raw } from "../count/raw.ts";
import { type Disclosed, type Disclosure, discloser } from "../disclose/disclose.ts";
import { type Exact, evaluate, type Plan } from "../plan/tree.ts";
import type { PlannedCell, PlannedNumber } from "./cells.ts";
import type { Prepared } from "./prepare.ts";
import { lowerMax, relate } from "./relate.ts";

/** What the numbers of an answer hang on besides the outcomes of its local questions. */
export type Settlement = {
  readonly release: Release;
  readonly disclosure: Disclosure;
  /** Upper bounds that the bank warrants. */
  readonly size: Bounds;
  readonly samplesPerDonor: number | undefined;
};

/**
 * Checks the raw counts against each other and discloses them, giving way to the event loop meanwhile.
 * @throws {BankError} {Contradiction}, and signal.reason where the signal aborts meanwhile
 */
export const settle = async (
  prepared: Prepared,
  outcomes: readonly Outcome[],
  given: Settlement,
  signal: AbortSignal,
): Promise<Answer> => {
  const { size, disclosure, release } = given;
  const counted = countedBy(prepared.questions, outcomes, size);
  await checkCounts(prepared, counted, given, signal);
  const at: At = { ...given, disclose: discloser(disclosure, release, counted) };
  const total = show(prepared.total, prepared.least, { ifCounted: size, ifNot: size }, at);
  const limits = { ifCounted: disclosure.asCounted ? maxima(total) : size, ifNot: maxima(total) };
  const facets: Answer["facets"][number][] = [];
  for (const { cells, least } of prepared.facets) {
    const shown = onceFor((cell: PlannedCell) => show(cell, least, limits, at));
    facets.push({ cells: await mapInTurns(cells, shown, signal) });
  }
  return { ...total, understanding: prepared.understanding, facets };
};

/** Computes something of each cell; cells with the same plan are one object. */
const onceFor = <T>(make: (cell: PlannedCell) => T): ((cell: PlannedCell) => T) => {
  const made = new Map<PlannedCell, T>();
  return (cell) => {
    const known = made.get(cell) ?? make(cell);
    made.set(cell, known);
    return known;
  };
};

const maxima = ({ donors, samples }: Counts): Bounds => ({ donors: donors.max, samples: samples.max });

/**
 * Checks the raw counts of every cell: each is no more than the bank warrants and than the total that it is part of, and
 * donors go with their samples. @throws {BankError} {Contradiction}
 */
const checkCounts = async (
  prepared: Prepared,
  counted: Counted,
  { size, samplesPerDonor }: Settlement,
  signal: AbortSignal,
): Promise<void> => {
  const rangeOf = ({ inner, outer }: PlannedNumber, count: (node: Exact) => Range): Range => {
    const { min, max } = evaluate(inner, count);
    return { min, max: inner === outer ? max : evaluate(outer, count).max };
  };
  const check = (cell: PlannedCell, least: number, upTo: Raw<Bounds>): Raw<Counts> =>
    Raw.compute((open) => {
      const count = (node: Exact): Range => open(counted(node));
      const [donors, samples] = [rangeOf(cell.donors, count), rangeOf(cell.samples, count)];
      const most = open(upTo);
      checkPart(donors, "donors", most.donors, size.donors);
      checkPart(samples, "samples", most.samples, size.samples);
      const parts = {
        donors: { min: donors.min, max: lowerMax(donors.max, most.donors) },
        samples: { min: samples.min, max: lowerMax(samples.max, most.samples) },
      };
      checkPair(parts, least, samplesPerDonor);
      return parts;
    });
  const { least } = prepared;
  const total = check(
    prepared.total,
    least,
    Raw.compute(() => size),
  );
  const upTo = Raw.compute((open) => maxima(relate(open(total), least, samplesPerDonor)));
  for (const facet of prepared.facets) {
    await mapInTurns([...new Set(facet.cells)], (cell) => check(cell, facet.least, upTo), signal);
  }
};

type At = { readonly disclose: (plan: Plan) => Disclosed; readonly samplesPerDonor: number | undefined };

/**
 * Upper bounds of disclosed numbers, themselves public or disclosed: of one that was counted, and of one that was not.
 * Where counts are shifted, a counted cell is not cut by its total: it would tell two numbers, and depend on both.
 */
type Limits = { readonly ifCounted: Bounds; readonly ifNot: Bounds };

/** Discloses both counts of a cell. Donors and samples then narrow each other, by disclosed numbers alone. */
const show = (cell: PlannedCell, least: number, { ifCounted, ifNot }: Limits, at: At): CellCounts => {
  const [donors, samples] = [ends(cell.donors, at.disclose), ends(cell.samples, at.disclose)];
  const counts = {
    donors: between(donors, ifCounted.donors, ifNot.donors),
    samples: between(samples, ifCounted.samples, ifNot.samples),
  };
  const related = relate(counts, least, at.samplesPerDonor);
  return { donors: countFrom(related.donors, donors), samples: countFrom(related.samples, samples) };
};

type Ends = { readonly low: Disclosed; readonly high: Disclosed; readonly because: ReadonlySet<Uncertainty> };

const ends = ({ inner, outer, because }: PlannedNumber, disclose: At["disclose"]): Ends => {
  const low = disclose(inner);
  return { low, high: inner === outer ? low : disclose(outer), because };
};

const between = ({ low, high }: Ends, ifCounted: number | null, ifNot: number | null): Range => ({
  min: low.min,
  max: high.max === null ? ifNot : lowerMax(high.max, ifCounted),
});

const countFrom = ({ min, max }: Range, { low, high, because }: Ends): Count =>
  countOf(min, max, min === max ? [] : unionBecause([because, low.because, high.because]));
