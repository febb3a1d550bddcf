import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fairLimit } from "../../net/fair-limit.ts";
import { NEVER } from "../../net/signals.ts";

/** A limit whose work ends when the test says so. */
const limited = (atOnce: number, seats: number) => {
  const { run } = fairLimit({ atOnce, seats, full: () => new Error("full") });
  const running: { readonly party: string; readonly end: () => void }[] = [];
  const refused: string[] = [];
  const ask = (party: string, signal: AbortSignal = NEVER): void => {
    const work = () => new Promise<void>((end) => running.push({ party, end }));
    run(party, signal, work).catch(() => refused.push(party));
  };
  const end = async (i = 0): Promise<void> => {
    running.splice(i, 1)[0]!.end();
    await setImmediate();
  };
  return { ask, end, refused, parties: () => running.map(({ party }) => party).join("") };
};

test("turns go round by party, in whatever numbers they come", async () => {
  const { ask, end, parties } = limited(2, 100);
  for (const party of "aaaaabbbc") ask(party);
  await setImmediate();
  let order = parties();
  expect(order).toBe("ab");
  while (parties() !== "") {
    const before = parties().slice(1);
    await end();
    order += parties().slice(before.length);
  }
  expect(order).toBe("ababcabaa");
});

test("one party has half of the places at most, and at least one", async () => {
  for (const [atOnce, most] of [
    [1, 1],
    [2, 1],
    [5, 2],
    [16, 8],
  ] as const) {
    const { ask, parties } = limited(atOnce, 100);
    for (let i = 0; i < 20; i += 1) ask("a");
    await setImmediate();
    expect(parties()).toHaveLength(most);
  }
});

test("one party has a quarter of the seats at most, and loses the last to a party that has fewer", async () => {
  const { ask, end, refused, parties } = limited(1, 8);
  ask("x");
  for (const party of "aaabbbcccddd") ask(party);
  await setImmediate();
  expect(refused.join("")).toBe("abcd");
  ask("e");
  await setImmediate();
  expect(refused.join("")).toBe("abcda");
  let order = "";
  while (parties() !== "") {
    order += parties();
    await end();
  }
  expect(order).toBe("xabcdebcd");
});

test("whoever leaves gives the seat back, and what fails or leaves gives the place back", async () => {
  const { run } = fairLimit({ atOnce: 1, seats: 4, full: () => new Error("full") });
  const gone = new AbortController();
  const failing = run("a", NEVER, async () => {
    await setImmediate();
    throw new Error("failed");
  });
  const waiting = run("a", gone.signal, async () => "never");
  gone.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
  await expect(failing).rejects.toThrow("failed");
  await expect(run("a", gone.signal, async () => 1)).rejects.toThrow("gone");
  await expect(run("b", NEVER, async () => 1)).resolves.toBe(1);
});

test("never more than the places, never more than half of one, and nobody waits while they have a place", async () => {
  const step = fc.oneof(
    fc.constantFrom("a", "b", "c", "d").map((party) => ({ party })),
    fc.nat(20).map((end) => ({ end })),
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), async (atOnce, steps) => {
      const { ask, end, refused, parties } = limited(atOnce, 12);
      const asked = new Map<string, number>();
      const ended = new Map<string, number>();
      const each = Math.max(1, Math.floor(atOnce / 2));
      const count = (map: Map<string, number>, party: string) => map.set(party, (map.get(party) ?? 0) + 1);
      for (const one of steps) {
        const now = parties();
        if ("party" in one) {
          ask(one.party);
          count(asked, one.party);
        } else if (now.length > 0) {
          count(ended, now[one.end % now.length]!);
          await end(one.end % now.length);
        }
        await setImmediate();
        const running = parties();
        expect(running.length).toBeLessThanOrEqual(atOnce);
        for (const party of "abcd") {
          const own = running.split(party).length - 1;
          const lost = refused.filter((other) => other === party).length;
          const waits = (asked.get(party) ?? 0) - (ended.get(party) ?? 0) - own - lost;
          expect(own).toBeLessThanOrEqual(each);
          if (waits > 0) expect(own === each || running.length === atOnce).toBe(true);
        }
      }
    }),
    { seed: 12, numRuns: 150 },
  );
});
