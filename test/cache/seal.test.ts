import fc from "fast-check";
import { expect, test } from "vitest";
import { type Entry, sealWith } from "../../cache/seal.ts";
import { HEAD_BYTES, type StoreKey } from "../../cache/store.ts";

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

test("what comes back counts three times the bytes that were sealed", () => {
  // A head of 36 bytes, then {"n":"肺"}: 11 bytes, of which the character takes three.
  expect(seal.open(at, seal.close(at, entry({ n: "肺" })))?.size).toBe(3 * (36 + 11));
});

test("keeps a time that is longer than it can say as the longest, and a part of one as none", () => {
  expect(seal.open(at, seal.close(at, entry("", 1e12)))?.tookMs).toBe(0xffff_ffff);
  expect(seal.open(at, seal.close(at, entry("", 1.9)))?.tookMs).toBe(1);
});

test("refuses a value of which any one bit was flipped", () => {
  const good = seal.close(at, entry({ count: 120, 名: "肺がん" }, 41));
  for (let bit = 0; bit < good.length * 8; bit += 1) {
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
  expect(seal.open(at, new Uint8Array(HEAD_BYTES))).toBeNull();
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
