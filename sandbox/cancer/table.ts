import { type Bits, noBits, setBit } from "../bits.ts";

/** Rows with fields, each a set of texts or a number: one row per document, or one per nested object. */
export type Table = {
  readonly size: number;
  /** Text -> the rows that hold it. Lists, since an id has a text of its own for every row. */
  readonly texts: (field: string) => ReadonlyMap<string, readonly number[]>;
  /** The number of each row, or NaN; undefined for a field of texts. */
  readonly numbers: (field: string) => Float64Array | undefined;
};

/**
 * Lays rows out by columns, each when it is first used. `reader` returns the function that reads a field of a row: a text, a number, a
 * list of texts, or nothing.
 */
export const tableOf = <Row>(
  rows: readonly Row[],
  fields: Readonly<Record<string, "keyword" | "integer">>,
  reader: (field: string) => (row: Row) => unknown,
): Table => ({
  size: rows.length,
  texts: remembering((field) => {
    const found = new Map<string, number[]>();
    const read = reader(field);
    const add = (text: string, index: number): void => {
      const list = found.get(text);
      if (list === undefined) found.set(text, [index]);
      else list.push(index);
    };
    rows.forEach((row, index) => {
      const value = read(row);
      if (Array.isArray(value)) for (const text of new Set(value)) add(String(text), index);
      else if (value !== null && value !== undefined) add(String(value), index);
    });
    return found;
  }),
  numbers: remembering((field) => {
    if (fields[field] !== "integer") return undefined;
    const read = reader(field);
    return Float64Array.from(rows, (row) => Number(read(row) ?? Number.NaN));
  }),
});

const remembering = <T>(make: (field: string) => T): ((field: string) => T) => {
  const kept = new Map<string, T>();
  return (field) => {
    const value = kept.has(field) ? kept.get(field)! : make(field);
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

/** The rows whose number passes; one that has none never does. */
export const numbered = (table: Table, field: string, passes: (number: number) => boolean): Bits => {
  const bits = noBits(table.size);
  table.numbers(field)?.forEach((number, row) => {
    if (!Number.isNaN(number) && passes(number)) setBit(bits, row);
  });
  return bits;
};

/** The rows that hold no value of a field. */
export const lacking = (table: Table, field: string): Bits =>
  none(table.size, [
    table.numbers(field) !== undefined ? numbered(table, field, () => true) : holding(table, field, () => true),
  ]);

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
