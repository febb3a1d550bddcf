import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { BankError } from "../schema/bank-error.ts";
import type { TlsOptions } from "./http/remote-options.ts";
import { rememberSecret } from "./redact.ts";

/** Where a bank's secrets come from. */
export type SecretSource = {
  /** Id of the bank, for messages. */
  readonly bank: string;
  /** The folder of bank.yaml: `file:PATH` and the files of `tls` are relative to it. */
  readonly folder: string;
  /** The environment that `env:NAME` reads. */
  readonly env: { readonly [name: string]: string | undefined };
};

/**
 * The secret that `env:NAME` or `file:PATH` leads to, without blanks at its ends. `setting` is where bank.yaml names it.
 * @throws {BankError} BANK_REFUSED where there is none
 */
export const secretOf = async (secret: string, setting: string, context: SecretSource): Promise<string> => {
  const [, kind, at = ""] = /^(env|file):(.*)$/.exec(secret) ?? [];
  const value = (kind === "file" ? await fileOf(at, setting, context) : (context.env[at] ?? "")).trim();
  if (value === "") {
    const wanted = kind === "file" ? "a secret in the file" : `the environment variable ${at}`;
    throw new BankError("BANK_REFUSED", context.bank, `adapter.${setting}: wanted ${wanted}, got none`);
  }
  rememberSecret(value);
  return value;
};

/** What a TLS connection is made with, as texts. */
export type TlsTexts = { readonly ca?: string; readonly cert?: string; readonly key?: string };

/** Reads the files that `tls` names. @throws {BankError} BANK_REFUSED where they cannot be read or used */
export const tlsTexts = async ({ ca, certificate, key }: TlsOptions, context: SecretSource): Promise<TlsTexts> => {
  const texts = {
    ...(ca === undefined ? {} : { ca: await fileOf(ca, "tls.ca", context) }),
    ...(certificate === undefined ? {} : { cert: await fileOf(certificate, "tls.certificate", context) }),
    ...(key === undefined ? {} : { key: await fileOf(key, "tls.key", context) }),
  };
  try {
    createSecureContext(texts);
    // Else an authority that is none would be passed over.
    if (texts.ca !== undefined) new X509Certificate(texts.ca);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message = `adapter.tls: wanted PEM files that fit together, got ${code ?? "others"}`;
    throw new BankError("BANK_REFUSED", context.bank, message, { cause });
  }
  return texts;
};

const fileOf = async (path: string, setting: string, { bank, folder }: SecretSource): Promise<string> => {
  try {
    return await readFile(resolve(folder, path), "utf8");
  } catch (cause) {
    throw new BankError("BANK_REFUSED", bank, `adapter.${setting}: wanted a readable file, got none`, { cause });
  }
};
