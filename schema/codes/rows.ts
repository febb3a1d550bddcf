import { readFileSync } from "node:fs";

/** One line of a table of codes; a cell that has nothing is empty, or left out at the end. */
export type Row = readonly string[];

/** A table's rows by their first cell. */
export const byCode = (rows: readonly Row[]): ReadonlyMap<string, Row> => new Map(rows.map((row) => [row[0]!, row]));

/** The files of `data/`, without `.json`. */
export const TABLE_FILES = ["bbj", "icd10", "mondo", "nando", "oncotree", "orpha", "withdrawn"] as const;
export type TableFile = (typeof TABLE_FILES)[number];

/** The tables in one file, by name. The file is read as text: as a module it would be compiled, ten times as slowly. */
export const tablesIn = <T extends string>(file: TableFile): { readonly [K in T]: readonly Row[] } =>
  JSON.parse(bytesOf(file).toString());

/** One file as it is on disk. */
export const bytesOf = (file: TableFile): Buffer => readFileSync(new URL(`data/${file}.json`, import.meta.url));
