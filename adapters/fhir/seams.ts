import { BankError } from "../../schema/bank-error.ts";
import { otherwise } from "./recorded.ts";
import type { Param, Search } from "./search.ts";
import { doubtAt, nearSeam, within, yearStart } from "./years.ts";

const OLDEST = 1900;
const NEWEST = 2100;
const DECADE = 10;

/** Counts what each search matches. */
type Ask = (searches: readonly Search[]) => Promise<readonly (number | BankError)[]>;

/**
 * Whether some Specimen's date may be of two years: a period over New Year, or a moment so near to it that its time zone
 * decides. Decades that hold dates are looked at year by year. Dates outside 1900 to 2099 and what cannot be counted are in
 * doubt too. @throws {BankError} for a server that is busy or away
 */
export const hasYearsInDoubt = async (name: string, ask: Ask): Promise<boolean> => {
  const count = async (all: readonly (readonly Param[])[]): Promise<readonly (number | undefined)[]> => {
    const outcomes = await ask(all.map((params) => ({ resource: "Specimen", params })));
    return outcomes.map((outcome) => (outcome instanceof BankError ? otherwise(outcome, undefined) : outcome));
  };
  const starts = Array.from({ length: (NEWEST - OLDEST) / DECADE }, (_, at) => OLDEST + at * DECADE);
  const [older, newer, ...decades] = await count([
    within(name, null, yearStart(OLDEST)),
    within(name, yearStart(NEWEST), null),
    ...starts.map((start) => within(name, yearStart(start), yearStart(start + DECADE))),
  ]);
  if (older !== 0 || newer !== 0) return true;
  const held = starts.filter((_, at) => decades[at] !== 0);
  const years = [...new Set(held.flatMap((start) => Array.from({ length: DECADE + 1 }, (_, at) => start + at)))];
  const near = await count(years.map((year) => nearSeam(name, year)));
  const sums = years.filter((_, at) => near[at] !== 0).map((year) => doubtAt(name, year));
  const counts = await count(sums.flatMap((sum) => sum.map(({ params }) => params)));
  let at = 0;
  return sums.some((sum) => {
    const total = sum.reduce((added, { times }) => added + times * (counts[at++] ?? Number.NaN), 0);
    return total !== 0;
  });
};
