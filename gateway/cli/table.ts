import { styleText } from "node:util";
import stringWidth from "string-width";

/** How a cell looks on a terminal with colours. */
export type Style = "bold" | "dim" | "yellow";
/** Gives a text its look, or leaves it alone where colours are off. */
export type Paint = (text: string, style: Style) => string;

/** `on` false: plain text. */
export const painter =
  (on: boolean): Paint =>
  (text, style) =>
    on && text !== "" ? styleText(style, text, { validateStream: false }) : text;

/** A rule is no wider than this, however long the reasons in the last column are. */
const RULE_WIDTH = 110;

/** One column: its heading, its side, its look. A column that no row fills is left out. */
export type Column = { readonly title: string; readonly right?: true; readonly style?: Style };

/** Lines of a table: headings, a rule, rows; `null` among the rows is another rule. The last column may be ragged. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[] | null)[],
  paint: Paint,
): readonly string[] => {
  const cells = (index: number): readonly string[] => rows.flatMap((row) => (row === null ? [] : [row[index]!]));
  const shown = columns
    .map((column, index) => ({ ...column, index }))
    .filter(({ title, index }) => (rows.length === 0 ? title !== "" : cells(index).some((cell) => cell !== "")))
    .map((column) => ({
      ...column,
      width: Math.max(...[column.title, ...cells(column.index)].map((text) => stringWidth(text))),
    }));
  const line = (of: (column: (typeof shown)[number]) => string, style: (column: Column) => Style | undefined): string =>
    shown
      .map((column, place) => {
        const text = of(column);
        const gap = " ".repeat(column.width - stringWidth(text));
        const look = style(column);
        const looked = look === undefined ? text : paint(text, look);
        if (column.right) return gap + looked;
        return place === shown.length - 1 ? looked : looked + gap;
      })
      .join("  ")
      .trimEnd();
  const rule = paint(
    "─".repeat(
      Math.min(
        RULE_WIDTH,
        shown.reduce((sum, { width }) => sum + width + 2, -2),
      ),
    ),
    "dim",
  );
  return [
    line(
      ({ title }) => title,
      () => "bold",
    ),
    rule,
    ...rows.map((row) =>
      row === null
        ? rule
        : line(
            ({ index }) => row[index]!,
            ({ style }) => style,
          ),
    ),
  ];
};

/** A text from a bank or the gateway, made safe to print: no control characters, so that none can steer the terminal. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu, " ");
