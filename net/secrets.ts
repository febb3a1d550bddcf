import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { BankError } from "../schema/bank-error.ts";
import { rememberSecret } from "./redact.ts";

/** Source of a bank's secrets. */
export type SecretSource = {
  /** Id of the bank, for messages. */
  readonly bank: string;
  /** The folder of bank.yaml: `file:PATH` and the files of `tls` are relative to it. */
  readonly folder: string;
  /** The environment that `env:NAME` reads. */
  readonly env: { readonly [name: string]: string | undefined };
};

/**
 * The secret that `env:NAME` or `file:PATH` refers to, trimmed. `setting`: its place in bank.yaml, for errors. Redacted from now on.
 * @throws {BankError} BANK_REFUSED where it is missing or empty
 */
export const secretOf = async (secret: string, setting: string, context: SecretSource): Promise<string> => {
  const [, kind, at = ""] = /^(env|file):(.*)$/.exec(secret) ?? [];
  const value = (kind === "file" ? await secretFile(at, setting, context) : (context.env[at] ?? "")).trim();
  if (value === "") {
    const wanted = kind === "file" ? "a secret in the file" : `the environment variable ${at}`;
    throw new BankError("BANK_REFUSED", context.bank, `adapter.${setting}: wanted ${wanted}, got none`);
  }
  rememberSecret(value);
  return value;
};

/** The text of a file that `setting` of bank.yaml names. @throws {BankError} BANK_REFUSED where it cannot be read */
export const secretFile = async (path: string, setting: string, { bank, folder }: SecretSource): Promise<string> => {
  try {
    return await readFile(resolve(folder, path), "utf8");
  } catch (cause) {
    throw new BankError("BANK_REFUSED", bank, `adapter.${setting}: wanted a readable file, got none`, { cause });
  }
};
