import { FIELDS, type FieldName } from "../../schema/fields.ts";
import { type Days, digitsOf, yearOf } from "./days.ts";
import type { RunSql, SqlValue } from "./engine.ts";
import { lookup, trimmed } from "./fold.ts";
import { type AgeUnit, ageReading, anAgeUpTo, WANTED_AGE } from "./numbers.ts";
import type { TabularOptions, TimeOptions } from "./options.ts";
import type { TablePlace } from "./relation.ts";
import { codeOf, DOUBT } from "./rows.ts";
import type { Source } from "./source.ts";
import { endsOf, isSpan, type Span, spanned, type Value } from "./span.ts";
import { timeReading } from "./times.ts";

/** What every step of loading needs. */
export type LoadContext = {
  readonly run: RunSql;
  /** The texts that mean no value, '' among them. */
  absent(field: FieldName): readonly string[];
  /** What becomes of rows whose donor is not in the donors' file. */
  readonly unknownDonors: TabularOptions["unknownDonors"];
  /** How the codes of a field are read. */
  codes(field: FieldName): Reading;
  /** Opens a file, each only once. @throws {BankError} BANK_BROKEN */
  open(place: TablePlace): Promise<Source>;
  /** Says what is wrong with the files. @throws {BankError} BANK_BROKEN */
  fail(message: string): never;
};

/** Collects the values of one statement: `bind` gives the $n that stands for a value. */
export const binder = (): { readonly values: readonly SqlValue[]; bind(value: SqlValue): string } => {
  const values: SqlValue[] = [];
  return { values, bind: (value) => `$${values.push(value)}` };
};

/** Whether a donor may have several records of the field, which are a table of their own. */
export const isRecordField = (field: FieldName): boolean =>
  FIELDS[field].of === "donor" && FIELDS[field].kind === "record";

/** What a text of a column stands for; the days between which it may be, where it is a point in time. */
export type Meaning = { readonly value: Value; readonly days?: Days };

/** How the texts of a column are read, given all of them; null is a text that is not what is `wanted`. */
export type Reading = {
  readonly wanted: string;
  readonly among: (texts: readonly string[]) => (text: string) => Meaning | null;
};

/** A code is the mapped one that looks the same, or the text itself. `foldOf`: see lookup. */
export const codeReading = (codes: readonly string[], foldOf: (text: string) => string): Reading => {
  const mapped = lookupOf(codes, foldOf);
  return { wanted: "a code", among: () => (text) => ({ value: mapped(text) ?? text }) };
};

/** The lookup of a list of codes is made once: several banks may share a list of thousands. */
const lookupOf = (codes: readonly string[], foldOf: (text: string) => string): ReturnType<typeof lookup> => {
  const ofCodes = lookups.get(codes) ?? new Map<typeof foldOf, ReturnType<typeof lookup>>();
  const found = ofCodes.get(foldOf) ?? lookup(codes, foldOf);
  lookups.set(codes, ofCodes.set(foldOf, found));
  return found;
};

const lookups = new WeakMap<readonly string[], Map<(text: string) => string, ReturnType<typeof lookup>>>();

/** An age is completed years, or those between which it is: see ageReading of numbers.ts. */
export const agesIn = (unit: AgeUnit): Reading => ({
  wanted: WANTED_AGE,
  among: (texts) => valued(ageReading(unit, texts)),
});

/** An age that was reckoned when it was staged is one number: AGE_BASE times its fewest years, and its most years more. */
export const AGE_BASE = 100_000;
/** Stands for no age, and for one of somebody who was not born yet. */
export const [NO_AGE, WRONG_AGE] = [-2, -1];

/** Reads ages that were reckoned. */
export const RECKONED_AGE: Reading = {
  wanted: WANTED_AGE,
  among: () =>
    valued((text) => {
      const number = Number(text);
      return number < 0 ? null : anAgeUpTo({ from: Math.floor(number / AGE_BASE), to: number % AGE_BASE });
    }),
};

const valued =
  (read: (text: string) => Span | null) =>
  (text: string): Meaning | null => {
    const value = read(text);
    return value === null ? null : { value: spanned(value) };
  };

/** A point in time is its calendar year, or those between which it is. */
export const timesIn = (time: TimeOptions): Reading => {
  const { wanted, read } = timeReading(time);
  return {
    wanted,
    among: () => (text) => {
      const days = read(text);
      return days === null ? null : { value: spanned({ from: yearOf(days.from), to: yearOf(days.to) }), days };
    },
  };
};

/** The column's name in a setting that also says how to read it. */
export const columnOf = (setting: string | { readonly column: string }): string =>
  typeof setting === "string" ? setting : setting.column;

/** A column of a staged table, and where its cells come from. */
export type StagedColumn = {
  readonly table: string;
  readonly column: string;
  readonly reading: Reading;
  readonly absent: readonly string[];
  /** Of its cells; default: VARCHAR. */
  readonly type?: "INTEGER";
  /** The place of a text in the files, as far as it can be found: `samples.csv, line 3, column "day"`. */
  readonly placeOf: (text: string) => Promise<string>;
};

/**
 * Reads each distinct text of a staged column once. Makes `read_<column>`: raw (as it stands in the file), n (the values
 * numbered from 1 in ascending order, 0 where there is none), and since and until (the days between which a point in time may
 * be, each as one number such as 20180401).
 * Returns the values in this order. @throws {BankError} BANK_BROKEN where a text is neither absent nor what is wanted
 */
export const readTexts = async (
  { run, fail }: Pick<LoadContext, "run" | "fail">,
  { table, column, reading, absent, type, placeOf }: StagedColumn,
): Promise<readonly Value[]> => {
  const raws = (await run(`SELECT DISTINCT ${column} FROM ${table}`)).map(([raw]) => String(raw));
  const none = lookup(absent);
  const textOf = (raw: string): string => trimmed(codeOf(raw).code);
  const recorded = raws.filter((raw) => none(textOf(raw)) === undefined);
  const read = reading.among(recorded.map(textOf));
  const meanings = new Map<string, Meaning>();
  for (const raw of recorded) {
    const meaning = read(textOf(raw));
    if (meaning === null) {
      const place = await placeOf(raw);
      fail(`${place}: wanted ${reading.wanted}, got something else; add marks of no value to \`absent\``);
    } else meanings.set(raw, codeOf(raw).isInDoubt ? { value: `${DOUBT}${String(meaning.value)}` } : meaning);
  }
  const values = inOrder([...meanings.values()]);
  const numbers = new Map(values.map((value, index) => [keyOf(value), index + 1]));
  await run(`CREATE TABLE read_${column} (raw ${type ?? "VARCHAR"}, n INTEGER, since INTEGER, until INTEGER)`);
  for (let at = 0; at < raws.length; at += ROWS_AT_ONCE) {
    const some = raws.slice(at, at + ROWS_AT_ONCE);
    const each = some.map((raw) => meanings.get(raw));
    await run(
      `INSERT INTO read_${column} SELECT unnest($1), unnest($2), nullif(unnest($3), ${NO_DAY}), nullif(unnest($4), ${NO_DAY})`,
      [
        some,
        each.map((meaning) => (meaning === undefined ? 0 : numbers.get(keyOf(meaning.value))!)),
        each.map((meaning) => (meaning?.days === undefined ? NO_DAY : digitsOf(meaning.days.from))),
        each.map((meaning) => (meaning?.days === undefined ? NO_DAY : digitsOf(meaning.days.to))),
      ],
    );
  }
  return values;
};

const ROWS_AT_ONCE = 50_000;
/** Stands for no day in a list, which holds no NULL. */
const NO_DAY = -2_147_483_648;

/** Each value once: numbers by size, codes by their bytes. */
const inOrder = (meanings: readonly Meaning[]): readonly Value[] =>
  [...new Map(meanings.map(({ value }) => [keyOf(value), value])).values()].sort((a, b) => {
    if (typeof a === "string" || typeof b === "string")
      return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
    const [one, other] = [endsOf(a), endsOf(b)];
    return one.from - other.from || one.to - other.to;
  });

/** Equal for equal values. */
const keyOf = (value: Value): string | number => (isSpan(value) ? `${value.from}:${value.to}` : value);

/** The statement that replaces each field's text by its value number; the tables `read_<field>` must be there. `more`: columns. */
export const encoded = (table: string, fields: readonly FieldName[], more: readonly string[] = []): string => {
  const columns = ["d", ...fields.map((field) => `read_${field}.n AS ${field}`), ...more].join(", ");
  const joins = fields.map((field) => ` JOIN read_${field} ON read_${field}.raw = ${table}.${field}`).join("");
  return `SELECT ${columns} FROM ${table}${joins}`;
};
