import { join } from "node:path";
import { bankBroken } from "../kit/failures.ts";
import { csvRelation } from "./csv-file.ts";
import type { RunSql } from "./engine.ts";
import type { TabularOptions } from "./options.ts";
import { identifier, literal, type Relation, reason, type SourceContext } from "./relation.ts";

/** A file as a relation: see openSource. */
export type Source = Awaited<ReturnType<typeof openSource>>;

/** Files of one load, each opened once: see sourcesOf. */
export type Sources = ReturnType<typeof sourcesOf>;

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
    isNamed: (column: string) => named.has(column),
    wantsBlank: [options.donors, options.samples, ...recordTables(options)].some((table) => table?.skip?.empty),
    nextTable: () => `source_${++tables}`,
  };
  return {
    /** @throws {BankError} BANK_BROKEN when it cannot be read */
    open(file: string): Promise<Source> {
      const before = opened.get(file);
      if (before !== undefined) return before;
      const source = openSource({ ...context, ...dialectOf(options, file) }, file);
      opened.set(file, source);
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

/** Opens a Parquet, CSV or TSV file; every CSV cell is a text. @throws {BankError} BANK_BROKEN when it cannot be read. */
const openSource = async (context: SourceContext, file: string) => {
  const { bank } = context;
  const { from, names, textOf, listOf, isEmpty, lineOf, close } = await (isParquet(file) ? parquet : csvRelation)(
    context,
    file,
  );
  return {
    file,
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
        const got = `${JSON.stringify(name)}; there are ${there}`;
        throw bankBroken(bank, `adapter.${setting}: wanted a column of ${file}, got ${got}`);
      }
      return textOf(name);
    },
    /** The texts of a column that holds lists, as an SQL list; null for one that does not. */
    listOf: (name: string): string | null => listOf?.(name) ?? null,
    /** The first place of a text in a column: `samples.csv, line 3, column "day"`. */
    async placeOf(name: string, text: string): Promise<string> {
      const rows = `SELECT row_number() OVER () AS r, ${textOf(name)} AS t FROM ${from}`;
      const [row] = await context.run(`SELECT min(r) FROM (${rows}) WHERE t = $1`, [text]);
      const line = row?.[0] == null ? "" : `, ${await lineOf(Number(row[0]))}`;
      return `${file}${line}, column ${JSON.stringify(name)}`;
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

const parquet = async ({ bank, folder, run }: SourceContext, file: string): Promise<Relation> => {
  const from = `read_parquet(${literal(join(folder, file))})`;
  try {
    const columns = (await run(`DESCRIBE SELECT * FROM ${from}`)).map(([name, type]) => [String(name), String(type)]);
    const names = columns.map(([name]) => name!);
    const lists = new Set(columns.filter(([, type]) => type?.endsWith("[]")).map(([name]) => name!));
    const textOf = (name: string): string => `coalesce(CAST(${identifier(name)} AS VARCHAR), '')`;
    return {
      from,
      names,
      textOf,
      listOf: (name) =>
        lists.has(name) ? `list_transform(${identifier(name)}, lambda x: coalesce(CAST(x AS VARCHAR), ''))` : null,
      isEmpty: names.map((name) => `trim(${textOf(name)}, ' \t\r\n\u3000') = ''`).join(" AND "),
      lineOf: async (row) => `row ${row}`,
      close: async () => {},
    };
  } catch (error) {
    throw bankBroken(bank, `${file}: wanted a Parquet file, got ${reason(error)}`);
  }
};

const isParquet = (file: string): boolean => /\.parquet$/i.test(file);
