import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { limit, pool } from "../../net/pool.ts";

const never = new AbortController().signal;

test("an item is lent to one caller at a time, and those of one work come in order", async () => {
  const { use } = pool(["a", "b"]);
  let lent = 0;
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      use(never, async () => {
        lent += 1;
        expect(lent).toBeLessThanOrEqual(2);
        order.push(i);
        await setImmediate();
        lent -= 1;
      }),
    ),
  );
  expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test("a work that asks for hundreds of turns holds up itself alone", async () => {
  const turns = limit(2);
  const order: string[] = [];
  const ask = (work: string, signal: AbortSignal): Promise<unknown> =>
    turns.run(signal, async () => {
      order.push(work);
      await setImmediate();
    });
  const [long, short] = [new AbortController().signal, new AbortController().signal];
  const all = Array.from({ length: 300 }, () => ask("long", long));
  await ask("short", short);
  expect(order.length).toBeLessThanOrEqual(6);
  await Promise.all(all);
  expect(order).toHaveLength(301);
});

test("a caller whose signal aborts while it waits is gone, and nobody else's turn with it", async () => {
  const { use } = pool([1]);
  const leaving = new AbortController();
  const first = use(never, () => setImmediate("first"));
  const left = use(leaving.signal, async () => "never");
  const last = use(never, async () => "last");
  leaving.abort(new Error("left"));
  await expect(left).rejects.toThrow("left");
  expect(await Promise.all([first, last])).toEqual(["first", "last"]);
});
