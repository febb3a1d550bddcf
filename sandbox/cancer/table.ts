import { type Bits, noBits, setBit } from "../bits.ts";
import type { FieldType } from "./documents.ts";

/** Rows with fields, each a set of texts or of numbers: one row per document, or one per nested object. */
export type Table = {
  readonly size: number;
  /** How a field is indexed; undefined where there is no such field. */
  readonly typeOf: (field: string) => FieldType | undefined;
  /** Text -> the rows that hold it, of fields of texts. Lists, since an id has a text of its own for every row. */
  readonly texts: (field: string) => ReadonlyMap<string, readonly number[]>;
  /** The rows and their numbers, of fields of numbers; a date is its milliseconds. */
  readonly numbers: (field: string) => Numbers;
};

/** `rows[i]` holds `values[i]`. */
type Numbers = { readonly rows: Uint32Array; readonly values: Float64Array };

/** Whether a field's values are compared as numbers. */
export const isNumeric = (type: FieldType | undefined): boolean =>
  type === "integer" || type === "float" || type === "date";

/**
 * Lays rows out by columns, each when it is first used. `reader` returns the function that reads a field of a row: a text, a
 * number, a list of these, or nothing.
 */
export const tableOf = <Row>(
  rows: readonly Row[],
  fields: Readonly<Record<string, FieldType>>,
  reader: (field: string) => (row: Row) => unknown,
): Table => {
  const typeOf = (field: string): FieldType | undefined => (Object.hasOwn(fields, field) ? fields[field] : undefined);
  return {
    size: rows.length,
    typeOf,
    texts: remembering((field) => {
      const found = new Map<string, number[]>();
      const read = reader(field);
      const termsOf = typeOf(field) === "text" ? words : (value: unknown) => [String(value)];
      rows.forEach((row, index) => {
        for (const text of new Set(valuesOf(read(row)).flatMap(termsOf))) {
          const list = found.get(text);
          if (list === undefined) found.set(text, [index]);
          else list.push(index);
        }
      });
      return found;
    }),
    numbers: remembering((field) => {
      const read = reader(field);
      const toNumber = typeOf(field) === "date" ? (value: unknown) => Date.parse(String(value)) : Number;
      const [holding, values]: [number[], number[]] = [[], []];
      rows.forEach((row, index) => {
        for (const value of valuesOf(read(row))) {
          holding.push(index);
          values.push(typeOf(field) === "integer" ? Math.trunc(toNumber(value)) : toNumber(value));
        }
      });
      return { rows: Uint32Array.from(holding), values: Float64Array.from(values) };
    }),
  };
};

/** A field of type text is found by its words. */
const words = (value: unknown): readonly string[] =>
  String(value)
    .toLowerCase()
    .match(/[\p{L}\p{N}_]+/gu) ?? [];

const valuesOf = (value: unknown): readonly unknown[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => one !== null && one !== undefined);

const remembering = <T>(make: (field: string) => T): ((field: string) => T) => {
  const kept = new Map<string, T>();
  return (field) => {
    const value = kept.get(field) ?? make(field);
    kept.set(field, value);
    return value;
  };
};

/** The rows that hold a text that passes. */
export const holding = (table: Table, field: string, passes: (text: string) => boolean): Bits => {
  const bits = noBits(table.size);
  for (const [text, rows] of table.texts(field)) if (passes(text)) for (const row of rows) setBit(bits, row);
  return bits;
};

/** The rows that hold one of these very texts. */
export const holdingOne = (table: Table, field: string, texts: readonly string[]): Bits => {
  const bits = noBits(table.size);
  for (const text of texts) for (const row of table.texts(field).get(text) ?? []) setBit(bits, row);
  return bits;
};

/** The rows with a number that passes. */
export const numbered = (table: Table, field: string, passes: (number: number) => boolean): Bits => {
  const bits = noBits(table.size);
  const { rows, values } = table.numbers(field);
  for (let at = 0; at < rows.length; at++) if (passes(values[at]!)) setBit(bits, rows[at]!);
  return bits;
};

/** The rows that hold any value of a field; none where there is no such field. */
export const filled = (table: Table, field: string): Bits => {
  const type = table.typeOf(field);
  if (type === undefined) return noBits(table.size);
  return isNumeric(type) ? numbered(table, field, () => true) : holding(table, field, () => true);
};

/** The rows in any of the sets. */
export const either = (size: number, sets: readonly Bits[]): Bits => {
  const bits = noBits(size);
  for (const set of sets) for (let word = 0; word < bits.length; word++) bits[word]! |= set[word]!;
  return bits;
};

/** The rows in none of the sets. */
export const none = (size: number, sets: readonly Bits[]): Bits => {
  const bits = either(size, sets);
  for (let word = 0; word < bits.length; word++) bits[word] = ~bits[word]!;
  if ((size & 31) !== 0) bits[bits.length - 1]! &= (1 << (size & 31)) - 1;
  return bits;
};

/** The rows in all of the sets; of no sets all rows. */
export const every = (size: number, sets: readonly Bits[]): Bits => {
  const bits = none(size, []);
  for (const set of sets) for (let word = 0; word < bits.length; word++) bits[word]! &= set[word]!;
  return bits;
};
