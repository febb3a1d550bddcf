import { promises, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { brotliDecompress, brotliDecompressSync } from "node:zlib";
import { type OpenedIndex, openIndex } from "./opened-index.ts";

/** The index of names that `npm run words:index` makes of the code tables and of test/words/sources. */
export const WORDS_FILE = new URL("data/names.bin.br", import.meta.url);

let opened: OpenedIndex | null = null;

/** The index of all names. Where `loadWords` has not been awaited, the first call reads it and takes about 100 ms. */
export const words = (): OpenedIndex => {
  opened ??= openIndex(brotliDecompressSync(readFileSync(WORDS_FILE)));
  return opened;
};

/** Reads the index beside the event loop. What is left to prepare is `words().prepare`. */
export const loadWords = async (): Promise<void> => {
  if (opened !== null) return;
  const bytes = await promisify(brotliDecompress)(await promises.readFile(WORDS_FILE));
  opened ??= openIndex(bytes);
};
