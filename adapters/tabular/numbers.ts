import { fold } from "./fold.ts";
import type { Span } from "./span.ts";

export type AgeUnit = "years" | "months" | "days";

const OLDEST = 150;
/** What an age should be, for messages. */
export const WANTED_AGE = `an age of 0 to ${OLDEST} years`;

const DIGITS = "(\\d{1,3}(?:,\\d{3})+|\\d{1,6})(?:\\.(\\d{1,9}))?";
const WORDS: { readonly [U in AgeUnit]: string } = { years: "[歳才]", months: "[かヶケカヵ箇]月", days: "日" };

/** How an age is written: exactly, from an age on, up to one (itself or less than it), between two, or in a decade. */
const shapesOf = (unit: AgeUnit) => {
  const one = `${DIGITS} ?(?:${WORDS[unit]})?`;
  const all = (...texts: readonly string[]): readonly RegExp[] => texts.map((text) => new RegExp(`^(?:${text})$`, "i"));
  return {
    exact: all(one),
    from: all(
      `(?:>=?|=>|≥|≧) ?${one}`,
      `${one} ?(?:\\+|~|以上|超|(?:and|or) (?:over|older|above|more))`,
      `over ${one}`,
    ),
    upTo: all(`(?:<=|=<|≤|≦|~) ?${one}`, `${one} ?(?:以下|まで|(?:and|or) (?:younger|under|below|less))`),
    below: all(`< ?${one}`, `${one} ?未満`, `under ${one}`),
    between: all(`${one} ?[~-] ?${one}`),
    decade: all(`(\\d{0,2}0) ?(?:[歳才]?代|s)`),
    decadeFrom: all(`(\\d{0,2}0) ?[歳才]?代(?:以上|~)`),
  };
};
const SHAPES = { years: shapesOf("years"), months: shapesOf("months"), days: shapesOf("days") };
const YEARS_AND_MONTHS = new RegExp(`^(\\d{1,3}) ?${WORDS.years} ?(\\d|1[01]) ?(?:${WORDS.months})?$`);

/**
 * Reads ages in a unit as completed years, or as the years between which they are; null is no age. Days do not divide into
 * years. Nor does what has a fraction: somebody divided days, and may have rounded.
 * @param texts all ages of the column; where one has a fraction, "30.0" may be a little less, else it is 30
 */
export const ageReading = (unit: AgeUnit, texts: readonly string[]): ((text: string) => Span | null) => {
  const shapes = SHAPES[unit];
  const fractions = texts.map((text) => found(shapes.exact, fold(text))?.[1] ?? "");
  const places = fractions.some((digits) => /[1-9]/.test(digits))
    ? Math.max(...fractions.map(({ length }) => length))
    : 0;
  const years = (digits = "", fraction = "", less = 0): Span => {
    const whole = Number(digits.replaceAll(",", "")) - less;
    const value = less > 0 ? whole : Number(`${whole}.${fraction || 0}`);
    if (unit === "days") return yearsOfDays(whole);
    const perYear = unit === "years" ? 1 : 12;
    // Years of 365 days in place of 365.25 make a difference of 0.07 %, and an age may be rounded at its last digit.
    const slack = places === 0 ? 0 : 0.0007 * value + 0.51 * 10 ** -(fraction.length || places);
    return {
      from: Math.floor(Math.max(0, value - slack) / perYear),
      to: Math.floor((value + slack) / perYear),
    };
  };
  /** Less than an age: a whole one is not completed, of one with a fraction nothing is sure. */
  const below = (digits = "", fraction = ""): number => years(digits, fraction, Number(fraction) > 0 ? 0 : 1).to;
  return (text) => {
    const plain = fold(text);
    const read = (shape: readonly RegExp[], as: (parts: Parts) => Span): Span | null => {
      const parts = found(shape, plain);
      return parts === null ? null : as(parts);
    };
    return anAge(
      read(shapes.exact, ([digits, fraction]) => years(digits, fraction)) ??
        read(shapes.from, ([digits, fraction]) => ({ from: years(digits, fraction).from, to: OLDEST })) ??
        read(shapes.upTo, ([digits, fraction]) => ({ from: 0, to: years(digits, fraction).to })) ??
        read(shapes.below, ([digits, fraction]) => ({ from: 0, to: below(digits, fraction) })) ??
        read(shapes.between, ([first, part, last, ofLast]) => ({
          from: years(first, part).from,
          to: years(last, ofLast).to,
        })) ??
        (unit === "years" ? ageInYears(plain) : null),
    );
  };
};

/** What years alone are written as: decades (20代), and years with months (3歳2か月). */
const ageInYears = (plain: string): Span | null => {
  const decade = found(SHAPES.years.decade, plain)?.[0];
  if (decade !== undefined) return { from: Number(decade), to: Number(decade) + 9 };
  const from = found(SHAPES.years.decadeFrom, plain)?.[0];
  if (from !== undefined) return { from: Number(from), to: OLDEST };
  const years = YEARS_AND_MONTHS.exec(plain)?.[1];
  return years === undefined ? null : { from: Number(years), to: Number(years) };
};

type Parts = readonly (string | undefined)[];

/** What the first shape that fits has found: the digits and the fraction of each number. */
const found = (shapes: readonly RegExp[], text: string): Parts | null => {
  for (const shape of shapes) {
    const parts = shape.exec(text);
    if (parts !== null) return parts.slice(1);
  }
  return null;
};

/** The fewest and the most years that so many days complete. y years have 1461 y / 4 days, rounded, or a day less around 1900. */
const yearsOfDays = (days: number): Span => ({
  from: Math.floor((4 * days) / 1461),
  to: Math.ceil((4 * (days + (days < 1460 ? 1 : 2))) / 1461) - 1,
});

/** Ages that somebody can have. */
export const anAge = (age: Span | null): Span | null =>
  age === null || age.from < 0 || age.to < age.from || age.to > OLDEST ? null : age;

/** Ages of which some are more than anybody has. */
export const anAgeUpTo = ({ from, to }: Span): Span | null => anAge({ from, to: Math.min(to, Math.max(from, OLDEST)) });

const TUBES = /^(\d{1,3}(?:,\d{3})+|\d{1,5})(?:\.0+)? ?[本個件]?$/;

/** Reads a number of tubes: 3, 3.0, 1,200 or 3本. Null for what is none. */
export const tubesIn = (text: string): number | null => {
  const parts = TUBES.exec(fold(text));
  return parts === null ? null : Number(parts[1]?.replaceAll(",", ""));
};
