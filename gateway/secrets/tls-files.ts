import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { TlsTexts } from "../../net/tls.ts";
import { type Config, ConfigError } from "../settings/config.ts";

/** Names of PEM files; null: none. */
export type TlsFiles = Config["tls"];

/**
 * The certificates of ODAN_TLS_CERT_FILE, ODAN_TLS_KEY_FILE and ODAN_TLS_CA_FILE; undefined where none is set. @throws
 * {ConfigError} for files that cannot be read, or do not fit together
 */
export const readTls = async ({ certFile, keyFile, caFile }: TlsFiles): Promise<TlsTexts | undefined> => {
  if ((certFile === null) !== (keyFile === null)) {
    throw new ConfigError("ODAN_TLS_CERT_FILE, ODAN_TLS_KEY_FILE: wanted both or neither, got one.");
  }
  const texts = {
    ...(certFile === null ? {} : { cert: await read("ODAN_TLS_CERT_FILE", certFile) }),
    ...(keyFile === null ? {} : { key: await read("ODAN_TLS_KEY_FILE", keyFile) }),
    ...(caFile === null ? {} : { ca: await read("ODAN_TLS_CA_FILE", caFile) }),
  };
  if (Object.keys(texts).length === 0) return undefined;
  try {
    createSecureContext(texts);
    // createSecureContext ignores a `ca` that is no certificate.
    if (texts.ca !== undefined) new X509Certificate(texts.ca);
    return texts;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConfigError(
      `ODAN_TLS_CERT_FILE, ODAN_TLS_KEY_FILE, ODAN_TLS_CA_FILE: wanted PEM files that fit together, got ${code}.`,
    );
  }
};

const read = async (setting: string, file: string): Promise<string> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${setting}: wanted a file that can be read, got ${code} for ${file}.`);
  }
};
