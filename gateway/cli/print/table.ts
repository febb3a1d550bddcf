import stringWidth from "string-width";
import type { Style, View } from "./view.ts";

/** Greatest width of a rule, in columns, however long the reasons in the last column are. */
const RULE_WIDTH = 110;

/** One column: its heading, what it shows of a row, its side, its look. A column that no row fills is left out. */
export type Column<Row> = {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly right?: true;
  readonly style?: Style;
};

/** Lines of a table: headings, a rule, rows; `null` among the rows is another rule. The last column may be ragged. */
export const table = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly (Row | null)[],
  { paint }: Pick<View, "paint">,
): readonly string[] => {
  const shown = columns.flatMap((column) => {
    const cells = rows.flatMap((row) => (row === null ? [] : [column.cell(row)]));
    if (rows.length > 0 && cells.every((cell) => cell === "")) return [];
    return [{ ...column, width: Math.max(...[column.title, ...cells].map((text) => stringWidth(text))) }];
  });
  const line = (textOf: (column: Column<Row>) => string, styleOf: (column: Column<Row>) => Style | undefined) =>
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
  const rowLine = (row: Row): string =>
    line(
      ({ cell }) => cell(row),
      ({ style }) => style,
    );
  return [heading, rule, ...rows.map((row) => (row === null ? rule : rowLine(row)))];
};
