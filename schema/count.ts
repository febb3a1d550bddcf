/** Place of each reason in the SDL's enum: `because` is always listed in this order. */
const RANK = {
  SMALL_COUNT: 0,
  ROUNDED: 1,
  PERTURBED: 2,
  CRITERION_UNSUPPORTED: 3,
  CODE_BROADER: 4,
  CODE_NARROWER: 5,
  NOT_RECORDED: 6,
  SAME_SAMPLE: 7,
  LOGIC_LIMIT: 8,
  NOT_COUNTED: 9,
  LOCAL_ROUNDING: 10,
  BANK_WAITING: 11,
  BANK_SILENT: 12,
  OVERLAP: 13,
  PRECISION: 14,
  NOT_UNDERSTOOD: 15,
} as const;

/** Why a count is not exact; the SDL's enum `Uncertainty`. */
export type Uncertainty = keyof typeof RANK;

/** The truth lies between min and max; max null: nothing bounds it. `because` is empty exactly when min = max. */
export type Count = { readonly min: number; readonly max: number | null; readonly because: readonly Uncertainty[] };
export type CellCounts = { readonly donors: Count; readonly samples: Count };

/** Whether a word is one of the reasons that this version knows. */
export const isUncertainty = (word: unknown): word is Uncertainty =>
  typeof word === "string" && Object.hasOwn(RANK, word);

/** The reasons of several counts together: each once, in the enum's order. */
export const unionBecause = (lists: Iterable<Iterable<Uncertainty>>): readonly Uncertainty[] => {
  let found = 0;
  for (const list of lists) for (const reason of list) found |= 1 << RANK[reason];
  return reasonsOf(found);
};

const REASONS = Object.keys(RANK).filter(isUncertainty);
/** The reasons of a set of ranks. Thousands of cells have the same few sets, so each is one list. */
const reasonsOf = (ranks: number): readonly Uncertainty[] => {
  const known = reasons.get(ranks) ?? REASONS.filter((reason) => ranks & (1 << RANK[reason]));
  reasons.set(ranks, known);
  return known;
};
const reasons = new Map<number, readonly Uncertainty[]>();

/** An interval with its reasons; they are dropped where min = max. `max` null: nothing bounds it. */
export const countOf = (min: number, max: number | null, because: readonly Uncertainty[]): Count => ({
  min,
  max,
  because: min === max ? NONE : because,
});

const NONE: readonly Uncertainty[] = [];

/** A count that is known: n..n. */
export const exactCount = (n: number): Count => countOf(n, n, []);

/** The count of a bank that did not answer: 0 to its bound (null: no upper end) because of `why`; exact if the bound is 0. */
export const silentCount = (bound: number | null, why: Uncertainty): Count => countOf(0, bound, [why]);

/** Whether the interval is one number. */
export const isExact = (count: Count): boolean => count.min === count.max;

/** The sum of intervals: minima and maxima added, no upper end if one has none; 0..0 of nothing. */
export const sumCounts = (counts: readonly Count[]): Count => sumOf(counts, itself);

/** Donors and samples summed apart. */
export const sumCells = (cells: readonly CellCounts[]): CellCounts => ({
  donors: sumOf(cells, donorsOf),
  samples: sumOf(cells, samplesOf),
});

const itself = (count: Count): Count => count;
const donorsOf = ({ donors }: CellCounts): Count => donors;
const samplesOf = ({ samples }: CellCounts): Count => samples;

/** Tables have thousands of cells: nothing is made for each of them but the sum. */
const sumOf = <T>(parts: readonly T[], countIn: (part: T) => Count): Count => {
  let min = 0;
  let max: number | null = 0;
  let because = 0;
  for (const part of parts) {
    const count = countIn(part);
    min += count.min;
    max = max === null || count.max === null ? null : max + count.max;
    for (const reason of count.because) because |= 1 << RANK[reason];
  }
  return countOf(min, max, min === max ? NONE : reasonsOf(because));
};
