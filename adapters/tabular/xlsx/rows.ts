import { textReader, unescaped } from "./texts.ts";
import type { Sheet } from "./workbook.ts";
import { readXml } from "./xml.ts";

/** One row of a sheet, counted from 1; cells by their column, counted from 0, without those that hold nothing. */
export type Row = { readonly number: number; readonly hidden: boolean; readonly cells: Map<number, Cell> };

/** The text of a cell as it is stored, or `fault`: what was wanted, and what was got. */
export type Cell = { readonly text: string; readonly fault?: string };

/** A block of cells that are shown as one, first and last row and column included. */
export type Merged = { readonly rows: readonly [number, number]; readonly columns: readonly [number, number] };

/** Reads the rows of a sheet in pieces, in their order. @param onMerged is told of each block, after all rows */
export async function* rowsOf(
  { part, zip, texts }: Pick<Sheet, "part" | "zip" | "texts">,
  onMerged: (merged: Merged) => void,
): AsyncIterable<readonly Row[]> {
  let rows: Row[] = [];
  let row = { number: 0, hidden: false, cells: new Map<number, Cell>() };
  let cell = NO_CELL;
  let column = -1;
  let text = "";
  let isText = false;
  const inline = textReader("is", (found) => {
    text = found;
  });
  const handler = {
    open(name: string, attribute: (name: string) => string | undefined): void {
      if (name === "row") {
        const number = Number(attribute("r") ?? row.number + 1);
        row = { number, hidden: /^(1|true)$/.test(attribute("hidden") ?? ""), cells: new Map() };
        column = -1;
      } else if (name === "c") {
        column = attribute("r") === undefined ? column + 1 : placeOf(attribute("r")!).column;
        cell = { ...NO_CELL, type: attribute("t") ?? "n" };
        text = "";
      } else if (name === "f") cell.hasFormula = true;
      else if (name === "v") [isText, cell.hasValue] = [true, true];
      else if (name === "mergeCell") onMerged(mergedIn(attribute("ref") ?? ""));
      inline.open(name, attribute);
    },
    text(more: string): void {
      if (isText) text += more;
      inline.text(more);
    },
    close(name: string): void {
      inline.close(name);
      if (name === "v") isText = false;
      else if (name === "c") {
        const found = readCell(cell, text, texts);
        if (found !== null) row.cells.set(column, found);
      } else if (name === "row" && row.cells.size > 0) rows.push(row);
    },
  };
  for await (const _ of readXml(part, zip.part(part), handler)) {
    if (rows.length > 0) yield rows;
    rows = [];
  }
}

const NO_CELL = { type: "n", hasFormula: false, hasValue: false };

/** Null: the cell holds nothing. */
const readCell = (
  { type, hasFormula, hasValue }: typeof NO_CELL,
  text: string,
  texts: readonly string[],
): Cell | null => {
  const isEmpty = text === "";
  if (type === "e") return { text: "", fault: `a value, got the error ${text.slice(0, 20)}` };
  if (hasFormula && isEmpty && !(type === "str" && hasValue)) {
    return { text: "", fault: "the value of its formula, got none. Open the workbook in a spreadsheet and save it." };
  }
  if (isEmpty) return null;
  switch (type) {
    case "s": {
      const shared = /^\s*\d+\s*$/.test(text) ? texts[Number(text)] : undefined;
      if (shared === undefined) return { text: "", fault: "a text of the workbook, got none" };
      return shared === "" ? null : { text: shared };
    }
    case "b":
      return { text: text.trim() === "1" || text.trim() === "true" ? "TRUE" : "FALSE" };
    case "str":
      return { text: unescaped(text) };
    case "inlineStr":
    case "d":
      return { text };
    default:
      return numberCell(text.trim());
  }
};

/** Numbers of more digits are not kept by a spreadsheet. */
const GREATEST = 999_999_999_999_999;

/** A number is stored in binary, so that 30, 30.0 and 3E1 are one. */
const numberCell = (text: string): Cell => {
  const number = Number(text);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !Number.isFinite(number)) {
    return { text: "", fault: "a number, got something else" };
  }
  if (Math.abs(number) > GREATEST) {
    return { text: "", fault: "a number of at most 15 digits, got more. Store it as a text." };
  }
  const plain = String(number);
  return { text: plain.includes("e") ? number.toFixed(20).replace(/\.?0+$/, "") : plain };
};

/** Row and column of a cell such as C7. */
const placeOf = (cell: string): { readonly row: number; readonly column: number } => {
  const [, letters = "", digits = ""] = /^\$?([A-Za-z]{1,3})\$?(\d{1,7})$/.exec(cell) ?? [];
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return { row: Number(digits), column: column - 1 };
};

/** The name of a cell: row 7 of column 2 is C7. */
export const cellName = (row: number, column: number): string => {
  let letters = "";
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return `${letters}${row}`;
};

const mergedIn = (ref: string): Merged => {
  const [first = "", last = first] = ref.split(":");
  const [from, to] = [placeOf(first), placeOf(last)];
  return { rows: [from.row, to.row], columns: [from.column, to.column] };
};
