import { hkdfSync, randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ConfigError } from "./config.ts";

/** Secrets that the gateways of one federation share, to verify each other's snapshot tokens and cache entries. */
export type Keys = { readonly snapshots: Uint8Array; readonly entries: Uint8Array };

const BYTES = 32;

/**
 * Reads the key file, 32 bytes in hex; the first gateway to start makes it.
 * @throws {ConfigError} for a file that cannot be read, cannot be made, or holds something else
 */
export const readKeys = async (file: string): Promise<Keys> => {
  // Read first: the file usually exists, perhaps in a folder that cannot be written.
  const hex = (await read(file)) ?? (await make(file)) ?? (await read(file)) ?? "";
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw new ConfigError(`ODAN_KEY_FILE: wanted ${BYTES} bytes in hex in ${file}, got something else.`);
  }
  const secret = Buffer.from(hex, "hex");
  const derived = (use: string): Uint8Array => new Uint8Array(hkdfSync("sha256", secret, "", `odan ${use}`, BYTES));
  return { snapshots: derived("snapshots"), entries: derived("entries") };
};

/**
 * Creates the file with all its content at once, since another gateway may read it at any moment: a link, unlike a rename, leaves
 * a file that another gateway has created. Null where the file exists.
 */
const make = async (file: string): Promise<string | null> => {
  const draft = `${file}.${randomUUID()}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const hex = randomBytes(BYTES).toString("hex");
    await writeFile(draft, hex, { mode: 0o600 });
    await link(draft, file);
    return hex;
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
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw unusable(file, error);
  }
};

const unusable = (file: string, error: unknown): ConfigError =>
  new ConfigError(
    `ODAN_KEY_FILE: wanted a file that can be read or made, got ${(error as NodeJS.ErrnoException).code} for ${file}.`,
  );
