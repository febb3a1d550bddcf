import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { bankBroken } from "../kit/failures.ts";
import { csvLine, csvShape } from "./csv.ts";
import { CsvFault, type Dialect } from "./csv-records.ts";
import type { RunSql } from "./engine.ts";
import type { TabularOptions } from "./options.ts";

/** A file as a relation: see openSource. */
export type Source = Awaited<ReturnType<typeof openSource>>;

/** What sources are made from. `scratch` is a folder of our own for decoded copies, `encoding` that of CSV files. */
export type SourceContext = {
  readonly bank: string;
  readonly folder: string;
  readonly scratch: string;
  readonly encoding: TabularOptions["encoding"];
  /** Whether quotes around a cell of a TSV are no part of its text. */
  readonly quotedTsv: boolean;
  readonly run: RunSql;
};

/** Opens a Parquet, CSV or TSV file; every CSV cell is a text. @throws {BankError} BANK_BROKEN when it cannot be read. */
export const openSource = async (context: SourceContext, file: string) => {
  const { bank } = context;
  const { from, names, nameOf, lineOf, lists = new Set() } = await (isParquet(file) ? parquet : csv)(context, file);
  const textOf = (name: string): string => `coalesce(CAST(${identifier(nameOf(name))} AS VARCHAR), '')`;
  return {
    file,
    /** Goes into a FROM clause. */
    from,
    lineOf,
    /** SQL: whether no cell of a row holds anything but blanks. */
    isEmpty: names.map((name) => `trim(${textOf(name)}, ' \t\r\n\u3000') = ''`).join(" AND "),
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
    listOf: (name: string): string | null =>
      lists.has(name)
        ? `list_transform(${identifier(nameOf(name))}, lambda x: coalesce(CAST(x AS VARCHAR), ''))`
        : null,
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
export const dialectOf = (
  { encoding, encodings, tsv }: TabularOptions,
  file: string,
): Pick<SourceContext, "encoding" | "quotedTsv"> => ({
  encoding: encodings?.[file] ?? encoding,
  quotedTsv: tsv.quoted,
});

/** What went wrong, without DuckDB's details: they may quote a row of the file. */
export const reason = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  const kind = /^[A-Z][A-Za-z ]{0,40} Error/.exec(message)?.[0] ?? "an error";
  const line = /on Line: (\d+)/.exec(message)?.[1];
  return line === undefined ? kind : `${kind} on line ${line}`;
};

/** What goes into a FROM clause, the names of the columns there are, and what each is called in the clause. */
type Relation = {
  readonly from: string;
  readonly names: readonly string[];
  /** The columns that hold lists; default: none. */
  readonly lists?: ReadonlySet<string>;
  readonly nameOf: (name: string) => string;
  /** Where a row stands, the first being 1: `line 2`, or `row 1` in a file without lines. */
  readonly lineOf: (row: number) => Promise<string>;
};

const parquet = async ({ bank, folder, run }: SourceContext, file: string): Promise<Relation> => {
  const from = `read_parquet(${literal(join(folder, file))})`;
  try {
    const columns = (await run(`DESCRIBE SELECT * FROM ${from}`)).map(([name, type]) => [String(name), String(type)]);
    const names = columns.map(([name]) => name!);
    const lists = new Set(columns.filter(([, type]) => type?.endsWith("[]")).map(([name]) => name!));
    return { from, names, lists, nameOf: (name) => name, lineOf: async (row) => `row ${row}` };
  } catch (error) {
    throw bankBroken(bank, `${file}: wanted a Parquet file, got ${reason(error)}`);
  }
};

/** Longest line in bytes, of which a cell may be a whole report. */
const LONGEST_LINE = 16 * 2 ** 20;

/** The dialect and the columns are given, so that DuckDB guesses nothing, and it has to find as many rows as we do. */
const csv = async (context: SourceContext, file: string): Promise<Relation> => {
  const { bank, folder, encoding, run } = context;
  const dialect: Dialect = /\.tsv(\.gz)?$/i.test(file)
    ? { delimiter: "\t", quoted: context.quotedTsv }
    : { delimiter: ",", quoted: true };
  const isPlain = (encoding === undefined || encoding === "utf-8") && !isPacked(file);
  const path = isPlain ? join(folder, file) : await decode(context, file);
  const { header, rows } = await csvShape(createReadStream(path), dialect).catch((error: unknown) => {
    throw error instanceof CsvFault ? bankBroken(bank, `${file}, ${error.message}`) : error;
  });
  const quote = literal(dialect.quoted ? '"' : "");
  const columns = header.map((_, at) => `'c${at}': 'VARCHAR'`).join(", ");
  const from = `read_csv(${literal(path)}, auto_detect = false, header = true, columns = {${columns}}, delim = E'${
    dialect.delimiter === "\t" ? "\\t" : ","
  }', quote = ${quote}, escape = ${quote}, comment = '', skip = 0, nullstr = '', strict_mode = true, max_line_size = ${LONGEST_LINE})`;
  let found: number;
  try {
    found = Number((await run(`SELECT count(*) FROM ${from}`))[0]?.[0]);
  } catch (error) {
    throw bankBroken(bank, `${file}: wanted a CSV file, got ${reason(error)}`);
  }
  if (found !== rows) throw bankBroken(bank, `${file}: wanted ${rows} rows, as its lines say, got ${found}`);
  const lineOf = async (row: number) => `line ${await csvLine(createReadStream(path), dialect, row)}`;
  return { from, names: header, nameOf: (name) => `c${header.indexOf(name)}`, lineOf };
};

/** Writes a UTF-8 copy of a file that is packed or in another encoding; a byte that the encoding does not have is an error. */
const decode = async ({ bank, folder, scratch, encoding = "utf-8" }: SourceContext, file: string): Promise<string> => {
  const decoder = new TextDecoder(encoding === "cp932" ? "shift_jis" : encoding, { fatal: true });
  const copy = join(scratch, `${Buffer.from(file).toString("hex")}.csv`);
  const path = join(folder, file);
  const most = MOST_UNPACKED + MOST_TIMES * (await stat(path)).size;
  let size = 0;
  const decoded = async function* (bytes: AsyncIterable<Buffer>) {
    for await (const chunk of bytes) {
      size += chunk.length;
      if (isPacked(file) && size > most) throw new RangeError("too much");
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  };
  try {
    if (isPacked(file)) await pipeline(createReadStream(path), createGunzip(), decoded, createWriteStream(copy));
    else await pipeline(createReadStream(path), decoded, createWriteStream(copy));
  } catch (error) {
    if (error instanceof RangeError)
      throw bankBroken(bank, `${file}: wanted at most ${MOST_TIMES} times its size when it is unpacked, got more`);
    if (error instanceof TypeError)
      throw bankBroken(bank, `${file}: wanted text in ${encoding}, got bytes that it does not have`);
    if (error instanceof Error && "code" in error && /^Z_|^ERR_/.test(String(error.code)))
      throw bankBroken(bank, `${file}: wanted a file packed by gzip, got something else or a part of one`);
    throw error;
  }
  return copy;
};

/** What a packed file may unpack to: so many times its size, and so many bytes more. */
const [MOST_TIMES, MOST_UNPACKED] = [200, 64 * 2 ** 20];

const isPacked = (file: string): boolean => /\.gz$/i.test(file);
const isParquet = (file: string): boolean => /\.parquet$/i.test(file);
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
