import { expect, test } from "vitest";
import { parseLease } from "../../../schema/wire/lease.ts";
import { failure, lease } from "../../gateway/fake-subgraph.ts";

const GOOD = lease("a");

test("a good lease is read as it came, and members of a newer contract are left out", () => {
  expect(parseLease({ ...GOOD, mood: "fine" })).toEqual(GOOD);
});

test("a failure stands in its place; a reason or a wait that means nothing here is left out", () => {
  expect(parseLease(failure("BANK_BUSY", 300))).toMatchObject({ failure: { code: "BANK_BUSY", retryAfterMs: 300 } });
  const newer = { failure: { code: "BANK_ASLEEP", message: "m", retryAfterMs: "soon", reason: "FOG" } };
  expect(parseLease(newer)).toEqual({ failure: { code: "BANK_ASLEEP", message: "m", retryAfterMs: null } });
});

test("a kind of release that is not known promises as little as WATCHED", () => {
  const release = { ...GOOD.release, kind: "GUESSED" };
  expect(parseLease({ ...GOOD, release })).toMatchObject({ release: { kind: "WATCHED" } });
});

test.each<[object, string]>([
  [{ edition: { name: "", ordinal: 1, purges: 0 } }, "lease.edition.name: wanted a text, got "],
  [{ edition: { name: "1", ordinal: 0, purges: 0 } }, "lease.edition.ordinal: wanted an integer >= 1, got 0"],
  [{ size: { donors: 10 } }, "lease.size.samples: wanted an integer >= 0, got undefined"],
  [{ size: { donors: 2 ** 31, samples: null } }, "lease.size.donors: wanted an integer >= 0, got 2147483648"],
  [{ leaseMs: -1 }, "lease.leaseMs: wanted milliseconds >= 0, got -1"],
  [{ release: null }, "lease.release: wanted an object, got null"],
  [{ failure: { code: "BANK_BUSY" } }, "lease.failure.message: wanted a text, got undefined"],
])("a lease with %j is refused", (change, message) => {
  expect(() => parseLease({ ...GOOD, ...change })).toThrow(message);
});
