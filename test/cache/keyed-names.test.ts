import fc from "fast-check";
import { expect, test } from "vitest";
import { keyedNames } from "../../cache/keyed-names.ts";
import type { StoreKey } from "../../cache/store.ts";

const names = keyedNames(Buffer.alloc(32, 1));
const RUNS = { seed: 20261130, numRuns: 500 };
const anyKey = fc.record({ group: fc.string(), question: fc.string(), edition: fc.string({ maxLength: 100 }) });
const at: StoreKey = { group: "bbj", question: "0123456789abcdef", edition: "7-abc.0" };

test("the same key has the same names, another one or another secret has others", () => {
  fc.assert(
    fc.property(anyKey, anyKey, (one, other) => {
      expect(keyedNames(Buffer.alloc(32, 1)).of(one)).toEqual(names.of(one));
      expect(keyedNames(Buffer.alloc(32, 2)).of(one).e).not.toBe(names.of(one).e);
      fc.pre(one.group !== other.group || one.question !== other.question || one.edition !== other.edition);
      expect(names.of(other).e).not.toBe(names.of(one).e);
    }),
    RUNS,
  );
});

test("the names of a key are in one slot, and have only characters that no pattern knows", () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const all = Object.values(names.of(key));
      expect(new Set(all.map((name) => /^odan:(\{[\w-]{12}\.[\w-]{22}\}):/.exec(name)![1])).size).toBe(1);
      const pattern = names.patternOf(key.group);
      for (const name of all) expect(name.startsWith(pattern.slice(0, -1))).toBe(true);
    }),
    RUNS,
  );
});

test("the edition is read back from the name of an entry, and from no other name", () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const { e, k, x } = names.of(key);
      expect(names.editionOf(e)).toBe(key.edition);
      expect([names.editionOf(k), names.editionOf(x)]).toEqual([null, null]);
      expect(keyedNames(Buffer.alloc(32, 2)).editionOf(e)).toBeNull();
      expect(names.editionOf(e.slice(0, -1))).toBeNull();
      expect(names.editionOf(e.replace(/\..{4}/, ".AAAA"))).toBeNull();
    }),
    RUNS,
  );
  for (const strange of ["", "odan:{a.b}:e:", "odan:{a.b}:e:AAAA", "odan:{bbj.q}:e:r1.0"]) {
    expect(names.editionOf(strange)).toBeNull();
  }
});

test("one question has nothing in common in two banks, nor one edition in two questions", () => {
  const [one, bank, question, edition] = [
    at,
    { ...at, group: "tmm" },
    { ...at, question: "f".repeat(16) },
    { ...at, edition: "8-abc.0" },
  ].map((key) => names.of(key).e.split(/[{.}]|:e:/));
  const common = (other: readonly string[] | undefined) => one!.map((part, i) => part === other![i]);
  expect(common(bank)).toEqual([true, false, false, true, false]);
  expect(common(question)).toEqual([true, true, false, true, false]);
  expect(common(edition)).toEqual([true, true, true, true, false]);
  // Nor does the length tell anything of an edition.
  const lengths = ["1.0", "1795000000-0123456789abcdef.99"].map((name) => names.of({ ...at, edition: name }).e.length);
  expect(new Set(lengths).size).toBe(1);
});
