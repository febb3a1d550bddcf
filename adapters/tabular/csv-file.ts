import { createReadStream, createWriteStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { bankBroken } from "../kit/failures.ts";
import { csvLine, csvShape } from "./csv.ts";
import { CsvFault, type Dialect } from "./csv-records.ts";
import { loadTable } from "./csv-table.ts";
import { identifier, type Relation, reason, type SourceContext, type TablePlace } from "./relation.ts";

/** Most bytes that are read at once. */
const CHUNK = 2 ** 20;

/**
 * Loads the columns that are named of a CSV or TSV. The dialect and the columns are given, so that DuckDB guesses nothing, and
 * it has to find as many rows as a reader of our own, which goes through the same bytes meanwhile.
 * @throws {BankError} BANK_BROKEN
 */
export const csvRelation = async (context: SourceContext, { file }: TablePlace): Promise<Relation> => {
  const { bank, folder, encoding, run } = context;
  const dialect: Dialect = /\.tsv(\.gz)?$/i.test(file)
    ? { delimiter: "\t", quoted: context.quotedTsv }
    : { delimiter: ",", quoted: true };
  const isPlain = (encoding === undefined || encoding === "utf-8") && !isPacked(file);
  const path = isPlain ? join(folder, file) : await decode(context, file);
  const from = context.nextTable();
  let table: Promise<number> | undefined;
  const [scanned] = await Promise.allSettled([
    csvShape(bytesOf(path), dialect, (header) => {
      table = loadTable(context, { table: from, path, dialect, header });
      table.catch(() => undefined);
    }),
  ]);
  const [loaded] = await Promise.allSettled([table]);
  if (scanned.status === "rejected") {
    const { reason: error } = scanned;
    throw error instanceof CsvFault ? bankBroken(bank, `${file}, ${error.message}`) : error;
  }
  if (loaded.status === "rejected" || loaded.value === undefined) {
    const got = loaded.status === "rejected" ? reason(loaded.reason) : "none";
    throw bankBroken(bank, `${file}: wanted a CSV file, got ${got}`);
  }
  const { header, rows } = scanned.value;
  if (loaded.value !== rows) {
    throw bankBroken(bank, `${file}: wanted ${rows} rows, as its lines say, got ${loaded.value}`);
  }
  return {
    label: file,
    from,
    names: header,
    textOf: (name) => identifier(`c${header.indexOf(name)}`),
    isEmpty: "blank",
    lineOf: (row) => csvLine(bytesOf(path), dialect, row),
    placeIn: (line, name) => `line ${line}, column ${JSON.stringify(name)}`,
    close: async () => void (await run(`DROP TABLE ${from}`)),
  };
};

const bytesOf = async function* (path: string): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  yield* createReadStream(path, { highWaterMark: Math.min(CHUNK, Math.max(size, 64)) }) as AsyncIterable<Buffer>;
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
      throw bankBroken(
        bank,
        `${file}: wanted text in ${encoding}, got ${await foundIn(path)}. Name the file's own in encodings`,
      );
    if (error instanceof Error && "code" in error && /^Z_|^ERR_/.test(String(error.code)))
      throw bankBroken(bank, `${file}: wanted a file packed by gzip, got something else or a part of one`);
    throw error;
  }
  return copy;
};

/** What stands in place of text in an encoding: some say at their beginning which other one they have. */
const foundIn = async (path: string): Promise<string> => {
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(3), 0, 3, 0);
    const begin = buffer.toString("hex");
    const mark = MARKS.find(([bytes]) => begin.startsWith(bytes))?.[1];
    return mark === undefined ? "bytes that it does not have" : `the mark of ${mark}`;
  } finally {
    await handle.close();
  }
};

/** Byte order marks. */
const MARKS = [
  ["efbbbf", "utf-8"],
  ["fffe", "utf-16le"],
  ["feff", "utf-16be"],
] as const;

/** What a packed file may unpack to: so many times its size, and so many bytes more. */
const [MOST_TIMES, MOST_UNPACKED] = [200, 64 * 2 ** 20];

const isPacked = (file: string): boolean => /\.gz$/i.test(file);
