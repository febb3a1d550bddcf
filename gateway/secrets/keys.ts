import { createPrivateKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { ConfigError } from "../settings/config.ts";
import { secretFile } from "./secret-file.ts";

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
  const text = await secretFile("ODAN_KEY_FILE", file, () => randomBytes(BYTES).toString("hex"));
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
