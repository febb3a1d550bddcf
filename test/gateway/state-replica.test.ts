import fc from "fast-check";
import { expect, test } from "vitest";
import { type StateEntry, signLines } from "../../gateway/state/entry.ts";
import { createReplica } from "../../gateway/state/replica.ts";

const signer = signLines(Buffer.alloc(32, 1));
const DAY_MS = 24 * 60 * 60 * 1000;
const signed = (entry: StateEntry) => ({ entry, line: signer.write(entry) });
const entry = (number: number, value: unknown, until: number | null = null): StateEntry => ({
  kind: "token",
  name: "a",
  number,
  value,
  until,
});

test("the newest copy stays, in whatever order copies come, and at equal numbers a removal", () => {
  const anyEntry = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(null, 1, 2, "x"));
  fc.assert(
    fc.property(fc.array(anyEntry, { minLength: 1, maxLength: 12 }), fc.nat(), (copies, seed) => {
      const entries = copies.map(([number, value]) => entry(number, value));
      const shuffled = entries.map((each, i) => ({ each, at: (i * 7919 + seed) % 101 })).sort((a, b) => a.at - b.at);
      const [one, other] = [createReplica(signer), createReplica(signer)];
      for (const each of entries) one.take(signed(each));
      for (const { each } of shuffled) other.take(signed(each));
      expect(other.lines()).toEqual(one.lines());
      const last = Math.max(...entries.map(({ number }) => number));
      const isRemoved = entries.some(({ number, value }) => number === last && value === null);
      expect(one.values("token").has("a")).toBe(!isRemoved);
      expect(one.get({ kind: "token", name: "a" })?.entry.number).toBe(last);
    }),
    { seed: 20261130, numRuns: 500 },
  );
});

test("a removal outruns the writes of one who did not know of it", () => {
  const [one, other] = [createReplica(signer), createReplica(signer)];
  for (const each of [one, other]) each.take(signed(entry(1, "before")));
  const wanted = { kind: "token", name: "a", until: null };
  one.take(one.next({ ...wanted, value: null }));
  for (let i = 0; i < 100; i += 1) other.take(other.next({ ...wanted, value: i }));
  one.takeLines(other.all().map(({ line }) => ({ line, field: null })));
  expect(one.values("token").has("a")).toBe(false);
});

test("a mark of a removal goes a day after what it removed is of no more use, and no older copy comes back then", () => {
  let now = 0;
  const replica = createReplica(signer, () => now);
  const before = signed(entry(1, "token", 10 * DAY_MS));
  replica.take(before);
  replica.take(replica.next({ kind: "token", name: "a", value: null, until: null }));
  for (now = 0; now <= 11 * DAY_MS; now += DAY_MS) {
    replica.prune();
    replica.take(before);
    expect(replica.values("token").size).toBe(0);
    expect(replica.all()).toHaveLength(1);
  }
  replica.prune();
  expect(replica.all()).toEqual([]);
  expect(replica.take(before)).toBe(false);
  expect(replica.takeLines([{ line: before.line, field: null }])).toMatchObject({
    newer: 0,
    over: [{ line: before.line }],
  });
});

test("what has no last day is kept for ever, and so is the mark of its removal", () => {
  const replica = createReplica(signer, () => Number.MAX_SAFE_INTEGER);
  replica.take(signed(entry(1, "bank")));
  replica.take(replica.next({ kind: "token", name: "a", value: null, until: 0 }));
  replica.prune();
  expect(replica.all()).toHaveLength(1);
});
