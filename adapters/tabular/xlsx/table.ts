import { XlsxFault } from "./fault.ts";
import { type Cell, cellName, type Merged, rowsOf } from "./rows.ts";
import type { Sheet } from "./workbook.ts";

/** What the options say of the sheets of workbooks. */
export type SheetOptions = {
  readonly headerRow: number;
  readonly hiddenRows: "keep" | "drop";
  readonly merged: "refuse" | "first" | "fill";
};

/**
 * A sheet as a table. `header`: the names of its columns, '' for one without. `faults`: by column, its first cell that cannot
 * be read. `row`: the number in the sheet of a row of the table, both from 1. `hidden`: rows that are hidden, and the first.
 */
export type SheetTable = {
  readonly header: readonly string[];
  readonly rows: number;
  readonly faults: ReadonlyMap<number, string>;
  readonly row: (row: number) => number;
  readonly hidden: { readonly rows: number; readonly first: number };
};

/**
 * Reads a sheet, and yields its header and the rows below as lines of a CSV. Rows that hold nothing are no rows.
 * Returns what the whole of it is. @throws {XlsxFault}
 */
export async function* readTable(sheet: Sheet, options: SheetOptions): AsyncGenerator<string, SheetTable> {
  const { headerRow, hiddenRows } = options;
  const merged: Merged[] = [];
  const filled = options.merged === "fill" ? filler(await mergedIn(sheet)) : null;
  const faults = new Map<number, string>();
  const numbers: number[] = [];
  const hidden = { rows: 0, first: 0 };
  let header: readonly string[] | null = null;
  for await (const rows of rowsOf(sheet, (block) => merged.push(block))) {
    let lines = "";
    for (const { number, cells, hidden: isHidden } of rows) {
      if (number < headerRow) continue;
      if (header === null) {
        if (number > headerRow) break;
        header = headerOf(cells, headerRow);
        lines += `${header.map(quoted).join(",")}\n`;
        continue;
      }
      filled?.(number, cells);
      if (isHidden) {
        hidden.rows += 1;
        hidden.first ||= number;
        if (hiddenRows === "drop") continue;
      }
      if (![...cells.values()].some(({ text, fault }) => text !== "" || fault !== undefined)) continue;
      for (const [column, { fault }] of cells) {
        if (fault !== undefined && !faults.has(column))
          faults.set(column, `cell ${cellName(number, column)}: wanted ${fault}`);
      }
      numbers.push(number);
      lines += `${header.map((_, column) => quoted(cells.get(column)?.text ?? "")).join(",")}\n`;
    }
    if (lines !== "") yield lines;
  }
  if (header === null) throw new XlsxFault(`row ${headerRow}: wanted the names of the columns, got an empty row`);
  if (options.merged === "refuse") addMerged(faults, merged, { headerRow, last: numbers.at(-1) ?? 0 });
  return { header, rows: numbers.length, faults, row: (row) => numbers[row - 1] ?? 0, hidden };
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""').replaceAll("\0", "")}"`;

const headerOf = (cells: ReadonlyMap<number, Cell>, row: number): readonly string[] => {
  const width = Math.max(...cells.keys()) + 1;
  const names = Array.from({ length: width }, (_, column) => (cells.get(column)?.text ?? "").trim());
  const twice = names.findIndex((name, at) => name !== "" && names.indexOf(name) < at);
  if (twice < 0) return names;
  throw new XlsxFault(
    `cell ${cellName(row, twice)}: wanted each column once, got ${JSON.stringify(names[twice])} again. Rename one of them.`,
  );
};

const mergedIn = async (sheet: Sheet): Promise<readonly Merged[]> => {
  const merged: Merged[] = [];
  for await (const _ of rowsOf(sheet, (block) => merged.push(block)));
  return merged;
};

/** Gives each cell of a block the value of its first one. Rows come in their order. */
const filler = (merged: readonly Merged[]) => {
  const blocks = [...merged].sort((a, b) => a.rows[0] - b.rows[0]);
  let next = 0;
  let open: { readonly block: Merged; readonly cell: Cell | undefined }[] = [];
  return (number: number, cells: Map<number, Cell>): void => {
    open = open.filter(({ block }) => block.rows[1] >= number);
    for (; blocks[next] !== undefined && blocks[next]!.rows[0] <= number; next += 1) {
      const block = blocks[next]!;
      const isFirst = block.rows[0] === number;
      if (block.rows[1] >= number) open.push({ block, cell: isFirst ? cells.get(block.columns[0]) : undefined });
    }
    if (cells.size === 0) return;
    for (const { block, cell } of open) {
      if (cell === undefined) continue;
      for (let column = block.columns[0]; column <= block.columns[1]; column += 1) cells.set(column, cell);
    }
  };
};

/** Blocks below the header, in each column of which some cells hold nothing though they are shown with a value. */
const addMerged = (
  faults: Map<number, string>,
  merged: readonly Merged[],
  { headerRow, last }: { readonly headerRow: number; readonly last: number },
): void => {
  for (const { rows, columns } of merged) {
    const [from, to] = [Math.max(rows[0], headerRow + 1), rows[1]];
    if (to <= headerRow || from > last) continue;
    for (let column = columns[0]; column <= columns[1]; column += 1) {
      if (faults.has(column) || (from === to && column === columns[0])) continue;
      const place = `cells ${cellName(rows[0], columns[0])}:${cellName(rows[1], columns[1])}`;
      faults.set(
        column,
        `${place}: wanted a value in each cell, got cells that are merged. Part them, or set xlsx.merged to fill or first.`,
      );
    }
  }
};
