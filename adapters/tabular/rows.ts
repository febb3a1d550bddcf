import type { RunSql, SqlValue } from "./engine.ts";
import { lookup, trimmed } from "./fold.ts";
import type { Source } from "./source.ts";
import type { Value } from "./span.ts";

/** What a table says of its rows: see options.ts. */
export type RowOptions = {
  readonly only?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly except?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly skip?: { readonly empty: boolean } | undefined;
};

/** What becomes of a row. A row in doubt may count or not: a column of `only` holds a text that nothing is said of. */
export const [DROPPED, IN_DOUBT, KEPT] = [0, 1, 2];

/** Stands before the code of a record in doubt, in files and in dictionaries, where such codes are the first. */
export const DOUBT = "\u0001";

/** The code of a record, and whether the record is in doubt. */
export const codeOf = (value: Value): { readonly code: string; readonly isInDoubt: boolean } => {
  const text = String(value);
  const isInDoubt = text.startsWith(DOUBT);
  return { code: isInDoubt ? text.slice(DOUBT.length) : text, isInDoubt };
};

/**
 * The SQL of what becomes of each row of a source: DROPPED, IN_DOUBT or KEPT. Texts are compared by how they look.
 * @throws {BankError} BANK_BROKEN for a column that is not there
 */
export const standing = async (
  source: Source,
  { only = {}, except = {}, skip }: RowOptions,
  setting: string,
  { run, bind }: { readonly run: RunSql; bind(value: SqlValue): string },
): Promise<string> => {
  const columns = [...new Set([...Object.keys(only), ...Object.keys(except)])];
  const each = await Promise.all(
    columns.map(async (name) => {
      const key = only[name] === undefined ? "except" : "only";
      const text = source.column(name, `${setting}.${key}`);
      const found = (await run(`SELECT DISTINCT ${text} FROM ${source.from}`)).map(([raw]) => String(raw));
      const among = (texts: readonly string[]) => {
        const named = lookup(texts.map(trimmed), undefined, "any");
        return bind(found.filter((raw) => named(trimmed(raw)) !== undefined));
      };
      const rest = only[name] === undefined ? KEPT : IN_DOUBT;
      return `CASE WHEN list_contains(${among(except[name] ?? [])}, ${text}) THEN ${DROPPED}
        WHEN list_contains(${among(only[name] ?? [])}, ${text}) THEN ${KEPT} ELSE ${rest} END`;
    }),
  );
  if (skip?.empty) each.push(`CASE WHEN ${source.isEmpty} THEN ${DROPPED} ELSE ${KEPT} END`);
  return each.length === 0 ? String(KEPT) : `least(${each.join(", ")})`;
};

/** A table in the donors' file has the donors' rows: what these leave out it leaves out too. */
export const rowsOf = (table: RowOptions & { readonly file?: string | undefined }, donors: RowOptions): RowOptions =>
  table.file === undefined
    ? {
        only: { ...donors.only, ...table.only },
        except: { ...donors.except, ...table.except },
        skip: table.skip ?? donors.skip,
      }
    : table;

/** The SQL of the parts of a column's cell, one row each, or of the cell where nothing splits it. A list is its parts. */
export const partsOf = (
  source: Source,
  name: string,
  { setting, split }: { readonly setting: string; readonly split: string | readonly string[] | undefined },
  bind: (value: SqlValue) => string,
): string => {
  const text = source.column(name, setting);
  const list = source.listOf(name);
  if (list !== null) return `unnest(${list})`;
  const [first, ...others] = [split ?? []].flat();
  if (first === undefined) return text;
  const between = bind(first);
  const alike = others.reduce((sql, other) => `replace(${sql}, ${bind(other)}, ${between})`, text);
  return `unnest(string_split(${alike}, ${between}))`;
};
