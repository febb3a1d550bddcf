import { BankError } from "../../schema/bank-error.ts";
import { isSampleField } from "../../schema/fields.ts";
import type { Range } from "../local.ts";
import type { Filter } from "./filters.ts";
import { isBelow, mayEqual, mayLieWithin, sumOf } from "./intervals.ts";
import { type Found, NOT_ALL, NOT_SHOWN, type Proof, type Proving, REFUSED } from "./proving.ts";

/** Two or more filters that no record meets together, and whether every record meets one of them. */
export type Partner = { readonly filters: readonly Filter[]; readonly isAll: boolean };

type Codes = Proving & {
  /** Filters that are asked one by one: all of the field, or some. */
  readonly filters: readonly Filter[];
  /** Whether they are all that the mapping names. */
  readonly areAll: boolean;
  /** Codes that the operator warrants every record to have. */
  readonly everybody: readonly string[];
  /** Values of another field, by which this one is divided. */
  readonly partner: Partner | undefined;
};

const APART = "two of its values together find records, although none has both";
const JOINED = "two filters together do not find what both find";

/** Proves a field of codes on the data. @throws {BankError} */
export const proveCodes = async (codes: Codes): Promise<Proof> => {
  const { ask, unit, filters, all, isOne, everybody } = codes;
  const outcomes = await Promise.all(filters.map(async (filter) => ({ filter, count: await ask(unit, [filter]) })));
  const found = outcomes.filter((one): one is Found => !(one.count instanceof BankError));
  if (found.length === 0) return { fault: REFUSED, found };
  if (found.some(({ count }) => !mayLieWithin(count, all)))
    return { fault: "a value is found more often than all", found };
  const least = sumOf(found.map(({ count }) => count));
  if (isOne && !mayLieWithin(least, all)) return { fault: "its values one by one are more than all", found };
  const fault = (await faultOfPairs(codes, found)) ?? (await faultOfPartner(codes, found));
  if (fault !== undefined) return { fault, found };
  const isAll = found.length === filters.length && codes.areAll;
  if (codes.warranted && isAll && isBelow(least, all)) return { fault: NOT_ALL, warrant: true, found };
  // One filter that all pass is not shown to be taken by being the only one.
  const isShown = found.some(({ filter, count }) => isBelow(count, all) || everybody.includes(filter.id));
  return { fault: isShown || all.max === 0 ? undefined : NOT_SHOWN, found };
};

/** Those that are surely met, the most frequent one first. */
const frequent = (found: readonly Found[]): readonly Found[] =>
  found.filter(({ count }) => count.min > 0).sort((a, b) => b.count.min - a.count.min);

/** Two values of one field: nobody has both, or as many as either has at most. The order of filters makes no difference. */
const faultOfPairs = async (
  { ask, unit, field, all, isOne }: Codes,
  found: readonly Found[],
): Promise<string | undefined> => {
  const known = frequent(found);
  // The most and the least frequent one, since what finds one of the two finds another number then.
  const [first, second, last] = [known[0], known[1], known.at(-1)];
  const pairs = [[first, last], ...(isOne && second !== last ? [[first, second]] : [])];
  for (const [one, other] of pairs) {
    if (one === undefined || other === undefined || one === other) continue;
    const both = await bothOrders(one.filter, other.filter, (filters) => ask(unit, filters));
    if (both === undefined) return REFUSED;
    const [forth, back] = both;
    if (!mayEqual(forth, back)) return "the order of filters makes a difference";
    if (isOne && both.some(({ min }) => min > 0)) return APART;
    // Two filters on biosamples may have to be met by one and the same.
    const least = all.max === null || isSampleField(field) ? 0 : one.count.min + other.count.min - all.max;
    const fits = (count: Range) =>
      mayLieWithin(count, one.count) &&
      mayLieWithin(count, other.count) &&
      mayLieWithin({ min: least, max: null }, count);
    if (!both.every(fits)) return JOINED;
  }
  return undefined;
};

const bothOrders = async (
  one: Filter,
  other: Filter,
  ask: (filters: readonly Filter[]) => Promise<Range | BankError>,
): Promise<readonly [Range, Range] | undefined> => {
  const [forth, back] = await Promise.all([ask([one, other]), ask([other, one])]);
  return forth instanceof BankError || back instanceof BankError ? undefined : [forth, back];
};

/** A value divided by those of another field: the parts are no more than the whole, and all of it where everybody has one of them. */
const faultOfPartner = async ({ ask, unit, partner }: Codes, found: readonly Found[]): Promise<string | undefined> => {
  const known = frequent(found);
  const whole = known[Math.floor((known.length - 1) / 2)];
  if (partner === undefined || whole === undefined) return undefined;
  const parts = await Promise.all(partner.filters.map((filter) => ask(unit, [whole.filter, filter])));
  const counts = parts.filter((part): part is Range => !(part instanceof BankError));
  if (counts.length < parts.length) return REFUSED;
  const sum = sumOf(counts);
  const fits = partner.isAll ? mayEqual(sum, whole.count) : mayLieWithin(sum, whole.count);
  return fits ? undefined : `${JOINED}: a value divided by another field does not add up`;
};
