import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate and its private key, as PEM. */
export type Certificate = { readonly certificate: string; readonly key: string };

/** An authority that signs certificates for tests. */
export type Authority = {
  /** Its own certificate, as PEM. */
  readonly ca: string;
  /**
   * Signs one for these names (DNS names, or IPv4 addresses): for servers, and for those who call them.
   * @param valid days from now; default: from yesterday until tomorrow
   */
  readonly issue: (names: readonly string[], valid?: readonly [from: number, to: number]) => Certificate;
};

/** Makes an authority. Node signs but writes no certificates: RFC 5280, with P-256 throughout. */
export const authority = (name: string): Authority => {
  const own = keyPair();
  const ca = signed(
    { subject: name, issuer: name, publicKey: own.publicKey, names: [], valid: [-365, 365] },
    own.privateKey,
    true,
  );
  return {
    ca,
    issue(names, valid = [-1, 1]) {
      const { publicKey, privateKey } = keyPair();
      const [subject = "nobody"] = names;
      return {
        certificate: signed({ subject, issuer: name, publicKey, names, valid }, own.privateKey, false),
        key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
};

type Content = {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly names: readonly string[];
  readonly valid: readonly [from: number, to: number];
};

const keyPair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

const signed = ({ subject, issuer, publicKey, names, valid }: Content, by: KeyObject, isAuthority: boolean): string => {
  const extensions = [
    extension([2, 5, 29, 19], sequence(...(isAuthority ? [BOOLEAN_TRUE] : [])), true),
    ...(names.length === 0 ? [] : [extension([2, 5, 29, 17], sequence(...names.map(generalName)), false)]),
  ];
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    distinguished(issuer),
    sequence(...valid.map(time)),
    distinguished(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", content, by)]));
  const lines =
    sequence(content, ECDSA_WITH_SHA256, signature)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
};

/** Tag, length, value. */
const der = (tag: number, value: Buffer): Buffer => {
  const { length } = value;
  const long = length < 0x80 ? [] : length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(long.length === 0 ? [tag, length] : [tag, 0x80 | long.length, ...long]), value]);
};

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, Buffer.concat(parts));

const oid = ([first = 0, second = 0, ...rest]: readonly number[]): Buffer => {
  const sevens = (arc: number): readonly number[] =>
    arc < 0x80 ? [arc] : [...sevens(arc >> 7).map((byte) => byte | 0x80), arc & 0x7f];
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(sevens)]));
};

const BOOLEAN_TRUE = der(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = sequence(oid([1, 2, 840, 10_045, 4, 3, 2]));

const distinguished = (name: string): Buffer =>
  sequence(der(0x31, sequence(oid([2, 5, 4, 3]), der(0x0c, Buffer.from(name)))));

/** GeneralizedTime. */
const time = (days: number): Buffer => {
  const text = new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+|[-:T]/g, "");
  return der(0x18, Buffer.from(text));
};

const extension = (id: readonly number[], value: Buffer, isCritical: boolean): Buffer =>
  sequence(oid(id), ...(isCritical ? [BOOLEAN_TRUE] : []), der(0x04, value));

const generalName = (name: string): Buffer =>
  /^\d+(\.\d+){3}$/.test(name) ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name));
