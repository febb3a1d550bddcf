import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import type { StoreKey } from "./store.ts";

/** Keys of entry, lock and conflict counter: in one slot, which is the question's. */
export type KeyedName = { readonly e: string; readonly k: string; readonly x: string };

/** See keyedNames. */
export type KeyedNames = ReturnType<typeof keyedNames>;

const PREFIX = "odan:{";

/** Bytes of an edition's label before its text, and to a multiple of which the text is filled up. */
const IV_BYTES = 16;
const TEXT_BYTES = 32;

/**
 * Names under which a store keeps keys, so that a reader of the store learns neither bank, question nor edition, and cannot try out
 * questions: `odan:{GROUP.QUESTION}:e:EDITION`. GROUP is a HMAC, the same for all keys of a group, so that they can be swept.
 * QUESTION is a HMAC of group and question: one question has other names in other groups. EDITION is encrypted, not hashed, since
 * a sweep has to read it, and differs from question to question: AES-256-CTR under a HMAC of what is encrypted, as in SIV (RFC 5297).
 */
export const keyedNames = (secret: Uint8Array) => {
  const mac = (...parts: readonly string[]): Buffer =>
    createHmac("sha256", secret).update(JSON.stringify(parts)).digest();
  const editionKey = mac("edition key");
  const groups = new Map<string, string>();

  const groupOf = (group: string): string => {
    const known = groups.get(group) ?? mac("group", group).toString("base64url", 0, 9);
    groups.set(group, known);
    return known;
  };
  const labelOf = (slot: string, edition: string): string => {
    const iv = mac("edition", slot, edition).subarray(0, IV_BYTES);
    const text = createCipheriv("aes-256-ctr", editionKey, iv).update(filled(edition));
    return Buffer.concat([iv, text]).toString("base64url");
  };

  return {
    of({ group, question, edition }: StoreKey): KeyedName {
      const slot = `${PREFIX}${groupOf(group)}.${mac("question", group, question).toString("base64url", 0, 16)}}`;
      const label = labelOf(slot, edition);
      return { e: `${slot}:e:${label}`, k: `${slot}:k:${label}`, x: `${slot}:x` };
    },
    /** A pattern of all keys of a group. */
    patternOf: (group: string): string => `${PREFIX}${groupOf(group)}.*`,
    /** The edition that a key of an entry names; null for any other key. */
    editionOf(key: string): string | null {
      const [, slot, label] = /^(.*\}):e:([\w-]+)$/.exec(key) ?? [];
      if (slot === undefined || label === undefined) return null;
      const bytes = Buffer.from(label, "base64url");
      const iv = bytes.subarray(0, IV_BYTES);
      if (iv.length < IV_BYTES) return null;
      const text = createDecipheriv("aes-256-ctr", editionKey, iv).update(bytes.subarray(IV_BYTES));
      const edition = text.toString("utf8", 0, text.lastIndexOf(END));
      return labelOf(slot, edition) === label ? edition : null;
    },
  };
};

/** The byte after a text, before the zeros. */
const END = 0x80;

const filled = (edition: string): Buffer => {
  const text = Buffer.from(edition);
  const bytes = Buffer.alloc(Math.ceil((text.length + 1) / TEXT_BYTES) * TEXT_BYTES);
  text.copy(bytes);
  bytes[text.length] = END;
  return bytes;
};
