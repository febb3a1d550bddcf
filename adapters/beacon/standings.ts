import type { Range, Unit } from "../local.ts";
import type { Filter } from "./filters.ts";
import { isBelow } from "./intervals.ts";
import type { Standing } from "./proving.ts";

/** What is known of the beacon's filters of terms: see standingsOf. */
export type Standings = ReturnType<typeof standingsOf>;

/** How many records there are, and whether an id that the beacon does not know is ignored: undefined where that was not asked. */
export type Counted = { readonly all: Range; readonly ignoresUnknown: boolean | undefined };

/**
 * Which filters may be ignored. A filter that all records pass looks like one that is ignored: it is believed only where the
 * operator says that everybody has the code. Comparisons of numbers are proven with their field.
 */
export const standingsOf = (counted: { readonly [U in Unit]: Counted }, everybody: readonly string[]) => {
  const known = new Map<string, Standing>();
  const keyOf = (unit: Unit, { id, includeDescendantTerms = false }: Filter): string =>
    `${unit} ${includeDescendantTerms} ${id}`;
  const standingOf = (unit: Unit, { id }: Filter, count: Range, isBelieved: boolean): Standing => {
    const { all, ignoresUnknown } = counted[unit];
    if (isBelow(count, all) || count.max === 0 || all.max === 0 || everybody.includes(id)) return "taken";
    return (isBelieved || all.max === null) && ignoresUnknown === false ? "taken" : "ignored";
  };
  return {
    /** Undefined: the filter was not yet asked for alone. */
    of: (unit: Unit, filter: Filter): Standing | undefined =>
      filter.operator === undefined ? known.get(keyOf(unit, filter)) : "taken",
    /**
     * Notes how many records pass the filter alone. `isBelieved`: other counts of its field leave no doubt but that it is taken,
     * where ids that the beacon does not know are not ignored. @returns its standing
     */
    note(unit: Unit, filter: Filter, count: Range, isBelieved = false): Standing {
      const before = known.get(keyOf(unit, filter));
      const standing = before ?? standingOf(unit, filter, count, isBelieved);
      known.set(keyOf(unit, filter), standing);
      return standing;
    },
    /** Notes that the filter stands for the codes below it too. */
    noteWider(unit: Unit, filter: Filter): void {
      known.set(keyOf(unit, filter), "wider");
    },
  };
};
