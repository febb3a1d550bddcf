import fc from "fast-check";
import { expect, test } from "vitest";
import { sealWith } from "../../cache/seal.ts";
import { HEAD_BYTES, type StoreKey } from "../../cache/store.ts";

const seal = sealWith(Buffer.alloc(32, 1));
const at: StoreKey = { group: "bank", question: "q", edition: "r1.0" };

const anyBody = fc.oneof(
  fc.string({ unit: "binary", maxLength: 400 }),
  fc.string({ unit: fc.constantFrom("肺", "がん", "é", "😀", "\u0000", '"', "a"), maxLength: 200 }),
);
const anyKey = fc.record({ group: fc.string(), question: fc.string(), edition: fc.string() });
const RUNS = { seed: 20261122, numRuns: 500 };

test("gives back every body and how long it took, under its own name", () => {
  fc.assert(
    fc.property(anyKey, anyBody, fc.nat({ max: 0xffff_ffff }), (key, body, tookMs) => {
      expect(seal.open(key, seal.close(key, { body, tookMs }))).toEqual({ body, tookMs });
    }),
    RUNS,
  );
});

test("gives back U+FFFD for half of a surrogate pair, as any sender of UTF-8 would make of it", () => {
  const body = "a\ud800b\udc00\ud83d\ude00";
  expect(seal.open(at, seal.close(at, { body, tookMs: 1 }))).toEqual({ body: "a\ufffdb\ufffd\ud83d\ude00", tookMs: 1 });
});

test("keeps a time that is longer than it can say as the longest, and a part of one as none", () => {
  expect(seal.open(at, seal.close(at, { body: "", tookMs: 1e12 }))?.tookMs).toBe(0xffff_ffff);
  expect(seal.open(at, seal.close(at, { body: "", tookMs: 1.9 }))?.tookMs).toBe(1);
});

test("refuses a value of which any one bit was flipped", () => {
  const good = seal.close(at, { body: '{"count":120,"名":"肺がん"}', tookMs: 41 });
  for (let bit = 0; bit < good.length * 8; bit += 1) {
    const bad = Uint8Array.from(good);
    bad[bit >> 3]! ^= 1 << (bit & 7);
    expect(seal.open(at, bad)).toBeNull();
  }
});

test("refuses a value that was cut or lengthened anywhere", () => {
  fc.assert(
    fc.property(anyBody, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 40 }), (body, cut, more) => {
      const good = seal.close(at, { body, tookMs: 1 });
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
    fc.property(anyKey, anyKey, anyBody, (one, other, body) => {
      fc.pre(one.group !== other.group || one.question !== other.question || one.edition !== other.edition);
      expect(seal.open(other, seal.close(one, { body, tookMs: 1 }))).toBeNull();
    }),
    RUNS,
  );
  expect(seal.open(at, sealWith(Buffer.alloc(32, 2)).close(at, { body: "1", tookMs: 1 }))).toBeNull();
});

test("opens bytes that lie within a larger buffer", () => {
  const good = seal.close(at, { body: "12", tookMs: 1 });
  const larger = Buffer.concat([Buffer.alloc(5, 9), good, Buffer.alloc(5, 9)]);
  expect(seal.open(at, new Uint8Array(larger.buffer, larger.byteOffset + 5, good.length))?.body).toBe("12");
});
