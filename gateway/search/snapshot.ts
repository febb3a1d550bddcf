import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { QuestionError } from "../../schema/question-error.ts";
import type { Edition } from "../../schema/release.ts";
import { text } from "../../schema/text.ts";

/** Which edition of each bank an answer came from. */
export type SnapshotVector = ReadonlyMap<string, Edition>;

/** Turns snapshots into tokens that only gateways with the same key can make. */
export type SnapshotTokens = {
  readonly write: (snapshot: SnapshotVector) => string;
  /** @throws {QuestionError} for anything that no gateway of the federation gave out */
  readonly read: (token: string, at: "snapshot" | "notBefore") => SnapshotVector;
};

const MAC_BYTES = 16;
const vector = z.strictObject({
  v: z.literal(1),
  banks: z.record(z.string(), z.tuple([z.int().min(1), z.string().min(1), z.int().min(0)])),
});

/**
 * Base64url of a HMAC-SHA256, cut to 16 bytes, and the JSON that it signs.
 * @param older keys that verify and no longer sign
 */
export const snapshotTokens = (key: Uint8Array, ...older: readonly Uint8Array[]): SnapshotTokens => {
  const macOf = (by: Uint8Array, json: Uint8Array): Buffer =>
    createHmac("sha256", by).update(json).digest().subarray(0, MAC_BYTES);
  const isSigned = (json: Uint8Array, mac: Uint8Array): boolean =>
    [key, ...older].some((by) => timingSafeEqual(macOf(by, json), mac));
  return {
    write(snapshot) {
      const banks = Object.fromEntries(
        [...snapshot].sort().map(([bank, { ordinal, name, purges }]) => [bank, [ordinal, name, purges]]),
      );
      const json = Buffer.from(JSON.stringify({ v: 1, banks }));
      return Buffer.concat([macOf(key, json), json]).toString("base64url");
    },
    read(token, at) {
      const bytes = Buffer.from(token, "base64url");
      const json = bytes.subarray(MAC_BYTES);
      // Decoding skips what it does not know, and the last character's spare bits.
      if (bytes.toString("base64url") !== token) throw strange(at);
      if (json.length === 0 || !isSigned(json, bytes.subarray(0, MAC_BYTES))) throw strange(at);
      const parsed = vector.safeParse(JSON.parse(json.toString()));
      if (!parsed.success) throw strange(at);
      return new Map(
        Object.entries(parsed.data.banks).map(([bank, [ordinal, name, purges]]) => [bank, { ordinal, name, purges }]),
      );
    },
  };
};

const strange = (at: string): QuestionError =>
  new QuestionError(
    at,
    text(
      "wanted the token of an earlier answer of this federation, got something else. Leave it out to ask the current releases",
      "この連合の以前の回答のトークンが必要ですが、別のものが指定されました。現在のリリースを検索する場合は省いてください",
    ),
    { code: "BAD_SNAPSHOT" },
  );
