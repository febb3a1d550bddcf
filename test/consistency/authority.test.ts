import { expect, test } from "vitest";
import type { Clock } from "../../cache/clock.ts";
import { type Current, openAuthority, type StateFile } from "../../subgraphs/authority.ts";

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
