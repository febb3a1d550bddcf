import { readFileSync } from "node:fs";
import type { Environment } from "../environment.ts";
import { UsageError } from "./usage-error.ts";

/** Where a token may come from: a file that the line names, and the environment. */
export type TokenSource = {
  /** From --token-file. */
  readonly file: string | null;
  readonly env: Environment;
};

/** The token to ask with; null: ask as nobody in particular. @throws {UsageError} for a file that cannot be used */
export const askersToken = ({ file, env }: TokenSource): string | null => {
  if (file !== null) return tokenIn(file);
  const given = env["ODAN_TOKEN"]?.trim();
  return given ? wordIn(given, "ODAN_TOKEN") : null;
};

/** The token to publish with, which the gateway judges. @throws {UsageError} if no usable token is given */
export const operatorsToken = ({ file, env }: TokenSource): string => {
  const named = file ?? (env["ODAN_OPERATOR_TOKEN_FILE"]?.trim() || null);
  const token = named === null ? askersToken({ file, env }) : tokenIn(named);
  if (token !== null) return token;
  throw new UsageError(
    "wanted the operator's token: --token-file FILE, ODAN_OPERATOR_TOKEN_FILE or ODAN_TOKEN, got none.",
  );
};

const tokenIn = (file: string): string => {
  try {
    return wordIn(readFileSync(file, "utf8").trim(), file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`wanted a file with a token that can be read, got ${code} for ${file}.`);
  }
};

const wordIn = (token: string, where: string): string => {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new UsageError(`wanted a token, one word, in ${where}, got something else.`);
};
