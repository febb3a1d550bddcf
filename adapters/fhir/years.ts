import type { RangeTest } from "../local.ts";
import type { Param } from "./search.ts";

/** Parameters that hold together, counted `times` times. */
type Part = { readonly times: number; readonly params: readonly Param[] };

/** The years that a server is searched for. */
const YEARS = { first: 1, last: 9998 } as const;

/** The first day of a year. Servers differ in what they make of a bare year: some read `ge2005` as "after 2005". */
export const yearStart = (year: number): string => `${String(year).padStart(4, "0")}-01-01`;

/**
 * Around the first moment of a year there are 26 hours in which it depends on the time zone which year a moment belongs to:
 * from 14 hours before it in UTC until 12 hours after it.
 */
const zoneStart = (year: number): string => `${String(year - 1).padStart(4, "0")}-12-31T10:00:00Z`;
const zoneEnd = (year: number): string => `${yearStart(year)}T12:00:00Z`;

/** What reaches into the time from `from` to before `to`; an end that is null is open. */
export const within = (name: string, from: string | null, to: string | null): readonly Param[] => [
  ...(from === null ? [] : [[name, `ge${from}`] as const]),
  ...(to === null ? [] : [[name, `lt${to}`] as const]),
];

/** What begins before a moment and ends after it. A day or a period does; a moment never does. */
const across = (name: string, at: string): readonly Param[] => within(name, at, at);

/** Dates that may be of the year, or of the year before, because of their time zone or since they last into both. */
export const nearSeam = (name: string, year: number): readonly Param[] => within(name, zoneStart(year), zoneEnd(year));

/** Moments before the first day of a year that may be of that year. */
const lateMoments = (name: string, year: number): readonly Part[] => [
  { times: 1, params: within(name, zoneStart(year), yearStart(year)) },
  { times: -1, params: across(name, zoneStart(year)) },
];

/** Moments of the first day of a year that may be of the year before. */
const earlyMoments = (name: string, year: number): readonly Part[] => [
  { times: 1, params: within(name, yearStart(year), zoneEnd(year)) },
  { times: -1, params: across(name, zoneEnd(year)) },
];

/** How many dates near the start of a year may be of either year, as a sum. */
export const doubtAt = (name: string, year: number): readonly Part[] => [
  ...lateMoments(name, year),
  ...earlyMoments(name, year),
  { times: 1, params: across(name, yearStart(year)) },
];

/** The first year of a range, and the one after its last; null is open. */
const endsOf = ({ from, to }: RangeTest) => {
  const first = from === null ? null : Math.ceil(from);
  const after = to === null ? null : Math.floor(to) + 1;
  return {
    first: first === null ? null : Math.max(YEARS.first, first),
    after: after === null || after > YEARS.last ? null : after,
  };
};

/** Dates that reach into a range of years. Null: none can. */
export const yearBounds = (name: string, test: RangeTest): readonly Param[] | null => {
  const { first, after } = endsOf(test);
  if ((first !== null && first > YEARS.last) || (after !== null && after <= (first ?? YEARS.first))) return null;
  if (first === null && after === null) return within(name, yearStart(YEARS.first), null);
  return within(name, first === null ? null : yearStart(first), after === null ? null : yearStart(after));
};

/** The same, and beside it all that may reach into the range; without an end that is half a year it is as yearBounds. */
export const widestBounds = (name: string, test: RangeTest): readonly Param[] | null => {
  const { first, after } = endsOf(test);
  const exact = yearBounds(name, test);
  if (exact === null || isWhole(test)) return exact;
  return within(name, first === null ? null : zoneStart(first), after === null ? null : zoneEnd(after));
};

/** Whether dates have to lie within the range for sure. */
export const isWhole = ({ from, to }: RangeTest): boolean => Number.isInteger(from ?? 0) && Number.isInteger(to ?? 0);

/**
 * Samples of a range of years as a sum, of dates of which some are in doubt: of whole ends those that surely are within it,
 * of halves those that may be. A date that lasts over both ends is taken off twice.
 */
export const yearSum = (name: string, test: RangeTest): readonly Part[] => {
  const bounds = yearBounds(name, test);
  if (bounds === null) return [];
  const { first, after } = endsOf(test);
  const all: Part = { times: 1, params: bounds };
  if (!isWhole(test)) {
    return [
      all,
      ...(first === null ? [] : lateMoments(name, first)),
      ...(after === null ? [] : earlyMoments(name, after)),
    ];
  }
  const off = [
    ...(first === null ? [] : [...earlyMoments(name, first), { times: 1, params: across(name, yearStart(first)) }]),
    ...(after === null ? [] : [...lateMoments(name, after), { times: 1, params: across(name, yearStart(after)) }]),
  ];
  return [all, ...off.map(({ times, params }) => ({ times: -times, params }))];
};
