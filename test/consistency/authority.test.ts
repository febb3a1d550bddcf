import { expect, test } from "vitest";
import type { Clock } from "../../net/clock.ts";
import { type Current, openAuthority, type StateFile } from "../../subgraphs/releases/authority.ts";

const clock: Clock = { mono: () => 0, wall: () => 0, sleep: async () => undefined };

test("a bank whose disk failed speaks again with the next edition, even with the one that it had", async () => {
  // A write failed and could not be read back, so no lease was given; the data went back to what they were before that, which
  // was taken for no change, and the bank stayed silent.
  let disk: Current<null> | null = { edition: { name: "1-a", ordinal: 1, purges: 0 }, about: null };
  let broken = false;
  const file: StateFile<null> = {
    async read() {
      if (broken) throw new Error("disk: away");
      return disk;
    },
    async write(state) {
      if (broken) throw new Error("disk: away");
      disk = state;
    },
  };
  const authority = await openAuthority({ clock, leaseMs: 100, staleMs: 1000, file, leasesMayBeOut: false });
  broken = true;
  await expect(authority.adopt({ digest: "b", about: null })).rejects.toThrow("disk: away");
  expect(authority.lease()).toBeNull();
  broken = false;
  await authority.adopt({ digest: "a", about: null });
  expect(authority.lease()?.edition).toEqual({ name: "2-a", ordinal: 2, purges: 0 });
  expect(disk?.edition.name).toBe("2-a");
});

test("what was adopted may be published: that returns when the leases on what came before have run out", async () => {
  // It returned at once, since the edition was current already, while others still answered from the older one as fresh.
  let now = 0;
  const running: Clock = {
    mono: () => now,
    wall: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
  let disk: Current<null> | null = null;
  const file: StateFile<null> = {
    read: async () => disk,
    write: async (state) => {
      disk = state;
    },
  };
  const authority = await openAuthority({ clock: running, leaseMs: 100, staleMs: 1000, file, leasesMayBeOut: false });
  await authority.adopt({ digest: "a", about: null });
  authority.lease();
  await authority.adopt({ digest: "b", about: null });
  now = 30;
  await authority.publish({ digest: "b", about: null });
  expect(now).toBeGreaterThan(100);
  const published = now;
  await authority.publish({ digest: "b", about: null });
  expect(now).toBe(published);
});
