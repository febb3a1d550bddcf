import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { ConfigError } from "../settings/config.ts";

/** Returns a check for the operator's token. Without a file it accepts none. @throws {ConfigError} for an unusable file */
export const readOperatorToken = async (file: string | null): Promise<(token: string) => boolean> => {
  if (file === null) return () => false;
  const token = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(`ODAN_OPERATOR_TOKEN_FILE: wanted a file that can be read, got ${error.code} for ${file}.`);
  });
  if (!/^\S{16,}$/.test(token.trim())) {
    throw new ConfigError(
      `ODAN_OPERATOR_TOKEN_FILE: wanted one word of at least 16 characters in ${file}, got something else.`,
    );
  }
  const expected = digest(token.trim());
  return (given) => timingSafeEqual(digest(given), expected);
};

/** A digest has the same length for every text, as timingSafeEqual wants. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
