import { createHmac, timingSafeEqual } from "node:crypto";
import { HEAD_BYTES, nameOf, type StoreKey } from "./store.ts";

/**
 * What is kept of one question and edition: plain JSON, which all share, and how long it took to get, so that a hit looks
 * like the miss it was. `size`: bytes of memory that the value takes.
 */
export type Entry = { readonly value: unknown; readonly size: number; readonly tookMs: number };

/** Turns entries into bytes that only holders of the key can make, and back. */
export type Seal = {
  readonly close: (at: StoreKey, entry: Entry) => Uint8Array;
  /** Null for bytes that were cut, changed, made with another key or put under another name. */
  readonly open: (at: StoreKey, bytes: Uint8Array) => Entry | null;
};

const MAC_BYTES = 32;

/** Bytes of memory for each of JSON: counts of small numbers, the worst of it, were measured at 2.4. */
const SIZE_OF_JSON = 3;

/**
 * HMAC-SHA256 (32 bytes), milliseconds (4 bytes, big-endian), body (the value's JSON in UTF-8). The code covers the name and
 * all that follows it.
 */
export const sealWith = (key: Uint8Array): Seal => {
  const mac = (at: StoreKey, rest: Uint8Array): Buffer =>
    createHmac("sha256", key).update(nameOf(at)).update(rest).digest();
  return {
    close(at, { value, tookMs }) {
      const body = JSON.stringify(value);
      const bytes = Buffer.allocUnsafe(HEAD_BYTES + Buffer.byteLength(body));
      bytes.writeUInt32BE(Math.min(tookMs, 0xffff_ffff), MAC_BYTES);
      bytes.write(body, HEAD_BYTES);
      mac(at, bytes.subarray(MAC_BYTES)).copy(bytes);
      return bytes;
    },
    open(at, given) {
      const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
      if (bytes.length < HEAD_BYTES) return null;
      if (!timingSafeEqual(mac(at, bytes.subarray(MAC_BYTES)), bytes.subarray(0, MAC_BYTES))) return null;
      const value: unknown = JSON.parse(bytes.toString("utf8", HEAD_BYTES));
      return { value, size: SIZE_OF_JSON * bytes.length, tookMs: bytes.readUInt32BE(MAC_BYTES) };
    },
  };
};
