import { readFileSync } from "node:fs";
import path from "node:path";
import { CsvError, parse } from "csv-parse/sync";
import type { Both, TableSection } from "./bank-yaml.ts";

/** One line of a code table. `at` names file, line and column `is`; `is` holds federated codes as they are written there. */
export type TableRow = {
  readonly at: string;
  readonly code: string;
  readonly is: readonly string[];
  readonly relation: (typeof RELATIONS)[number] | undefined;
  readonly label: Both | undefined;
};

const COLUMNS = ["code", "is", "relation", "label", "label_en", "label_ja"] as const;
type Column = (typeof COLUMNS)[number];
const RELATIONS = ["exact", "narrower", "broader"] as const;

/**
 * Reads the table of local codes that bank.yaml names, a CSV (or TSV) in its folder with the columns code, is, relation,
 * label, label_en and label_ja, of which only code and is must be there. Every fault becomes one of `findings`.
 */
export const readCodeTable = (folder: string, section: TableSection, findings: string[]): readonly TableRow[] => {
  const { table, encoding } = section;
  const text = textOf(path.join(folder, table), table, encoding, findings);
  const [header, ...body] = text === null ? [] : linesOf(text, table, findings);
  if (header === undefined) {
    if (findings.length === 0)
      findings.push(`${table}: wanted a first line with the names of columns, got an empty file.`);
    return [];
  }
  const columns = columnsOf(header, table, findings);
  const first = new Map<string, number>();
  return body.flatMap((line) => {
    const row = columns === null ? null : rowOf(line, columns, table, findings);
    if (row === null) return [];
    const before = first.get(row.code);
    if (before !== undefined) {
      findings.push(
        `${at(table, line.number, "code")}: wanted each code once, got ${JSON.stringify(row.code)} as in line ${before}. Put all that it may denote into one line.`,
      );
      return [];
    }
    first.set(row.code, line.number);
    return [row];
  });
};

type Line = { readonly number: number; readonly cells: readonly string[] };

const at = (table: string, line: number, column?: string): string =>
  `${table}, line ${line}${column === undefined ? "" : `, column ${column}`}`;

const textOf = (file: string, table: string, encoding: TableSection["encoding"], findings: string[]): string | null => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    findings.push(
      `${table}: wanted a readable file beside bank.yaml, got ${code ?? message}. Add it or mend its name.`,
    );
    return null;
  }
  try {
    return new TextDecoder(encoding === "cp932" ? "shift_jis" : encoding, { fatal: true }).decode(bytes);
  } catch {
    const other = encoding === "utf-8" ? "{ table: ..., encoding: cp932 }" : "no encoding where it is UTF-8";
    const name = encoding === "utf-8" ? "UTF-8" : encoding;
    findings.push(`${table}: wanted text in ${name}, got bytes that it does not have. Name the file's own: ${other}.`);
    return null;
  }
};

/** The lines that hold anything, each with the number of the line it begins in. */
const linesOf = (text: string, table: string, findings: string[]): readonly Line[] => {
  const lines: Line[] = [];
  let number = 1;
  try {
    parse(text, {
      bom: true,
      trim: true,
      relax_column_count: true,
      delimiter: /\.tsv$/i.test(table) ? "\t" : ",",
      record_delimiter: ["\r\n", "\n", "\r"],
      onRecord: (cells: string[], { lines: end }) => {
        if (cells.some((cell) => cell !== "")) lines.push({ number, cells });
        number = end + 1;
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    findings.push(
      `${at(table, number)}: wanted cells with quotes around the whole of them or none, got a quote elsewhere or one that is not closed. Double the quotes inside a quoted cell.`,
    );
    return [];
  }
  return lines;
};

type Columns = ReadonlyMap<Column, number>;

const columnsOf = ({ number, cells }: Line, table: string, findings: string[]): Columns | null => {
  const columns = new Map<Column, number>();
  const before = findings.length;
  cells.forEach((cell, i) => {
    const name = cell.toLowerCase() as Column;
    const where = at(table, number, String(i + 1));
    if (!COLUMNS.includes(name)) {
      findings.push(
        `${where}: wanted one of ${COLUMNS.join(", ")}, got ${JSON.stringify(cell)}. Remove it or mend its name.`,
      );
    } else if (columns.has(name)) {
      findings.push(`${where}: wanted each column once, got ${name} again. Remove one of them.`);
    }
    columns.set(name, i);
  });
  for (const name of ["code", "is"] as const) {
    if (!columns.has(name)) findings.push(`${at(table, number)}: wanted a column ${name}, got none. Add it.`);
  }
  return findings.length === before ? columns : null;
};

const rowOf = ({ number, cells }: Line, columns: Columns, table: string, findings: string[]): TableRow | null => {
  if (cells.length !== columns.size) {
    findings.push(
      `${at(table, number)}: wanted ${columns.size} cells, got ${cells.length}. Put quotes around cells that hold a comma.`,
    );
    return null;
  }
  const cell = (name: Column): string => cells[columns.get(name) ?? -1] ?? "";
  const [code, word] = [cell("code"), cell("relation").toLowerCase()];
  const relation = RELATIONS.find((each) => each === word);
  const is = cell("is")
    .split(/[\s|]+/u)
    .filter((value) => value !== "");
  const before = findings.length;
  const fault = (column: Column, message: string) => findings.push(`${at(table, number, column)}: ${message}`);
  if (code === "") fault("code", "wanted a code of the bank, got an empty cell. Fill it in or remove the line.");
  if (is.length === 0) {
    fault(
      "is",
      "wanted the federated codes that it may denote, got an empty cell. Remove the line if it denotes none.",
    );
  }
  if (word !== "" && relation === undefined) {
    fault("relation", `wanted ${RELATIONS.join(", ")} or nothing, got ${JSON.stringify(word)}. Mend its spelling.`);
  }
  if (findings.length > before) return null;
  const [en, ja] = [cell("label_en") || cell("label"), cell("label_ja") || cell("label")];
  const label = en || ja ? { ...(en ? { en } : {}), ...(ja ? { ja } : {}) } : undefined;
  return { at: at(table, number, "is"), code, is, relation, label };
};
