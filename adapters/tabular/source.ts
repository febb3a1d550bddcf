import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { bankBroken } from "../kit/failures.ts";
import type { RunSql, SqlValue } from "./engine.ts";

/** A file as a relation: see openSource. */
export type Source = Awaited<ReturnType<typeof openSource>>;

/** What sources are made from. `scratch` is a folder of our own for decoded copies, `encoding` that of CSV files. */
export type SourceContext = {
  readonly bank: string;
  readonly folder: string;
  readonly scratch: string;
  readonly encoding: "utf-8" | "cp932" | "euc-jp" | undefined;
  readonly run: RunSql;
};

/** Opens a Parquet, CSV or TSV file; every CSV cell is a text. @throws {BankError} BANK_BROKEN when it cannot be read. */
export const openSource = async (context: SourceContext, file: string) => {
  const { bank, run } = context;
  const from = await relation(context, file);
  let names: readonly string[];
  try {
    names = (await run(`DESCRIBE SELECT * FROM ${from}`)).map((row) => String(row[0]));
  } catch (error) {
    throw bankBroken(bank, `${file}: wanted a ${isParquet(file) ? "Parquet" : "CSV"} file, got ${reason(error)}`);
  }
  return {
    file,
    /** Goes into a FROM clause. */
    from,
    /** The text of a column, which is never NULL: an empty cell is ''. @throws {BankError} BANK_BROKEN */
    column(name: string, setting: string): string {
      if (!names.includes(name)) {
        const there = names.map((column) => JSON.stringify(column)).join(", ");
        const got = `${JSON.stringify(name)}; there are ${there}`;
        throw bankBroken(bank, `adapter.${setting}: wanted a column of ${file}, got ${got}`);
      }
      return `coalesce(CAST(${identifier(name)} AS VARCHAR), '')`;
    },
  };
};

/** An SQL condition that keeps the rows in which every column of `only` holds one of its texts. */
export const keeps = (
  source: Source,
  only: Readonly<Record<string, readonly string[]>> | undefined,
  setting: string,
  bind: (value: SqlValue) => string,
): string => {
  const conditions = Object.entries(only ?? {}).map(
    ([name, texts]) => `list_contains(${bind(texts)}, trim(${source.column(name, `${setting}.only`)}))`,
  );
  return conditions.length === 0 ? "TRUE" : conditions.join(" AND ");
};

/** What went wrong, without DuckDB's details: they may quote a row of the file. */
export const reason = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  const kind = /^[A-Z][A-Za-z ]{0,40} Error/.exec(message)?.[0] ?? "an error";
  const line = /on Line: (\d+)/.exec(message)?.[1];
  return line === undefined ? kind : `${kind} on line ${line}`;
};

const relation = async (context: SourceContext, file: string): Promise<string> => {
  const path = join(context.folder, file);
  if (isParquet(file)) return `read_parquet(${literal(path)})`;
  const delimiter = /\.tsv$/i.test(file) ? "\\t" : ",";
  const utf8 = context.encoding === undefined || context.encoding === "utf-8" ? path : await decode(context, file);
  return `read_csv(${literal(utf8)}, header = true, all_varchar = true, delim = E'${delimiter}', quote = '"', escape = '"')`;
};

/** Writes a UTF-8 copy of a file in the bank's encoding; a byte that the encoding does not have is an error. */
const decode = async ({ bank, folder, scratch, encoding }: SourceContext, file: string): Promise<string> => {
  const decoder = new TextDecoder(encoding === "cp932" ? "shift_jis" : encoding, { fatal: true });
  const copy = join(scratch, `${Buffer.from(file).toString("hex")}.csv`);
  try {
    await pipeline(
      createReadStream(join(folder, file)),
      async function* (bytes: AsyncIterable<Buffer>) {
        for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
        yield decoder.decode();
      },
      createWriteStream(copy),
    );
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw bankBroken(bank, `${file}: wanted text in ${encoding}, got bytes that it does not have`);
  }
  return copy;
};

const isParquet = (file: string): boolean => /\.parquet$/i.test(file);
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
