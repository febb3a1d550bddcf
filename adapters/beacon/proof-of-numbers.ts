import { BankError } from "../../schema/bank-error.ts";
import type { Range } from "../local.ts";
import type { Filter } from "./filters.ts";
import { differenceOf, isBelow, mayEqual, mayLieWithin, sumOf } from "./intervals.ts";
import { NOT_ALL, NOT_SHOWN, type Proof, type Proving, REFUSED } from "./proving.ts";

type Numbers = Proving & {
  /** The filters of a range, both ends inclusive. */
  readonly write: (from: number | null, to: number | null) => readonly Filter[];
};

/** Numbers at which the values are divided, with such as are in another order when they are compared as texts. */
const ENDS = { AGE: [9, 10, 40, 60, 100], YEAR: [2000, 2010, 2015, 2020] } as const;
/** No record has a number outside of these. */
const BOUNDS = { AGE: [0, 149], YEAR: [1000, 2999] } as const;

const NOT_ADDED = "its numbers below and from a number on do not add up";

/** Proves a field of numbers on the data. @throws {BankError} */
export const proveNumbers = async (numbers: Numbers): Promise<Proof> => {
  const kind = numbers.field === "AGE_AT_COLLECTION" ? "AGE" : "YEAR";
  const [least, most] = BOUNDS[kind];
  const { below, fromOn } = counting(numbers);
  const [low, high] = await Promise.all([below(least), fromOn(most + 1)]);
  if (low === undefined || high === undefined) return failed(REFUSED);
  if (low.min > 0 || high.min > 0)
    return failed(`it holds numbers outside ${least} to ${most}: is it in another unit?`);
  const middle = numbers.isOne ? await valueInTheMiddle(numbers, BOUNDS[kind]) : undefined;
  const between = middle === undefined ? [] : [middle, middle + 1];
  const ends = [...new Set([...ENDS[kind], ...between])].sort((a, b) => a - b);
  const parts = await Promise.all(ends.map(async (at) => ({ under: await below(at), over: await fromOn(at) })));
  const known = parts.filter((part): part is Divided => part.under !== undefined && part.over !== undefined);
  if (known.length < parts.length) return failed(REFUSED);
  const fault = faultOfOrder(numbers, known) ?? (await faultOfWindows(numbers, ends, middle));
  if (fault !== undefined) return failed(fault);
  const isShort = (count: Range): boolean => isBelow(count, numbers.all);
  if (numbers.isOne && numbers.warranted && known.some(({ under, over }) => isShort(sumOf([under, over])))) {
    return { ...failed(NOT_ALL), warrant: true };
  }
  const isShown = [low, ...known.map(({ under }) => under)].some(isShort);
  const areShown = isShown && [high, ...known.map(({ over }) => over)].some(isShort);
  return areShown || numbers.all.max === 0 ? failed(undefined) : failed(NOT_SHOWN);
};

const failed = (fault: string | undefined): Proof => ({ fault, found: [] });

/** All records with a number below one, and from it on. */
type Divided = { readonly under: Range; readonly over: Range };

/** What is divided adds up to the same everywhere, and is more the further it reaches. */
const faultOfOrder = ({ all, isOne }: Numbers, parts: readonly Divided[]): string | undefined => {
  for (const [at, { under, over }] of parts.entries()) {
    const next = parts[at + 1];
    if (!mayLieWithin(under, all) || !mayLieWithin(over, all)) return NOT_ADDED;
    if (next === undefined) continue;
    if (!mayLieWithin(under, next.under) || !mayLieWithin(next.over, over)) return "its numbers are compared as texts";
  }
  const sums = isOne ? parts.map(({ under, over }) => sumOf([under, over])) : [];
  const fit = sums.every((sum) => mayLieWithin(sum, all) && sums.every((other) => mayEqual(sum, other)));
  return fit ? undefined : NOT_ADDED;
};

/** A range of two ends is what its ends leave of it. Asked where records are known to be. */
const faultOfWindows = async (
  numbers: Numbers,
  ends: readonly number[],
  middle: number | undefined,
): Promise<string | undefined> => {
  if (middle === undefined) return undefined;
  const { below, within } = counting(numbers);
  const windows = [
    [middle, middle],
    [Math.min(middle, ends[0]!), middle],
    [middle, Math.max(middle, ends.at(-1)! - 1)],
  ];
  for (const [from = 0, to = 0] of windows) {
    const [window, under, over] = await Promise.all([within(from, to), below(from), below(to + 1)]);
    if (window === undefined || under === undefined || over === undefined) return REFUSED;
    if (!mayEqual(window, differenceOf(over, under))) return "a range is not what its ends leave of it";
  }
  return undefined;
};

/** Counts by ranges; undefined where the beacon does not take one. */
const counting = ({ unit, ask, write }: Numbers) => {
  const within = async (from: number | null, to: number | null): Promise<Range | undefined> => {
    const count = await ask(unit, write(from, to));
    return count instanceof BankError ? undefined : count;
  };
  return {
    within,
    below: (at: number) => within(null, at - 1),
    fromOn: (at: number) => within(at, null),
  };
};

/** A number that some records have, with about half of them below it: a comparison that leaves out its end loses these. */
const valueInTheMiddle = async (
  numbers: Numbers,
  [least, most]: readonly [number, number],
): Promise<number | undefined> => {
  const { below } = counting(numbers);
  const whole = await below(most + 1);
  if (whole === undefined || whole.min === 0) return undefined;
  let [low, high] = [least, most + 1];
  while (high - low > 1) {
    const at = Math.floor((low + high) / 2);
    const under = await below(at);
    if (under === undefined) return undefined;
    if (under.min * 2 >= whole.min) high = at;
    else low = at;
  }
  return low;
};
