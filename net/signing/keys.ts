import { createPublicKey, type KeyObject } from "node:crypto";

/**
 * The public half of an Ed25519 key, by which the other side's signatures are checked. `id` is the `x` of its JWK (RFC 8037):
 * 43 characters of base64url, which are the whole key.
 */
export type PublicKey = { readonly id: string; readonly key: KeyObject };

/** A public key as it is published: a JWK (RFC 7517) whose `kid` is its `x`. */
export type PublicJwk = {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly alg: typeof ALGORITHM;
  readonly use: "sig";
};

/** The signature algorithm of all tokens between gateway and subgraph (RFC 8037). */
export const ALGORITHM = "EdDSA";

/** The public key of an id; null where the text is none. */
export const publicKey = (id: string): PublicKey | null => {
  // The last of 43 characters holds four bits: another spelling of the same key is refused, so that a key has one id.
  if (!/^[\w-]{42}[AEIMQUYcgkosw048]$/.test(id) || isWeak(id)) return null;
  return { id, key: createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: id }, format: "jwk" }) };
};

/** Points of small order, by their y: for these as keys anybody can make signatures that hold. One is all zeros. */
const WEAK: readonly string[] = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];

const isWeak = (id: string): boolean => {
  const point = Buffer.from(id, "base64url");
  // The highest bit is the sign of x.
  point[31] = (point[31] ?? 0) & 0x7f;
  return WEAK.includes(point.toString("hex"));
};

/** The public half of a private key, as a JWK. */
export const publicJwk = (key: KeyObject): PublicJwk => {
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  return { kty: "OKP", crv: "Ed25519", x, kid: x, alg: ALGORITHM, use: "sig" };
};

/** The id of the public half of a private key. */
export const keyId = (key: KeyObject): string => publicJwk(key).x;

/** Ids of keys for a message, also of keys that others name: each cut to what tells keys apart. */
export const shownKeys = (ids: readonly string[]): string =>
  ids.map((id) => `${id.slice(0, 12).replace(/[^\w-]/g, "?")}…`).join(", ");
