/** Columns that a terminal gives a text: East Asian wide characters take two, combining marks none. */
export const widthOf = (text: string): number => {
  let width = 0;
  for (const character of text) width += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
};

/** Marks that sit on the character before, and invisible format characters. */
const NO_WIDTH = /^[\p{M}\p{Cf}]$/u;
/** The blocks of Unicode's East_Asian_Width W and F (UAX 11), the half-width forms left out. */
const WIDE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F900}-\u{1FAFF}\u{20000}-\u{3FFFD}]$/u;

/** How a cell looks on a terminal with colours. */
export type Style = "bold" | "dim" | "alarm";
/** Gives a text its look, or leaves it alone where colours are off. */
export type Paint = (text: string, style: Style) => string;

const CODES: { readonly [S in Style]: number } = { bold: 1, dim: 2, alarm: 33 };

/** `on` false: plain text. */
export const painter =
  (on: boolean): Paint =>
  (text, style) =>
    on && text !== "" ? `\u001B[${CODES[style]}m${text}\u001B[0m` : text;

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
    .map((column) => ({ ...column, width: Math.max(...[column.title, ...cells(column.index)].map(widthOf)) }));
  const line = (of: (column: (typeof shown)[number]) => string, style: (column: Column) => Style | undefined): string =>
    shown
      .map((column, place) => {
        const text = of(column);
        const gap = " ".repeat(column.width - widthOf(text));
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
