import { readFileSync } from "node:fs";

/** One line of a table of codes; an empty cell is "", or is left out at the end of the line. */
export type Row = readonly [code: string, ...cells: (string | undefined)[]];

/** A table's rows by their first cell. */
export const byCode = <R extends Row>(rows: readonly R[]): ReadonlyMap<string, R> =>
  new Map(rows.map((row) => [row[0], row]));

/** What a table has for a code. @throws {RangeError} for a code that it does not have */
export const entryOf = <T>(table: ReadonlyMap<string, T>, code: string): T => {
  const entry = table.get(code);
  if (entry !== undefined) return entry;
  throw new RangeError(`wanted a code of the table, got ${JSON.stringify(code)}`);
};

/** The files of `data/`, without `.json`. */
export const TABLE_FILES = ["bbj", "icd10", "mondo", "nando", "oncotree", "orpha", "withdrawn"] as const;
export type TableFile = (typeof TABLE_FILES)[number];

/**
 * The tables in one file, by name; the type names the cells of each. The file is read as text: as a module it would be
 * compiled, ten times as slowly.
 */
export const tablesIn = <T extends { readonly [table: string]: Row }>(
  file: TableFile,
): { readonly [K in keyof T]: readonly T[K][] } => JSON.parse(bytesOf(file).toString());

/** One file as it is on disk. */
export const bytesOf = (file: TableFile): Buffer => readFileSync(new URL(`data/${file}.json`, import.meta.url));
