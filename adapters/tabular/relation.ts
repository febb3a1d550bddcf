import { BankError } from "../../schema/bank-error.ts";
import type { RunSql } from "./engine.ts";
import type { TabularOptions } from "./options.ts";

/** Where a table lies. `sheet`, `headerRow`: of a workbook; default: its only sheet, and the first row. */
export type TablePlace = { readonly file: string; readonly sheet?: string; readonly headerRow?: number };

/** What sources are made from. `scratch` is a folder of our own for decoded copies, `encoding` that of CSV files. */
export type SourceContext = {
  readonly bank: string;
  readonly folder: string;
  readonly scratch: string;
  readonly encoding: TabularOptions["encoding"];
  /** Whether quotes around a cell of a TSV are no part of its text. */
  readonly quotedTsv: boolean;
  readonly xlsx: TabularOptions["xlsx"];
  /** Whether 1.0 is 1. */
  readonly wholeNumbers: boolean;
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
  /** What the file is called in messages. */
  readonly label: string;
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
  /** The first year of its numbers of days, where the file says so. */
  readonly epoch?: 1900 | 1904;
  /** Rows that a spreadsheet hides, and the first of them; default: none. */
  readonly hidden?: { readonly rows: number; readonly first: number };
  /** The line or the row of a sheet in which a row begins, the first row being 1; null in a file that has none. */
  readonly lineOf: (row: number) => Promise<number | null>;
  /** A cell of such a line: `line 3, column "day"`. */
  readonly placeIn: (line: number, column: string) => string;
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

/** A file that is there and that the system does not let us read, as by its permissions. */
export const unreadable = (bank: string, file: string, error: unknown): BankError => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "an error";
  const remedy = /^E(ACCES|PERM)$/.test(code) ? ". Let the user who runs Odan read it." : "";
  return new BankError("BANK_UNREACHABLE", bank, `${file}: wanted a file that can be read, got ${code}${remedy}`, {
    cause: error,
  });
};

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
