import { FIELDS, type FieldName } from "../../schema/fields.ts";
import type { RunSql, SqlValue } from "./engine.ts";
import type { TimeOptions } from "./options.ts";
import type { Source } from "./source.ts";

/** What every step of loading needs. */
export type LoadContext = {
  readonly run: RunSql;
  /** The texts that mean no value, '' among them. */
  absent(field: FieldName): readonly string[];
  /** Opens a file, each only once. @throws {BankError} BANK_BROKEN */
  open(file: string): Promise<Source>;
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

/**
 * How the text `t` of a cell is read: `v` is its value, `first` and `last` the days between which it may be where it is a point
 * in time, `wanted` what it should be.
 */
export type Reading = {
  readonly v: string;
  readonly first?: string;
  readonly last?: string;
  readonly wanted: string;
  readonly range?: readonly [number, number];
};

/** A code is the text itself. */
export const CODE: Reading = { v: "t", wanted: "a code" };

export type AgeUnit = "years" | "months" | "days";

const OLDEST = 150;
const AGE = { wanted: `an age of 0 to ${OLDEST} years`, range: [0, OLDEST] } as const;

/**
 * A number in decimal digits, of years, months or days; its value is completed years. Days do not divide into years: some days
 * after 365 y the age is one of two, which is a half (see FieldCapability.halves).
 */
export const ageReading = (unit: AgeUnit): Reading => {
  const number = "TRY_CAST(regexp_extract(t, '^\\d{1,5}(\\.\\d{1,9})?$') AS DOUBLE)";
  if (unit !== "days") return { v: `floor(${number} / ${unit === "years" ? 1 : 12})`, ...AGE };
  const days = `floor(${number})`;
  // y years have between floor(1461 y / 4), or a day less around 1900, and ceil(1461 y / 4) days.
  const least = `floor(4 * ${days} / 1461)`;
  const most = `(ceil(4 * (${days} + CASE WHEN ${days} < 1461 THEN 1 ELSE 2 END) / 1461) - 1)`;
  return { v: `(${least} + ${most}) / 2`, ...AGE };
};

/** An age that was reckoned when it was staged: completed years, or a half for one of two. Empty where it is not known. */
export const RECKONED_AGE: Reading = { v: "TRY_CAST(regexp_extract(t, '^\\d{1,3}(\\.[05])?$') AS DOUBLE)", ...AGE };

/** A point in time is its calendar year. */
export const timeReading = (time: TimeOptions): Reading => {
  const format = formatOf(time);
  const range = [EARLIEST_YEAR, new Date().getUTCFullYear() + 1] as const;
  const wanted = `${format}, from ${range[0]} to ${range[1]}`;
  if (format === "yyyy") {
    const v = "TRY_CAST(regexp_extract(t, '^(\\d{4})(\\.0+)?$', 1) AS INTEGER)";
    const [first, last] = ["01-01", "12-31"].map((day) => `TRY_CAST((${v})::VARCHAR || '-${day}' AS DATE)`);
    return { v, first: first!, last: last!, wanted, range };
  }
  const { shape, read } = DATES[format];
  const date = `CAST(try_strptime(regexp_extract(t, '${shape}', 1), '${read}') AS DATE)`;
  return { v: `date_part('year', ${date})::INTEGER`, first: date, last: date, wanted, range };
};

/** Whether a point in time is known by its year alone. */
export const isYearAlone = (time: TimeOptions): boolean => formatOf(time) === "yyyy";

const formatOf = (time: TimeOptions) => (typeof time === "string" ? "yyyy" : time.format);

/** Nobody in a bank was born before. */
const EARLIEST_YEAR = 1850;

/** A time of day, which may follow a date and changes nothing of it. */
const TIME = "([01]?\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,9})?)?";
/** Each format of a date, letter by letter. */
const DATES = {
  "yyyy-mm-dd": { shape: `^(\\d{4}-\\d{2}-\\d{2})([ T]${TIME})?$`, read: "%Y-%m-%d" },
  "yyyy/mm/dd": { shape: `^(\\d{4}/\\d{1,2}/\\d{1,2})( ${TIME})?$`, read: "%Y/%m/%d" },
  yyyymmdd: { shape: "^(\\d{8})$", read: "%Y%m%d" },
} as const;

/** The column's name in a setting that also says how to read it. */
export const columnOf = (setting: string | { readonly column: string }): string =>
  typeof setting === "string" ? setting : setting.column;

/**
 * Reads each distinct text of a staged column once. Makes `read_<column>`: raw (as it stands in the file), v, first, last
 * and n (the values numbered from 1 in ascending order, 0 where there is none). Returns the values in this order.
 * @throws {BankError} BANK_BROKEN where a text is neither absent nor what is wanted
 */
export const readTexts = async (
  { run, fail }: LoadContext,
  {
    file,
    table,
    column,
    reading,
    absent,
  }: {
    readonly file: string;
    readonly table: string;
    readonly column: string;
    readonly reading: Reading;
    readonly absent: readonly string[];
  },
): Promise<readonly (string | number)[]> => {
  const { v, first = "NULL::DATE", last = first, wanted, range } = reading;
  await run(
    `CREATE TABLE read_${column} AS
     SELECT *, (CASE WHEN v IS NULL THEN 0 ELSE dense_rank() OVER (ORDER BY v NULLS LAST) END)::INTEGER AS n
     FROM (SELECT raw, none, ${unlessNone(v)} AS v, ${unlessNone(first)} AS first, ${unlessNone(last)} AS last
           FROM (SELECT raw, t, list_contains($1, t) AS none
                 FROM (SELECT raw, ${trimmed("raw")} AS t FROM (SELECT DISTINCT ${column} AS raw FROM ${table}))))`,
    [absent],
  );
  const bad = `NOT none AND (v IS NULL${range === undefined ? "" : ` OR v NOT BETWEEN ${range[0]} AND ${range[1]}`})`;
  const wrong = await run(`SELECT 1 FROM ${table} JOIN read_${column} ON raw = ${column} WHERE ${bad} LIMIT 1`);
  if (wrong.length > 0) {
    fail(`${file}, ${column}: wanted ${wanted}, got something else; add marks of no value to \`absent\``);
  }
  const rows = await run(`SELECT DISTINCT n, v FROM read_${column} WHERE n > 0 ORDER BY n`);
  return rows.map(([, value]) => (typeof value === "string" ? value : Number(value)));
};

const unlessNone = (value: string): string => `CASE WHEN none THEN NULL ELSE ${value} END`;

/** The statement that replaces each field's text by its value number; the tables `read_<field>` must be there. */
export const encoded = (table: string, fields: readonly FieldName[]): string => {
  const columns = fields.map((field) => `, read_${field}.n AS ${field}`).join("");
  const joins = fields.map((field) => ` JOIN read_${field} ON read_${field}.raw = ${table}.${field}`).join("");
  return `SELECT d${columns} FROM ${table}${joins}`;
};

/** The text without white space around it, the ideographic space included. */
const trimmed = (text: string): string => `trim(${text}, ' \t\r\n\u3000')`;
