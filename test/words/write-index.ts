import { mkdirSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { WORDS_FILE } from "../../schema/words/read-words.ts";
import { makeIndex } from "./make-index.ts";

mkdirSync(new URL(".", WORDS_FILE), { recursive: true });
const bytes = brotliCompressSync(makeIndex());
writeFileSync(WORDS_FILE, bytes);
console.log(`wrote ${bytes.length} bytes of names`);
