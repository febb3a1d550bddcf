import { BankError } from "../../schema/bank-error.ts";
import type { Range } from "../local.ts";
import type { Filter } from "./filters.ts";
import { sumOf } from "./intervals.ts";
import type { BeaconOptions } from "./options.ts";
import type { Ask } from "./proof-asker.ts";

type SampleAnd = BeaconOptions["sampleAnd"];

/** Most values of a field by which pairs are made. */
const MOST_VALUES = 5;

/**
 * What several filters on biosamples mean when individuals are counted, as the data show it: two values of which a biosample has
 * one at most find somebody where `any` biosample meets each, and nobody where the `same` one has to meet both. Nobody shows
 * something only where more individuals have a value each than there are. Undefined: the data show nothing.
 * @param fields for each field its filters
 */
export const provenSampleAnd = async (
  fields: readonly (readonly Filter[])[],
  all: Range,
  ask: Ask,
): Promise<Exclude<SampleAnd, "unknown"> | undefined> => {
  for (const filters of fields) {
    const asked = await Promise.all(filters.map(async (filter) => ({ filter, count: await ask("DONORS", [filter]) })));
    const met = asked
      .flatMap(({ filter, count }) => (count instanceof BankError || count.min === 0 ? [] : [{ filter, count }]))
      .sort((a, b) => b.count.min - a.count.min)
      .slice(0, MOST_VALUES);
    const pairs = met.flatMap(({ filter }, at) => met.slice(at + 1).map((other) => [filter, other.filter]));
    const both = await Promise.all(pairs.map((pair) => ask("DONORS", pair)));
    if (both.some((count) => !(count instanceof BankError) && count.min > 0)) return "any";
    const isNobody = both.every((count) => !(count instanceof BankError) && count.max === 0);
    const isCrowded = all.max !== null && sumOf(met.map(({ count }) => count)).min > all.max;
    if (isNobody && isCrowded) return "same";
  }
  return undefined;
};
