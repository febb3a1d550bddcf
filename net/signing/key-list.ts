import { type PublicKey, publicKey } from "./keys.ts";

/** What is wrong with a list of keys. The message is one line for the operator. */
export class KeyListError extends Error {
  override readonly name = "KeyListError";
}

/**
 * Reads public keys: their ids with commas or white space between them, or JSON as `Query.keys` gives it: a JWK, a list of
 * them, `{"keys": [...]}` or the whole answer `{"data": {"keys": [...]}}`. One at least. @throws {KeyListError}
 */
export const publicKeys = (text: string): readonly PublicKey[] => {
  const words = isJson(text) ? idsIn(parsed(text)) : text.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === 0) throw new KeyListError("wanted at least one public key, got none");
  return words.map((word) => {
    const key = publicKey(word);
    if (key !== null) return key;
    throw new KeyListError(`wanted public keys of 43 characters, such as "x" of a JWK, got ${word.slice(0, 64)}`);
  });
};

/** Whether a text is meant as JSON. */
export const isJson = (text: string): boolean => /^\s*[{[]/.test(text);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new KeyListError("wanted public keys as JSON, got something else");
  }
};

const idsIn = (json: unknown): readonly string[] => {
  if (Array.isArray(json)) return json.flatMap(idsIn);
  const { data, keys, kty, crv, x } = (json ?? {}) as { readonly [member: string]: unknown };
  if (data !== undefined) return idsIn(data);
  if (keys !== undefined) return idsIn(keys);
  if (kty === "OKP" && crv === "Ed25519" && typeof x === "string") return [x];
  throw new KeyListError("wanted JWKs of Ed25519 (kty OKP, crv Ed25519, x), got others");
};
