import { createHash, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

/** How every token of a federation begins, so that scanners for leaked secrets find one. */
export const TOKEN_PREFIX = "odan_";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Characters of chance: 190 bits. */
const RANDOM = 32;
/** Characters of the checksum, a CRC-32: it distinguishes a cut or mistyped token from an unknown one. */
const CHECKSUM = 6;
const FORM = new RegExp(`^${TOKEN_PREFIX}[0-9A-Za-z]{${RANDOM + CHECKSUM}}$`);

/** A token that nobody can guess, such as odan_ and 38 letters and digits. */
export const newToken = (): string => {
  const random = Array.from({ length: RANDOM }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join("");
  return TOKEN_PREFIX + random + checksumOf(random);
};

/** Whether a text has the form and the checksum of a token. */
export const isWholeToken = (text: string): boolean =>
  FORM.test(text) && text.endsWith(checksumOf(text.slice(TOKEN_PREFIX.length, -CHECKSUM)));

/**
 * What is kept of a token: its SHA-256 in hex. A slow hash is for passwords, which can be guessed; 190 bits of chance cannot.
 */
export const digestOf = (token: string): string => createHash("sha256").update(token).digest("hex");

const checksumOf = (random: string): string => {
  let [rest, text] = [crc32(random), ""];
  for (let i = 0; i < CHECKSUM; i++) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
};
