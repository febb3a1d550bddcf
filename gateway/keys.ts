import { createPrivateKey, hkdfSync, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ConfigError } from "./config.ts";

/** Keys of one use, in the order of the key file: the first writes or signs, all of them read or verify. */
export type KeyRing<K = Uint8Array> = readonly [K, ...K[]];

/** What the gateways of one federation share, derived from each secret of the key file. Each but `signing` has 32 bytes. */
export type Keys = {
  /** HMAC of snapshot tokens. */
  readonly snapshots: KeyRing;
  /** Encryption of cached answers. */
  readonly entries: KeyRing;
  /** HMAC of the names of cached answers. */
  readonly names: KeyRing;
  /** HMAC of state entries. */
  readonly state: KeyRing;
  /** Ed25519 private keys, by which a gateway proves itself to subgraphs. */
  readonly signing: KeyRing<KeyObject>;
};

const BYTES = 32;

/**
 * Reads the key file; the first gateway to start makes it. Each line is a secret of 32 bytes in hex; what follows a `#` is a
 * comment, and a secret that stands there twice counts once.
 * @throws {ConfigError} for a file that cannot be read, cannot be made, or holds something else
 */
export const readKeys = async (file: string): Promise<Keys> => {
  // Read first: the file usually exists, perhaps in a folder that cannot be written.
  const text = (await read(file)) ?? (await make(file)) ?? (await read(file)) ?? "";
  const secrets = secretsIn(text, file);
  const ring = <K>(keyOf: (secret: Uint8Array) => K): KeyRing<K> => {
    const [first, ...older] = secrets;
    return [keyOf(first), ...older.map(keyOf)];
  };
  const derived = (use: string) => (secret: Uint8Array) =>
    new Uint8Array(hkdfSync("sha256", secret, "", `odan ${use}`, BYTES));
  return {
    snapshots: ring(derived("snapshots")),
    entries: ring(derived("sealed entries")),
    names: ring(derived("names")),
    state: ring(derived("state")),
    signing: ring((secret) => ed25519Key(derived("signing")(secret))),
  };
};

/** The secrets in a key file's text. An error names the line and never what it holds. */
const secretsIn = (text: string, file: string): KeyRing => {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .map((line) => line.replace(/#.*/s, "").trim());
  const wrong = lines.findIndex((line) => line !== "" && !/^[0-9a-f]{64}$/i.test(line));
  if (wrong !== -1) {
    throw new ConfigError(
      `ODAN_KEY_FILE: wanted ${BYTES} bytes in hex in line ${wrong + 1} of ${file}, got something else.`,
    );
  }
  const [first, ...older] = new Set(lines.filter((line) => line !== "").map((line) => line.toLowerCase()));
  if (first === undefined) throw new ConfigError(`ODAN_KEY_FILE: wanted ${BYTES} bytes in hex in ${file}, got none.`);
  return [Buffer.from(first, "hex"), ...older.map((hex) => Buffer.from(hex, "hex"))];
};

/** PKCS #8 of an Ed25519 private key, up to its 32 bytes (RFC 8410, section 7). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

const ed25519Key = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: "der", type: "pkcs8" });

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
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw unusable(file, error);
  }
};

const unusable = (file: string, error: unknown): ConfigError =>
  new ConfigError(
    `ODAN_KEY_FILE: wanted a file that can be read or made, got ${(error as NodeJS.ErrnoException).code} for ${file}.`,
  );
