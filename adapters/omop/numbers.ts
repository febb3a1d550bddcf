import { sourceValue, type Write } from "./columns.ts";
import { join } from "./join.ts";
import type { OmopOptions } from "./options.ts";
import type { Bind } from "./statement.ts";

/**
 * A number, NULL where it is missing or in doubt. `inDoubt`: something is recorded that may be any number or none; never NULL,
 * absent: never. `between` tests the range, both ends included, where that is quicker. `halves`: a value may be n + 0.5 (see
 * FieldCapability.halves).
 */
export type NumberColumn = {
  readonly value: Write;
  readonly halves: boolean;
  readonly inDoubt?: Write;
  readonly between?: (from: number | null, to: number | null, bind: Bind) => string;
  /** The columns of the donor's birth that it is reckoned from. */
  readonly birth: readonly string[];
};

/** The type by which numbers of the column are compared. */
export const numberType = ({ halves }: NumberColumn): "int" | "float8" => (halves ? "float8" : "int");

/** specimen_date is never NULL: a date that is not known stands as one in a year that the mapping calls absent. */
const isDated = (noYears: readonly number[], bind: Bind): string =>
  noYears.length === 0 ? "TRUE" : `date_part('year', s.specimen_date)::int <> ALL(${bind(noYears, "int[]")})`;

/** The year of specimen_date. `noYears`: years that stand for a date that is not known. */
export const collectedYear = (noYears: readonly number[]): NumberColumn => {
  const year = "date_part('year', s.specimen_date)::int";
  const day = (n: number, monthAndDay: string): string =>
    `${String(Math.min(9999, Math.max(1, n))).padStart(4, "0")}-${monthAndDay}`;
  return {
    birth: [],
    halves: false,
    value: (bind) => (noYears.length === 0 ? year : `CASE WHEN ${isDated(noYears, bind)} THEN ${year} END`),
    between(from, to, bind) {
      const ends = [
        ...(from === null ? [] : [`s.specimen_date >= ${bind(day(from, "01-01"), "date")}`]),
        ...(to === null ? [] : [`s.specimen_date <= ${bind(day(to, "12-31"), "date")}`]),
      ];
      const inside = noYears.some((n) => (from === null || n >= from) && (to === null || n <= to));
      const conditions = inside ? [...ends, isDated(noYears, bind)] : ends;
      return conditions.length === 0 ? "TRUE" : conditions.join(" AND ");
    },
  };
};

/** The age when a specimen was taken, as the options have it. `absent`: texts that stand for no age. */
export const ageAtCollection = (
  age: NonNullable<OmopOptions["age"]>,
  noYears: readonly number[],
  absent: readonly string[],
): NumberColumn => {
  if (age.by === "source_value") return ageAsText(sourceValue(age), absent);
  const at = age.by === "year_of_birth" ? "s.specimen_date" : `s.${age.at}`;
  const precise = age.by === "birth_datetime" && age.precise;
  const { years, isBefore } = age.by === "year_of_birth" ? ageByYear(at) : ageByDay(at, precise);
  const dated = (bind: Bind) => isDated(noYears, bind);
  return {
    birth: [...new Set(years.match(/\bp\.[a-z_]+/g))],
    halves: !precise,
    value: (bind) => (noYears.length === 0 ? years : `CASE WHEN ${dated(bind)} THEN ${years} END`),
    // One of the two dates is wrong, or the warrant.
    inDoubt: (bind) => `coalesce(${join("all", [dated(bind), `(${isBefore})`])}, FALSE)`,
  };
};

/** Whole years in figures, also with a fraction; any other text is in doubt. */
const ageAsText = (source: Write, absent: readonly string[]): NumberColumn => {
  const text: Write = (bind) => {
    const trimmed = `nullif(btrim(${source(bind)}), '')`;
    return absent.reduce((so, mark) => `nullif(${so}, ${bind(mark, "text")})`, trimmed);
  };
  return {
    birth: [],
    halves: false,
    value: (bind) => `substring(${text(bind)} FROM '^([0-9]{1,3})(?:[.][0-9]+)?$')::int`,
    inDoubt: (bind) => `coalesce(${text(bind)} !~ '^[0-9]{1,3}([.][0-9]+)?$', FALSE)`,
  };
};

/** An age in years, in SQL, and whether the specimen was taken before birth. */
type Age = { readonly years: string; readonly isBefore: string };

/** The age by years alone: their difference, or a year less, which is a half. It is 0 in the year of birth, and NULL before. */
const ageByYear = (at: string): Age => {
  const years = `(date_part('year', ${at}) - p.year_of_birth)`;
  return {
    years: `CASE WHEN ${years} > 0 THEN ${years} - 0.5 WHEN ${years} = 0 THEN 0 END`,
    isBefore: `${years} < 0`,
  };
};

/**
 * A birth_datetime whose month or day stands in no column of its own was made up of those that do. `precise`: such an age is in
 * doubt in place of one of two.
 */
const ageByDay = (at: string, precise: boolean): Age => {
  const byYear = precise ? { years: "NULL", isBefore: "TRUE" } : ageByYear(at);
  const madeUp = `p.birth_datetime IS NULL OR p.month_of_birth IS NULL
    OR (p.day_of_birth IS NULL AND date_part('month', ${at}) = p.month_of_birth)`;
  return {
    years: `CASE WHEN ${madeUp} THEN ${byYear.years}
      WHEN ${at}::date >= p.birth_datetime::date THEN date_part('year', age(${at}::date, p.birth_datetime::date))${precise ? "::int" : ""} END`,
    isBefore: `CASE WHEN ${madeUp} THEN ${byYear.isBefore} ELSE ${at}::date < p.birth_datetime::date END`,
  };
};
