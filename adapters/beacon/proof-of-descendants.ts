import { BankError } from "../../schema/bank-error.ts";
import type { Unit } from "../local.ts";
import type { Filter } from "./filters.ts";
import { isBelow, mayEqual, mayLieWithin } from "./intervals.ts";
import type { Ask } from "./proof-asker.ts";

/** A code and one below it, as filters for them alone; `all`: for the code with all those below it, where that can be asked. */
export type Branch = { readonly code: Filter; readonly lower: Filter; readonly all: Filter | undefined };

/** Whether a filter with those below it finds them, and whether one without leaves them out. */
export type Descendants = { readonly includes: boolean; readonly leavesOut: boolean };

/** Most branches that are looked at. */
const MOST_BRANCHES = 6;

/**
 * Finds out whether `includeDescendantTerms` is obeyed: everybody with a lower code has a code with all those below it, and not
 * everybody with a lower code has the code alone. Where no lower code is recorded nothing can be wrong. @throws {BankError}
 */
export const proveDescendants = async (branches: readonly Branch[], unit: Unit, ask: Ask): Promise<Descendants> => {
  let [isSeen, leavesOut, includes] = [false, false, true];
  for (const { code, lower, all } of branches.slice(0, MOST_BRANCHES)) {
    const below = await ask(unit, [lower]);
    if (below instanceof BankError || below.min === 0) continue;
    isSeen = true;
    const [alone, both] = await Promise.all([ask(unit, [code]), ask(unit, [code, lower])]);
    if (!(alone instanceof BankError) && isBelow(alone, below)) leavesOut = true;
    if (!(both instanceof BankError) && isBelow(both, below)) leavesOut = true;
    if (all === undefined || !includes) continue;
    const [whole, lowerOfAll] = await Promise.all([ask(unit, [all]), ask(unit, [all, lower])]);
    includes =
      !(whole instanceof BankError) &&
      !(lowerOfAll instanceof BankError) &&
      mayLieWithin(below, whole) &&
      mayEqual(lowerOfAll, below);
  }
  return { includes, leavesOut: leavesOut || !isSeen };
};
