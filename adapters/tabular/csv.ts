import { isUtf8 } from "node:buffer";
import { CsvFault, csvRecords, type Dialect } from "./csv-records.ts";

/** The names of the columns, without blanks around them, and the number of rows below. */
export type CsvShape = { readonly header: readonly string[]; readonly rows: number };

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** First bytes of formats that come under the name of a CSV, and what to do about them. */
const OTHER_FORMATS: readonly (readonly [bytes: string, remedy: string])[] = [
  ["1f8b", "a file packed by gzip. Name it .csv.gz, or unpack it."],
  ["504b0304", "a spreadsheet or an archive. Export it as CSV."],
  ["d0cf11e0", "a spreadsheet. Export it as CSV."],
  ["fffe", "UTF-16. Set encoding to utf-16le."],
  ["feff", "UTF-16. Set encoding to utf-16be."],
  ["50415231", "a Parquet file. Name it .parquet."],
];

/**
 * Reads the shape of a CSV or TSV in UTF-8 from its bytes, independently of the database that loads it. Lines without any
 * byte are no rows, except in a file of one column. @throws {CsvFault}
 * @param onHeader is called once, as soon as the names of the columns are read
 */
export const csvShape = async (
  file: AsyncIterable<Buffer>,
  dialect: Dialect,
  onHeader: (header: readonly string[]) => void = () => {},
): Promise<CsvShape> => {
  const isText = utf8Check();
  let header: readonly string[] | null = null;
  let head = Buffer.alloc(0);
  let rows = 0;
  let begun = false;
  const records = csvRecords(dialect, ({ line, cells, length, end }) => {
    if (header === null) {
      header = namesOf(head.subarray(0, end).toString("utf8"), dialect);
      onHeader(header);
    } else if (length > 0 || header.length === 1) {
      if (cells !== header.length)
        throw new CsvFault(line, `${header.length} cells as in the first line, got ${cells}`);
      rows += 1;
    }
  });
  for await (const chunk of file) {
    const bytes = begun ? chunk : firstBytes(chunk);
    begun = true;
    if (header === null) head = Buffer.concat([head, bytes]);
    if (!isText(bytes)) throw new CsvFault(lineOfOtherBytes(bytes, records.line()), UTF8);
    records.push(bytes);
  }
  if (!isText(null)) throw new CsvFault(records.line(), UTF8);
  records.end();
  if (header === null) throw new CsvFault(1, "the names of the columns, got an empty file");
  return { header, rows };
};

/** The line in which a row begins, the first below the header being 1. The file is one that csvShape has read. */
export const csvLine = async (file: AsyncIterable<Buffer>, dialect: Dialect, row: number): Promise<number> => {
  let columns = 0;
  let rows = -1;
  let found = 0;
  const records = csvRecords(dialect, ({ line, cells, length }) => {
    if (rows < 0) columns = cells;
    if (rows < 0 || length > 0 || columns === 1) rows += 1;
    if (rows === row && found === 0) found = line;
  });
  for await (const chunk of file) records.push(chunk);
  records.end();
  return found;
};

/** The first bytes without a mark of the byte order. */
const firstBytes = (chunk: Buffer): Buffer => {
  const other = OTHER_FORMATS.find(([bytes]) => chunk.subarray(0, bytes.length / 2).toString("hex") === bytes);
  if (other !== undefined) throw new CsvFault(1, `text with commas or tabs, got ${other[1]}`);
  return chunk.subarray(0, 3).equals(BYTE_ORDER_MARK) ? chunk.subarray(3) : chunk;
};

const UTF8 = "text in UTF-8, got other bytes. Set encoding to the file's own, such as cp932.";

/** Tells of each chunk of a file whether it goes on in UTF-8; null: the end, which may not be within a letter. */
const utf8Check = (): ((chunk: Buffer | null) => boolean) => {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    if (chunk === null) return rest.length === 0;
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - lengthOfBegun(bytes);
    rest = Buffer.from(bytes.subarray(whole));
    return isUtf8(bytes.subarray(0, whole));
  };
};

/** The bytes at the end of a chunk that begin a letter and do not end it: at most 3. */
const lengthOfBegun = (bytes: Buffer): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
};

/** The line of a chunk that holds bytes which are no UTF-8; the chunk begins in line `line`. */
const lineOfOtherBytes = (bytes: Buffer, line: number): number => {
  let [at, start] = [line, 0];
  for (let end = bytes.indexOf(10); end >= 0 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf(10, start)) {
    [at, start] = [at + 1, end + 1];
  }
  return at;
};

/** The cells of the first line. */
const namesOf = (line: string, { delimiter, quoted }: Dialect): readonly string[] => {
  const cells = quoted
    ? [...line.matchAll(CELLS[delimiter])].map(([cell]) => cell.replace(/^[,\t]/, ""))
    : line.split(delimiter);
  const names = cells.map((cell) =>
    (quoted && /^"[\s\S]*"\s*$/.test(cell) ? cell.trimEnd().slice(1, -1).replaceAll('""', '"') : cell).trim(),
  );
  const twice = names.find((name, at) => name !== "" && names.indexOf(name) < at);
  if (twice !== undefined)
    throw new CsvFault(1, `each column once, got ${JSON.stringify(twice)} again. Rename one of them.`);
  return names;
};
/** Cells with the delimiter before them. */
const CELLS = {
  ",": /(?:^|,)(?:"(?:[^"]|"")*"[^,]*|[^,]*)/g,
  "\t": /(?:^|\t)(?:"(?:[^"]|"")*"[^\t]*|[^\t]*)/g,
} as const;
