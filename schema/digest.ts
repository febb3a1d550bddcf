import { createHash } from "node:crypto";
import { bytesOf, TABLE_FILES } from "./codes/rows.ts";
import { FIELDS } from "./fields.ts";
import { once } from "./once.ts";
import { PROGRAMMES, VALUES } from "./vocabulary.ts";

/**
 * Counted up when code in `schema/` reads the same tables in another way, so that a question may mean other codes. A test
 * pins what the code makes of the tables and says when to.
 */
const READING_VERSION = 1;

/**
 * SHA-256 in hex of all that decides what a question's fields, values and codes mean: part of every edition, so that
 * answers of an older vocabulary are not served by a newer one. Takes some 10 ms once per process.
 */
export const vocabularyDigest = once((): string => {
  const hash = createHash("sha256").update(JSON.stringify([READING_VERSION, FIELDS, VALUES, PROGRAMMES]));
  for (const file of TABLE_FILES) hash.update(`\0${file}\0`).update(bytesOf(file));
  return hash.digest("hex");
});
