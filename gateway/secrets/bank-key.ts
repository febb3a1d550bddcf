import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { ConfigError } from "../settings/config.ts";
import { secretFile } from "./secret-file.ts";

/**
 * The private key with which a bank's subgraph signs its answers: an Ed25519 key in PEM (PKCS #8). Made, readable for its owner
 * alone, where the file is missing. @throws {ConfigError} for a file that cannot be read, cannot be made, or holds something else
 */
export const readBankKey = async (file: string): Promise<KeyObject> => {
  const pem = await secretFile("ODAN_BANK_KEY_FILE", file, newKey);
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Told below: the error of OpenSSL helps nobody.
  }
  throw new ConfigError(`ODAN_BANK_KEY_FILE: wanted an Ed25519 private key in PEM in ${file}, got something else.`);
};

const newKey = (): string =>
  generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
