import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ConfigError } from "./config.ts";

/**
 * The private key with which a bank's subgraph signs its answers: an Ed25519 key in PEM (PKCS #8). Made, readable for its owner
 * alone, where the file is missing. @throws {ConfigError} for a file that cannot be read, cannot be made, or holds something else
 */
export const readBankKey = async (file: string): Promise<KeyObject> => {
  const pem = (await read(file)) ?? (await make(file)) ?? (await read(file)) ?? "";
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Told below: the error of OpenSSL helps nobody.
  }
  throw new ConfigError(`ODAN_BANK_KEY_FILE: wanted an Ed25519 private key in PEM in ${file}, got something else.`);
};

/** Creates the file with all its content at once. Null where it exists. */
const make = async (file: string): Promise<string | null> => {
  const draft = `${file}.${randomUUID()}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    await writeFile(draft, pem, { mode: 0o600 });
    await link(draft, file);
    return pem;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return null;
    throw unusable(file, error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
};

/** The text of the file; null where it does not exist. */
const read = async (file: string): Promise<string | null> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw unusable(file, error);
  }
};

const unusable = (file: string, error: unknown): ConfigError =>
  new ConfigError(
    `ODAN_BANK_KEY_FILE: wanted a file that can be read or made, got ${(error as NodeJS.ErrnoException).code} for ${file}.`,
  );
