import { join } from "node:path";
import { BankError } from "../../schema/bank-error.ts";
import { bankBroken } from "../kit/failures.ts";
import { csvRelation } from "./csv-file.ts";
import type { RunSql } from "./engine.ts";
import type { TabularOptions } from "./options.ts";
import {
  identifier,
  literal,
  type Relation,
  reason,
  type SourceContext,
  type TablePlace,
  unreadable,
} from "./relation.ts";
import { keyOf } from "./tables.ts";
import { xlsxRelation } from "./xlsx-file.ts";

/** A file as a relation: see openSource. */
export type Source = Awaited<ReturnType<typeof openSource>>;

/** The files that the options name. `scratch`: a folder of our own. They are loaded one after another in the order asked. */
export const sourcesOf = (
  options: TabularOptions,
  place: { readonly bank: string; readonly folder: string; readonly scratch: string; readonly run: RunSql },
) => {
  const opened = new Map<string, Promise<Source>>();
  const named = textsIn(options);
  let tables = 0;
  const context = {
    ...place,
    xlsx: options.xlsx,
    wholeNumbers: options.wholeNumbers,
    isNamed: (column: string) => named.has(column),
    wantsBlank: [options.donors, options.samples, ...recordTables(options)].some((table) => table?.skip?.empty),
    nextTable: () => `source_${++tables}`,
  };
  return {
    /** @throws {BankError} BANK_BROKEN when it cannot be read */
    open(place: TablePlace): Promise<Source> {
      const key = keyOf(place);
      const before = opened.get(key);
      if (before !== undefined) return before;
      const source = openSource({ ...context, ...dialectOf(options, place.file) }, place);
      opened.set(key, source);
      return source;
    },
    /** Waits for all, and frees their memory. */
    async close(): Promise<void> {
      for (const source of await Promise.allSettled(opened.values())) {
        if (source.status === "fulfilled") await source.value.close();
      }
    },
  };
};

const recordTables = ({ diseases, programmes, data, uses }: TabularOptions) => [diseases, programmes, data, uses];

/** Every text in the options, the names of columns among them. */
const textsIn = (options: TabularOptions): ReadonlySet<string> => {
  const texts = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === "string") texts.add(value);
    else if (typeof value === "object" && value !== null) {
      for (const [key, each] of Object.entries(value)) {
        texts.add(key);
        visit(each);
      }
    }
  };
  visit(options);
  return texts;
};

/** Opens a file; every cell of a CSV or a sheet is a text. @throws {BankError} BANK_BROKEN when it cannot be read. */
const openSource = async (context: SourceContext, place: TablePlace) => {
  const { bank } = context;
  const { file } = place;
  const read = isParquet(file) ? parquet : /\.xlsx$/i.test(file) ? xlsxRelation : csvRelation;
  const relation = await read(context, place).catch((error: unknown) => {
    // What the system says of a file has a code; DuckDB's errors have none.
    throw error instanceof BankError || !(error instanceof Error && "code" in error)
      ? error
      : unreadable(bank, file, error);
  });
  const { label, from, names, listOf, isEmpty, lineOf, placeIn, close, epoch, hidden } = relation;
  const textOf = (name: string): string => {
    const text = relation.textOf(name);
    return context.wholeNumbers ? `regexp_replace(${text}, '^([0-9]+)[.]0+$', '\\1')` : text;
  };
  return {
    /** What it is called in messages. */
    file: label,
    epoch,
    hidden,
    /** Goes into a FROM clause. */
    from,
    lineOf,
    close,
    /** SQL: whether no cell of a row holds anything but blanks. */
    isEmpty,
    /** The text of a column, which is never NULL: an empty cell is ''. @throws {BankError} BANK_BROKEN */
    column(name: string, setting: string): string {
      if (!names.includes(name)) {
        const there = names.map((column) => JSON.stringify(column)).join(", ");
        const isSheet = /\.xlsx$/i.test(place.file);
        const remedy = isSheet ? ". Name the row of the columns' names in headerRow, where it is another" : "";
        const got = `${JSON.stringify(name)}; there are ${there}${remedy}`;
        throw bankBroken(bank, `adapter.${setting}: wanted a column of ${label}, got ${got}`);
      }
      return textOf(name);
    },
    /** The texts of a column that holds lists, as an SQL list; null for one that does not. */
    listOf: (name: string): string | null => listOf?.(name) ?? null,
    /** The first place of a text in a column: `samples.csv, line 3, column "day"`. */
    async placeOf(name: string, text: string): Promise<string> {
      const rows = `SELECT row_number() OVER () AS r, ${textOf(name)} AS t FROM ${from}`;
      const [row] = await context.run(`SELECT min(r) FROM (${rows}) WHERE t = $1`, [text]);
      const line = row?.[0] == null ? null : await lineOf(Number(row[0]));
      return `${label}, ${line === null ? `column ${JSON.stringify(name)}` : placeIn(line, name)}`;
    },
  };
};

/** How a file is written, as the options say. */
const dialectOf = (
  { encoding, encodings, tsv }: TabularOptions,
  file: string,
): Pick<SourceContext, "encoding" | "quotedTsv"> => ({
  encoding: encodings?.[file] ?? encoding,
  quotedTsv: tsv.quoted,
});

const parquet = async ({ bank, folder, run }: SourceContext, { file }: TablePlace): Promise<Relation> => {
  const from = `read_parquet(${literal(join(folder, file))})`;
  try {
    const columns = (await run(`DESCRIBE SELECT * FROM ${from}`)).map(([name, type]) => [String(name), String(type)]);
    const names = columns.map(([name]) => name!);
    const lists = new Set(columns.filter(([, type]) => type?.endsWith("[]")).map(([name]) => name!));
    const textOf = (name: string): string => `coalesce(CAST(${identifier(name)} AS VARCHAR), '')`;
    return {
      label: file,
      from,
      names,
      textOf,
      listOf: (name) =>
        lists.has(name) ? `list_transform(${identifier(name)}, lambda x: coalesce(CAST(x AS VARCHAR), ''))` : null,
      isEmpty: names.map((name) => `trim(${textOf(name)}, ' \t\r\n\u3000') = ''`).join(" AND "),
      lineOf: async (row) => row,
      placeIn: (line, name) => `row ${line}, column ${JSON.stringify(name)}`,
      close: async () => {},
    };
  } catch (error) {
    throw bankBroken(bank, `${file}: wanted a Parquet file, got ${reason(error)}`);
  }
};

const isParquet = (file: string): boolean => /\.parquet$/i.test(file);
