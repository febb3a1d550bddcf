import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { DIGEST_BYTES, nameOf, type StoreKey } from "./store.ts";

/**
 * A cached answer: plain JSON, shared by all readers. `size`: bytes of memory that the value takes. `tookMs`: time that the
 * fetch took, which a cache hit reports too.
 */
export type Entry = { readonly value: unknown; readonly size: number; readonly tookMs: number };

/** See sealWith. */
export type Seal = ReturnType<typeof sealWith>;

const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Milliseconds and the length of the JSON, 4 bytes each, big-endian. */
const HEAD_BYTES = 8;

/**
 * Smallest length of what is encrypted; above it, powers of two. An answer's length tells how many values its facet has and how
 * many digits their numbers: of these lengths some ten are left, and nearly all answers without a facet have the first.
 */
const LEAST_BYTES = 1024;

/** Bytes of memory for each byte of JSON. Measured at most 2.4, for small counts. */
const SIZE_OF_JSON = 3;

/**
 * Turns entries into bytes that only holders of a key can make and read, and back. The first key seals, all of them open.
 *
 * Digest (16 bytes), nonce (12), tag (16), and by AES-256-GCM: milliseconds, length, the value's JSON in UTF-8, zeros. The name and
 * the digest are the associated data. Each name has a key of its own, HMAC-SHA256 of the name, so that its random nonces need not
 * differ from those of other names: 2^32 values of one name would be too many. The digest, a HMAC of name and JSON, is equal for
 * equal JSON of one name and tells nothing else.
 */
export const sealWith = (key: Uint8Array, ...older: readonly Uint8Array[]) => {
  const secrets = [key, ...older];
  const open = (secret: Uint8Array, name: string, bytes: Buffer): Entry | null => {
    const iv = bytes.subarray(DIGEST_BYTES, DIGEST_BYTES + IV_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", keyOf(secret, name), iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(aadOf(name, bytes.subarray(0, DIGEST_BYTES)));
    decipher.setAuthTag(bytes.subarray(DIGEST_BYTES + IV_BYTES, SEALED_FROM));
    const text = decipher.update(bytes.subarray(SEALED_FROM));
    try {
      decipher.final();
    } catch {
      return null;
    }
    const length = text.readUInt32BE(4);
    const value: unknown = JSON.parse(text.toString("utf8", HEAD_BYTES, HEAD_BYTES + length));
    return { value, size: SIZE_OF_JSON * length, tookMs: text.readUInt32BE(0) };
  };
  return {
    close(at: StoreKey, { value, tookMs }: Entry): Uint8Array {
      const name = nameOf(at);
      const json = JSON.stringify(value);
      const text = padded(json, tookMs);
      const digest = digestOf(key, name, json);
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", keyOf(key, name), iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(aadOf(name, digest));
      const sealed = cipher.update(text);
      cipher.final();
      return Buffer.concat([digest, iv, cipher.getAuthTag(), sealed]);
    },
    /** Null for bytes that were cut, changed, sealed with another key or stored under another name. */
    open(at: StoreKey, given: Uint8Array): Entry | null {
      const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
      if (bytes.length < SEALED_FROM + LEAST_BYTES) return null;
      const name = nameOf(at);
      for (const secret of secrets) {
        const entry = open(secret, name, bytes);
        if (entry !== null) return entry;
      }
      return null;
    },
  };
};

/** Where the encrypted part begins. */
const SEALED_FROM = DIGEST_BYTES + IV_BYTES + TAG_BYTES;

const keyOf = (secret: Uint8Array, name: string): Buffer =>
  createHmac("sha256", secret).update("key\0").update(name).digest();

const digestOf = (secret: Uint8Array, name: string, json: string): Buffer =>
  createHmac("sha256", secret)
    .update(`digest\0${name.length}\0`)
    .update(name)
    .update(json)
    .digest()
    .subarray(0, DIGEST_BYTES);

const aadOf = (name: string, digest: Uint8Array): Buffer => Buffer.concat([digest, Buffer.from(name)]);

const padded = (json: string, tookMs: number): Buffer => {
  const length = Buffer.byteLength(json);
  const text = Buffer.alloc(Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(HEAD_BYTES + length))));
  text.writeUInt32BE(Math.min(tookMs, 0xffff_ffff), 0);
  text.writeUInt32BE(length, 4);
  text.write(json, HEAD_BYTES);
  return text;
};
