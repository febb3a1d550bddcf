import { readFileSync } from "node:fs";
import type { Environment } from "../environment.ts";
import { UsageError } from "./usage-error.ts";

/** Reads the operator's token from its file: `asked`, or ODAN_OPERATOR_TOKEN_FILE. The bank checks it. @throws {UsageError} */
export const readToken = (asked: string | null, env: Environment): string => {
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
