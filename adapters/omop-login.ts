import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ClientConfig } from "pg";
import type { AdapterContext } from "./adapter.ts";
import { BankError } from "./bank-error.ts";
import type { OmopOptions } from "./omop-options.ts";

/** What the driver needs to log in. @throws {BankError} BANK_REFUSED where a secret or certificate cannot be read */
export async function loginOf(options: OmopOptions, { bank, folder }: AdapterContext): Promise<ClientConfig> {
  const { url, host, port, database, user, password, tls } = options;
  const read = async (path: string, setting: string): Promise<string> => {
    try {
      return await readFile(resolve(folder, path), "utf8");
    } catch (cause) {
      throw new BankError("BANK_REFUSED", bank, `adapter.${setting}: wanted a readable file, got none`, { cause });
    }
  };
  const login = {
    ...(url === undefined ? {} : { connectionString: url }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(database === undefined ? {} : { database }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password: await secretOf(password, bank, read) }),
  };
  if (tls === undefined || typeof tls === "boolean") return { ...login, ...(tls === undefined ? {} : { ssl: tls }) };
  const ssl = {
    ...(tls.ca === undefined ? {} : { ca: await read(tls.ca, "tls.ca") }),
    ...(tls.certificate === undefined ? {} : { cert: await read(tls.certificate, "tls.certificate") }),
    ...(tls.key === undefined ? {} : { key: await read(tls.key, "tls.key") }),
  };
  return { ...login, ssl };
}

async function secretOf(
  secret: string,
  bank: string,
  read: (path: string, setting: string) => Promise<string>,
): Promise<string> {
  if (secret.startsWith("file:")) return (await read(secret.slice("file:".length), "password")).trimEnd();
  const name = secret.slice("env:".length);
  const value = process.env[name];
  if (value !== undefined) return value;
  throw new BankError("BANK_REFUSED", bank, `adapter.password: wanted the environment variable ${name}, got none`);
}
