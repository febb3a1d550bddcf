import { text } from "../../schema/text.ts";
import type { AdapterFinding } from "../adapter.ts";
import type { RunSql } from "./engine.ts";
import { fold, lookup, trimmed } from "./fold.ts";
import { MOST_TOLD } from "./inspected-cells.ts";
import type { Place } from "./places.ts";
import type { Source } from "./source.ts";

/** What is said of rows by `only` and `except`: rows left out, rows in doubt, and texts that no row has. */
export const saidOfRows = async (place: Place, source: Source, run: RunSql): Promise<readonly AdapterFinding[]> => {
  const findings: AdapterFinding[] = [];
  const { only = {}, except = {} } = place.rows;
  for (const column of new Set([...Object.keys(only), ...Object.keys(except)])) {
    const cell = source.column(column, `${place.section}.only`);
    const found = await run(`SELECT ${cell} AS t, count(*) AS n FROM ${source.from} GROUP BY t ORDER BY n DESC, t`);
    const rows = found.map(([value, n]) => ({ value: trimmed(String(value)), rows: Number(n) }));
    const [kept, dropped] = [only[column], except[column]].map((texts) =>
      lookup((texts ?? []).map(trimmed), fold, "any"),
    );
    const isOut = (value: string): boolean => dropped?.(value) !== undefined;
    const isIn = (value: string): boolean => only[column] === undefined || kept?.(value) !== undefined;
    const held = lookup(
      rows.map(({ value }) => value),
      fold,
      "any",
    );
    const texts = [...(only[column] ?? []), ...(except[column] ?? [])];
    const unused = texts.filter((value) => held(trimmed(value)) === undefined);
    const at = { file: source.file, column };
    findings.push(
      ...rowsFinding(
        "data.dropped",
        at,
        rows.filter(({ value }) => isOut(value)),
      ),
      ...rowsFinding(
        "data.doubtful",
        at,
        rows.filter(({ value }) => !isOut(value) && !isIn(value)),
      ),
      ...(unused.length === 0
        ? []
        : [{ ...NO_ROW, ...at, got: unused.map((value) => JSON.stringify(value)).join(", ") }]),
    );
  }
  return findings;
};

const NO_ROW = {
  id: "only.unused",
  level: "WARNING",
  says: text("No row holds a text of `only` or `except`.", "only または except の値を持つ行がありません。"),
  wanted: "texts that the column holds",
  remedy: text("Mend its spelling or remove it.", "表記を直すか削除してください。"),
} as const;

const ROWS = {
  "data.dropped": {
    level: "INFO",
    says: text("`except` leaves rows out.", "except により除かれる行があります。"),
    wanted: "rows that do not count",
    remedy: text("Take out the texts whose rows count.", "数えるべき行の値を except から外してください。"),
  },
  "data.doubtful": {
    level: "WARNING",
    says: text(
      "`only` does not list some texts: their rows may count or not, so counts are ranges.",
      "only にない値の行は数えるかどうか分からないため、件数は範囲になります。",
    ),
    wanted: "texts of `only` or `except`",
    remedy: text(
      "Add them to `only`, or to `except` where their rows do not count.",
      "only か except に加えてください。",
    ),
  },
} as const;

const rowsFinding = (
  id: keyof typeof ROWS,
  at: { readonly file: string; readonly column: string },
  rows: readonly { readonly value: string; readonly rows: number }[],
): readonly AdapterFinding[] => {
  if (rows.length === 0) return [];
  const told = rows.slice(0, MOST_TOLD).map(({ value, rows: n }) => `${JSON.stringify(value)} in ${n} rows`);
  return [{ id, ...ROWS[id], ...at, got: told.join(", ") }];
};
