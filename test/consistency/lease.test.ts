import { expect, test } from "vitest";
import { type Lease, leaseHolder } from "../../cache/lease.ts";
import type { Clock } from "../../net/clock.ts";
import type { Edition } from "../../schema/release.ts";

/** What the simulation found, one story each. */

const edition = (ordinal: number): Edition => ({ name: `${ordinal}-x`, ordinal, purges: 0 });
const lease = (ordinal: number): Lease<null> => ({
  edition: edition(ordinal),
  leaseMs: 5000,
  staleMs: 60_000,
  about: null,
});
const signal = new AbortController().signal;

/** A lease holder with manual clocks, and a source that answers on command. */
const holder = () => {
  const time = { mono: 0, wall: 0 };
  const replies: ((given: Lease<null>) => void)[] = [];
  const clock: Clock = { mono: () => time.mono, wall: () => time.wall, sleep: () => new Promise(() => undefined) };
  const ask = (): Promise<Lease<null>> => new Promise((resolve) => replies.push(resolve));
  return { time, replies, leases: leaseHolder("bank", ask, clock) };
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a machine that slept for less than a second does not hold its lease for so much longer", async () => {
  // A gateway slept for 900 ms, which its monotonic clock did not notice, and so it held a lease 900 ms after the bank had
  // published the next edition.
  const { time, replies, leases } = holder();
  const asked = leases.current(signal);
  replies[0]?.(lease(7));
  await asked;
  time.mono += 100;
  time.wall += 100;
  expect(leases.held()?.edition.ordinal).toBe(7);
  time.wall += 900;
  expect(leases.held()).toBeNull();
});

test("what is known to have been replaced is not the last that is known", async () => {
  // One asker's token told a gateway of edition 8; with the bank out of reach, the next asker got edition 7 as the last known.
  const { replies, leases } = holder();
  const asked = leases.current(signal);
  replies[0]?.(lease(7));
  await asked;
  expect(leases.last()?.edition.ordinal).toBe(7);
  leases.requireAtLeast(8);
  expect(leases.last()).toBeNull();
});

test("a bank does not go back because a token was faster than its reply", async () => {
  // The bank said 7 and published 8 while the reply was on its way; a token that had seen 8 came in before it.
  const { replies, leases } = holder();
  const asked = leases.current(signal);
  leases.requireAtLeast(8);
  replies[0]?.(lease(7));
  expect((await asked).edition.ordinal).toBe(7);
  expect(leases.held()).toBeNull();
  const later = leases.current(signal);
  replies[1]?.(lease(7));
  await expect(later).rejects.toThrow("[bank] release: wanted ordinal 8 or later, got 7 (7-x)");
});

test("a renewal under way does not bring back an edition that was seen to have gone", async () => {
  // A bank that changes without telling was asked for the next lease, changed, and said so to a question; its older reply
  // came after that, the same question was asked of the same edition again, and given up.
  const { time, replies, leases } = holder();
  const first = leases.current(signal);
  replies[0]?.(lease(7));
  const held = await first;
  time.mono = time.wall = 4000;
  expect(leases.held()).not.toBeNull();
  expect(replies).toHaveLength(2);
  leases.drop(held);
  const asked = leases.current(signal);
  replies[1]?.(lease(7));
  await settled();
  expect(leases.held()).toBeNull();
  expect(replies).toHaveLength(3);
  replies[2]?.(lease(8));
  expect((await asked).edition.ordinal).toBe(8);
});

test("an asker who leaves in the moment in which the source is asked does not wait for it", async () => {
  // The lease had a copy of unlessAborted that missed a signal that was aborted already, and the asker waited on.
  const asker = new AbortController();
  const ask = (): Promise<Lease<null>> => {
    asker.abort("left");
    return new Promise(() => undefined);
  };
  const clock: Clock = { mono: () => 0, wall: () => 0, sleep: () => new Promise(() => undefined) };
  await expect(leaseHolder("bank", ask, clock).current(asker.signal)).rejects.toBe("left");
});
