import { readFileSync } from "node:fs";

/** One line of a table of codes; a cell that has nothing is empty, or left out at the end. */
export type Row = readonly string[];

/** A table's rows by their first cell. */
export const byCode = (rows: readonly Row[]): ReadonlyMap<string, Row> => new Map(rows.map((row) => [row[0]!, row]));

/** The tables in `data/NAME.json`, by name. Read as text: as a module it would be compiled, which takes ten times as long. */
export const tablesIn = <T extends string>(name: string): { readonly [K in T]: readonly Row[] } =>
  JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url), "utf8"));
