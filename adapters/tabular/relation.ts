import type { RunSql } from "./engine.ts";
import type { TabularOptions } from "./options.ts";

/** What sources are made from. `scratch` is a folder of our own for decoded copies, `encoding` that of CSV files. */
export type SourceContext = {
  readonly bank: string;
  readonly folder: string;
  readonly scratch: string;
  readonly encoding: TabularOptions["encoding"];
  /** Whether quotes around a cell of a TSV are no part of its text. */
  readonly quotedTsv: boolean;
  readonly run: RunSql;
  /** Whether bank.yaml names a column: others are not loaded. */
  readonly isNamed: (column: string) => boolean;
  /** Whether rows without any text have to be found. */
  readonly wantsBlank: boolean;
  /** A name for one more table. */
  readonly nextTable: () => string;
};

/** The rows of a file for DuckDB. */
export type Relation = {
  /** Goes into a FROM clause. */
  readonly from: string;
  /** The names of all columns that the file has. */
  readonly names: readonly string[];
  /** The columns that hold lists, each as an SQL list of texts; default: none. */
  readonly listOf?: (name: string) => string | null;
  /** The text of a column, which is never NULL: an empty cell is ''. */
  readonly textOf: (name: string) => string;
  /** SQL: whether no cell of a row holds anything but blanks. Only where the context wants it. */
  readonly isEmpty: string;
  /** Where a row stands, the first being 1: `line 2`, or `row 1` in a file without lines. */
  readonly lineOf: (row: number) => Promise<string>;
  /** Frees its memory. */
  readonly close: () => Promise<void>;
};

/** What went wrong, without DuckDB's details: they may quote a row of the file. */
export const reason = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  const kind = /^[A-Z][A-Za-z ]{0,40} Error/.exec(message)?.[0] ?? "an error";
  const line = /on Line: (\d+)/.exec(message)?.[1];
  return line === undefined ? kind : `${kind} on line ${line}`;
};

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
