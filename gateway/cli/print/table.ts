import stringWidth from "string-width";
import type { Style, View } from "./view.ts";

/** Greatest width of a rule, in columns, however long the reasons in the last column are. */
const RULE_WIDTH = 110;

/** One column: its heading, its side, its look. A column that no row fills is left out. */
export type Column = { readonly title: string; readonly right?: true; readonly style?: Style };

/** Lines of a table: headings, a rule, rows; `null` among the rows is another rule. The last column may be ragged. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[] | null)[],
  { paint }: Pick<View, "paint">,
): readonly string[] => {
  const shown = shownColumns(columns, rows);
  const line = (textOf: (column: Shown) => string, styleOf: (column: Column) => Style | undefined): string =>
    shown
      .map((column, place) => {
        const text = textOf(column);
        const gap = " ".repeat(column.width - stringWidth(text));
        const style = styleOf(column);
        const painted = style === undefined ? text : paint(text, style);
        if (column.right) return gap + painted;
        return place === shown.length - 1 ? painted : painted + gap;
      })
      .join("  ")
      .trimEnd();
  const width = shown.reduce((sum, column) => sum + column.width + 2, -2);
  const rule = paint("─".repeat(Math.min(RULE_WIDTH, width)), "dim");
  const heading = line(
    ({ title }) => title,
    () => "bold",
  );
  const rowLine = (row: readonly string[]): string =>
    line(
      ({ index }) => row[index]!,
      ({ style }) => style,
    );
  return [heading, rule, ...rows.map((row) => (row === null ? rule : rowLine(row)))];
};

/** `index`: of its cells in a row. `width`: of its widest cell, in columns of the terminal. */
type Shown = Column & { readonly index: number; readonly width: number };

const shownColumns = (columns: readonly Column[], rows: readonly (readonly string[] | null)[]): readonly Shown[] =>
  columns.flatMap((column, index) => {
    const cells = rows.flatMap((row) => (row === null ? [] : [row[index]!]));
    if (rows.length === 0 ? column.title === "" : cells.every((cell) => cell === "")) return [];
    return [{ ...column, index, width: Math.max(...[column.title, ...cells].map((text) => stringWidth(text))) }];
  });
