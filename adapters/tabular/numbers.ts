import { fold } from "./fold.ts";

export type AgeUnit = "years" | "months" | "days";

const OLDEST = 150;
/** What an age should be, for messages. */
export const WANTED_AGE = `an age of 0 to ${OLDEST} years`;

const DIGITS = "(\\d{1,3}(?:,\\d{3})+|\\d{1,6})(?:\\.(\\d{1,9}))?";
const AGES: { readonly [U in AgeUnit]: RegExp } = {
  years: new RegExp(`^${DIGITS} ?[歳才]?$`),
  months: new RegExp(`^${DIGITS} ?(?:[かヶケカヵ箇]月)?$`),
  days: new RegExp(`^${DIGITS} ?日?$`),
};

/**
 * Reads ages in a unit as completed years; n + 0.5 is one of n and n + 1 (see FieldCapability.halves), null no age.
 * Days do not divide into years. Nor does what has a fraction: somebody divided days, and may have rounded.
 * @param texts all ages of the column; where one has a fraction, "30.0" may be a little less, else it is 30
 */
export const ageReading = (unit: AgeUnit, texts: readonly string[]): ((text: string) => number | null) => {
  const read = (text: string) => {
    const found = AGES[unit].exec(fold(text));
    return found && { whole: Number(found[1]?.replaceAll(",", "")), fraction: found[2] ?? "" };
  };
  const fractions = texts.map((text) => read(text)?.fraction ?? "");
  const places = fractions.some((digits) => /[1-9]/.test(digits))
    ? Math.max(...fractions.map(({ length }) => length))
    : 0;
  return (text) => {
    const number = read(text);
    if (number === null) return null;
    const { whole, fraction } = number;
    const value = Number(`${whole}.${fraction || 0}`);
    if (unit === "days") return oneOfTwo(yearsOfDays(whole));
    const perYear = unit === "years" ? 1 : 12;
    // Years of 365 days in place of 365.25 make a difference of 0.07 %, and an age may be rounded at its last digit.
    const slack = places === 0 ? 0 : 0.0007 * value + 0.51 * 10 ** -(fraction.length || places);
    return oneOfTwo([Math.floor(Math.max(0, value - slack) / perYear), Math.floor((value + slack) / perYear)]);
  };
};

/** The fewest and the most years that so many days complete. y years have 1461 y / 4 days, rounded, or a day less around 1900. */
const yearsOfDays = (days: number): readonly [number, number] => [
  Math.floor((4 * days) / 1461),
  Math.ceil((4 * (days + (days < 1460 ? 1 : 2))) / 1461) - 1,
];

/** A number that is one of two at most, and an age. */
export const oneOfTwo = ([least, most]: readonly [number, number]): number | null =>
  least < 0 || most > OLDEST || most - least > 1 ? null : (least + most) / 2;

const TUBES = /^(\d{1,3}(?:,\d{3})+|\d{1,5})(?:\.0+)? ?[本個件]?$/;

/** Reads a number of tubes: 3, 3.0, 1,200 or 3本. Null for what is none. */
export const tubesIn = (text: string): number | null => {
  const found = TUBES.exec(fold(text));
  return found === null ? null : Number(found[1]?.replaceAll(",", ""));
};
