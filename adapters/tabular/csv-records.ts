/** How a file of cells is written. Nothing of it is guessed from the file. */
export type Dialect = {
  readonly delimiter: "," | "\t";
  /** Whether quotes around a cell are no part of its text. */
  readonly quoted: boolean;
};

/** One record: the line that it begins in, its cells and its bytes, and how many bytes of the file lie before its end. */
export type CsvRecord = {
  readonly line: number;
  readonly cells: number;
  readonly length: number;
  readonly end: number;
};

/** A file that is not what the dialect says: `line 3: wanted X, got Y`. Quotes no text of its rows. */
export class CsvFault extends Error {
  override readonly name = "CsvFault";

  constructor(line: number, message: string) {
    super(`line ${line}: wanted ${message}`);
  }
}

const [LF, CR, QUOTE, NUL] = [10, 13, 34, 0];
/** The greatest byte that may be a sign: a comma. A tab, a quote, and the ends of lines come before it. */
const LAST_SIGN = 44;
/** Where the scan stands: before a cell's first byte, in a plain cell, in a quoted one, after a quote within that one. */
const [START, PLAIN, QUOTED, CLOSED] = [0, 1, 2, 3];

/** Finds the ends of records in the bytes of a file in UTF-8. @throws {CsvFault} */
export const csvRecords = ({ delimiter, quoted }: Dialect, onRecord: (record: CsvRecord) => void) => {
  const separator = delimiter.charCodeAt(0);
  let state = START;
  let afterCr = false;
  let ending: string | null = null;
  /** Bytes read so far, the line that they end in, and what is known of the record. */
  let [read, line] = [0, 1];
  let [begun, cells, length] = [1, 1, 0];

  const endLine = (kind: string): void => {
    if (ending !== null && ending !== kind) throw mixedEnds(line, ending, kind);
    ending = kind;
    onRecord({ line: begun, cells, length, end: read });
    line += 1;
    [state, begun, cells, length] = [START, line, 1, 0];
  };
  const inCell = (byte: number): void => {
    length += 1;
    if (byte === separator) {
      cells += 1;
      state = START;
    } else if (byte === NUL) {
      throw new CsvFault(line, "text, got a NUL character. Set encoding, if the file is in UTF-16.");
    } else if (state === CLOSED) {
      if (byte !== QUOTE)
        throw new CsvFault(line, "a quoted cell that ends at its quote, got more text. Double the quotes inside.");
      state = QUOTED;
    } else if (state === START) {
      state = quoted && byte === QUOTE ? QUOTED : PLAIN;
    }
  };

  /** Goes over bytes of plain cells that begin at `from`; returns where another sign than a separator stands. */
  const skipCells = (bytes: Uint8Array, from: number): number => {
    let [at, now, found] = [from, state, cells];
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at]!;
      if (byte > LAST_SIGN) now = PLAIN;
      else if (byte === separator) {
        now = START;
        found += 1;
      } else break;
    }
    length += at - from;
    read += at - from;
    [state, cells] = [now, found];
    return at;
  };
  const step = (byte: number): void => {
    if (afterCr && byte !== LF) endLine("\\r");
    if (state === QUOTED) {
      length += 1;
      if (byte === QUOTE) state = CLOSED;
      else if (byte === LF) line += 1;
    } else if (byte === LF) endLine(afterCr ? "\\r\\n" : "\\n");
    else if (byte !== CR) inCell(byte);
    afterCr = byte === CR && state !== QUOTED;
    read += 1;
  };

  return {
    line: () => line,
    push(bytes: Uint8Array): void {
      for (let at = 0; at < bytes.length; at += 1) {
        if (state <= PLAIN && !afterCr) at = skipCells(bytes, at);
        if (at < bytes.length) step(bytes[at]!);
      }
    },
    end(): void {
      if (state === QUOTED)
        throw new CsvFault(begun, "a quoted cell that ends, got the end of the file. Close its quote.");
      if (afterCr) endLine("\\r");
      else if (length > 0) onRecord({ line: begun, cells, length, end: read });
    },
  };
};

const mixedEnds = (line: number, wanted: string, got: string): CsvFault =>
  new CsvFault(line, `lines that all end in ${wanted}, got ${got}. Save the file with one kind of line end.`);
