import { readFileSync } from "node:fs";
import { UsageError } from "./usage-error.ts";

/** The operator's token out of its file. Whether it is right is the bank's to say. @throws {UsageError} */
export const readToken = (asked: string | null, env: { readonly [name: string]: string | undefined }): string => {
  const file = asked ?? (env["ODAN_OPERATOR_TOKEN_FILE"]?.trim() || null);
  if (file === null) {
    throw new UsageError("wanted the operator's token: --token-file FILE, or ODAN_OPERATOR_TOKEN_FILE, got neither.");
  }
  const token = read(file).trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new UsageError(`wanted the operator's token, one word, in ${file}, got something else.`);
};

const read = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`wanted a file with the operator's token that can be read, got ${code} for ${file}.`);
  }
};
