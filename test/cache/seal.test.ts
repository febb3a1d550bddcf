import fc from "fast-check";
import { expect, test } from "vitest";
import { type Entry, sealWith } from "../../cache/seal.ts";
import { DIGEST_BYTES, type StoreKey } from "../../cache/store.ts";

const seal = sealWith(Buffer.alloc(32, 1));
const at: StoreKey = { group: "bank", question: "q", edition: "r1.0" };

const anyValue = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: "binary", maxLength: 400 }),
  fc.string({ unit: fc.constantFrom("肺", "がん", "é", "😀", "\u0000", "\ud800", '"', "a"), maxLength: 200 }),
);
const entry = (value: unknown, tookMs = 1): Entry => ({ value, size: 0, tookMs });
const anyKey = fc.record({ group: fc.string(), question: fc.string(), edition: fc.string() });
const RUNS = { seed: 20261122, numRuns: 500 };

test("gives back every value and how long it took, under its own name", () => {
  fc.assert(
    fc.property(anyKey, anyValue, fc.nat({ max: 0xffff_ffff }), (key, value, tookMs) => {
      const opened = seal.open(key, seal.close(key, entry(value, tookMs)));
      expect([JSON.stringify(opened?.value), opened?.tookMs]).toEqual([JSON.stringify(value), tookMs]);
    }),
    RUNS,
  );
});

test("what comes back counts three times the bytes of its JSON", () => {
  // {"n":"肺"}: 11 bytes, of which the character takes three.
  expect(seal.open(at, seal.close(at, entry({ n: "肺" })))?.size).toBe(3 * 11);
});

/** Bytes before what is encrypted: digest, nonce, tag. */
const CLEAR = 16 + 12 + 16;

test("has a length of few: a power of two, at least 1024, above digest, nonce and tag", () => {
  const lengths = [0, 1, 500, 1014, 1015, 2038, 2039, 100_000].map(
    (length) => seal.close(at, entry("x".repeat(length))).length - CLEAR,
  );
  expect(lengths).toEqual([1024, 1024, 1024, 1024, 2048, 2048, 4096, 131_072]);
});

test("shows nothing of the value or its name, and differs each time but for the digest", () => {
  const value = { donors: { min: 120, max: 120 }, 名: "肺がん" };
  const many = Array.from({ length: 200 }, () => Buffer.from(seal.close(at, entry(value))));
  const texts = ["donors", "120", "肺がん", "bank", "r1.0", "\0\0\0\0"];
  for (const bytes of many) for (const text of texts) expect(bytes.includes(text), text).toBe(false);
  expect(new Set(many.map((bytes) => bytes.toString("hex", DIGEST_BYTES))).size).toBe(200);
  expect(new Set(many.map((bytes) => bytes.toString("hex", DIGEST_BYTES, DIGEST_BYTES + 12))).size).toBe(200);
  const digests = [
    ...many,
    Buffer.from(seal.close(at, entry(value, 99))),
    Buffer.from(seal.close(at, entry({ ...value, more: 1 }))),
    Buffer.from(seal.close({ ...at, group: "other" }, entry(value))),
    Buffer.from(sealWith(Buffer.alloc(32, 2)).close(at, entry(value))),
  ].map((bytes) => bytes.toString("hex", 0, DIGEST_BYTES));
  expect(new Set(digests).size).toBe(4);
});

test("what an older key has sealed opens, and the first key seals", () => {
  const [older, newer] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const both = sealWith(newer, older);
  expect(both.open(at, sealWith(older).close(at, entry(12)))?.value).toBe(12);
  expect(sealWith(newer).open(at, both.close(at, entry(12)))?.value).toBe(12);
  expect(sealWith(older).open(at, both.close(at, entry(12)))).toBeNull();
});

test("keeps a time that is longer than it can say as the longest, and a part of one as none", () => {
  expect(seal.open(at, seal.close(at, entry("", 1e12)))?.tookMs).toBe(0xffff_ffff);
  expect(seal.open(at, seal.close(at, entry("", 1.9)))?.tookMs).toBe(1);
});

test("refuses a value of which any one bit was flipped", () => {
  const good = seal.close(at, entry({ count: 120, 名: "肺がん" }, 41));
  // Of the zeros at its end, which are bytes like all others, every 64th bit.
  for (let bit = 0; bit < good.length * 8; bit += bit < 2000 ? 1 : 64) {
    const bad = Uint8Array.from(good);
    bad[bit >> 3]! ^= 1 << (bit & 7);
    expect(seal.open(at, bad)).toBeNull();
  }
});

test("refuses a value that was cut or lengthened anywhere", () => {
  fc.assert(
    fc.property(anyValue, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 40 }), (value, cut, more) => {
      const good = seal.close(at, entry(value));
      expect(seal.open(at, good.subarray(0, cut % good.length))).toBeNull();
      expect(seal.open(at, Buffer.concat([good, more]))).toBeNull();
      expect(seal.open(at, good.subarray(1))).toBeNull();
    }),
    RUNS,
  );
  expect(seal.open(at, new Uint8Array(0))).toBeNull();
  expect(seal.open(at, new Uint8Array(CLEAR + 1024))).toBeNull();
});

test("refuses a value under any other name or of another key", () => {
  fc.assert(
    fc.property(anyKey, anyKey, anyValue, (one, other, value) => {
      fc.pre(one.group !== other.group || one.question !== other.question || one.edition !== other.edition);
      expect(seal.open(other, seal.close(one, entry(value)))).toBeNull();
    }),
    RUNS,
  );
  expect(seal.open(at, sealWith(Buffer.alloc(32, 2)).close(at, entry(1)))).toBeNull();
});

test("opens bytes that lie within a larger buffer", () => {
  const good = seal.close(at, entry(12));
  const larger = Buffer.concat([Buffer.alloc(5, 9), good, Buffer.alloc(5, 9)]);
  expect(seal.open(at, new Uint8Array(larger.buffer, larger.byteOffset + 5, good.length))?.value).toBe(12);
});
