import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createInflateRaw } from "node:zlib";
import { XlsxFault } from "./fault.ts";

/** The parts of an archive. `size`: bytes of all parts once they are unpacked, as the archive says. */
export type Zip = {
  readonly size: number;
  has(name: string): boolean;
  /** The bytes of a part. @throws {XlsxFault} where it is not there, or unpacks to more than is allowed */
  part(name: string): AsyncIterable<Buffer>;
};

/** Where a part lies in the archive, and whether it is packed. */
type Entry = { readonly offset: number; readonly packed: number; readonly size: number; readonly method: number };

const [END, CENTRAL, LOCAL] = [0x06054b50, 0x02014b50, 0x04034b50];
const [STORED, DEFLATED] = [0, 8];
/** Stands for a number that is written elsewhere, since it does not fit. */
const ELSEWHERE = 0xffffffff;

/** What an archive may unpack to: so many times its size, and so many bytes more. */
const [MOST_TIMES, MOST_MORE] = [200, 64 * 2 ** 20];
/** Most bytes of the list of parts. */
const LONGEST_LIST = 16 * 2 ** 20;

/** Reads the list of parts of an archive. @throws {XlsxFault} for one that is none, or that would unpack to too much */
export const openZip = async (path: string): Promise<Zip> => {
  const file = await open(path);
  try {
    const { size: length } = await file.stat();
    const entries = await entriesOf(file, length);
    const most = MOST_MORE + MOST_TIMES * length;
    const size = [...entries.values()].reduce((sum, entry) => sum + entry.size, 0);
    if (size > most) throw tooMuch(most, inMegabytes(size));
    let left = most;
    const spend = (bytes: number): void => {
      left -= bytes;
      if (left < 0) throw tooMuch(most, "more");
    };
    return {
      size,
      has: (name) => entries.has(name),
      part: (name) => partOf(path, entries.get(name) ?? missing(name), spend),
    };
  } finally {
    await file.close();
  }
};

const tooMuch = (most: number, got: string): XlsxFault =>
  new XlsxFault(
    `wanted at most ${inMegabytes(most)} when it is unpacked (${MOST_TIMES} times its size and 64 MB), got ${got}`,
  );

const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`;

const missing = (name: string): never => {
  throw new XlsxFault(`wanted a workbook with ${name}, got none`);
};

const NO_ZIP = "wanted an .xlsx workbook, got something else or a part of one";

const entriesOf = async (file: FileHandle, length: number): Promise<ReadonlyMap<string, Entry>> => {
  const head = await bytesAt(file, 0, Math.min(8, length));
  if (head.toString("hex").startsWith("d0cf11e0")) {
    throw new XlsxFault(
      "wanted an .xlsx workbook, got one of the old format or with a password. Save it as .xlsx without.",
    );
  }
  const tail = await bytesAt(file, Math.max(0, length - 65_557), Math.min(length, 65_557));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end -= 1;
  if (end < 0) throw new XlsxFault(NO_ZIP);
  const [bytes, at] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (at === ELSEWHERE || bytes > LONGEST_LIST || at + bytes > length) throw new XlsxFault(NO_ZIP);
  return listed(await bytesAt(file, at, bytes));
};

const listed = (list: Buffer): ReadonlyMap<string, Entry> => {
  const entries = new Map<string, Entry>();
  for (let at = 0; at + 46 <= list.length; ) {
    if (list.readUInt32LE(at) !== CENTRAL) throw new XlsxFault(NO_ZIP);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => list.readUInt16LE(at + place));
    const nameEnd = at + 46 + nameLength!;
    if ((list.readUInt16LE(at + 8) & 1) === 1)
      throw new XlsxFault("wanted a workbook without a password, got one with");
    const [size, packed, offset] = [24, 20, 42].map((place) => list.readUInt32LE(at + place));
    const whole = withLongNumbers([size!, packed!, offset!], list.subarray(nameEnd, nameEnd + extraLength!));
    const name = list
      .subarray(at + 46, nameEnd)
      .toString("utf8")
      .replaceAll("\\", "/");
    entries.set(name, {
      size: whole[0]!,
      packed: whole[1]!,
      offset: whole[2]!,
      method: list.readUInt16LE(at + 10),
    });
    at = nameEnd + extraLength! + commentLength!;
  }
  return entries;
};

/** The numbers of a part; those that do not fit stand in its extra field, in their order. */
const withLongNumbers = (numbers: readonly number[], extra: Buffer): readonly number[] => {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    return numbers.map((number) => {
      if (number !== ELSEWHERE || next + 8 > extra.length) return number;
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    });
  }
  return numbers;
};

async function* partOf(path: string, entry: Entry, spend: (bytes: number) => void): AsyncIterable<Buffer> {
  const start = await dataOf(path, entry);
  if (entry.packed === 0) return;
  const packed = createReadStream(path, { start, end: start + entry.packed - 1, highWaterMark: 2 ** 18 });
  const unpacker = createInflateRaw({ chunkSize: 2 ** 18 });
  if (entry.method === DEFLATED) packed.on("error", (error) => unpacker.destroy(error)).pipe(unpacker);
  else if (entry.method !== STORED) throw new XlsxFault(NO_ZIP);
  try {
    for await (const chunk of entry.method === STORED ? packed : unpacker) {
      spend((chunk as Buffer).length);
      yield chunk as Buffer;
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && /^Z_/.test(String(error.code))) throw new XlsxFault(NO_ZIP);
    throw error;
  } finally {
    packed.destroy();
    unpacker.destroy();
  }
}

/** Where the bytes of a part begin: behind its own header, whose names may have another length than in the list. */
const dataOf = async (path: string, { offset }: Entry): Promise<number> => {
  const file = await open(path);
  try {
    const header = await bytesAt(file, offset, 30);
    if (header.readUInt32LE(0) !== LOCAL) throw new XlsxFault(NO_ZIP);
    return offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await file.close();
  }
};

const bytesAt = async (file: FileHandle, at: number, length: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  if (bytesRead < length) throw new XlsxFault(NO_ZIP);
  return bytes;
};
