import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { expectTurns, isTurnOver, mapInTurns, nextTurn } from "../../net/turns.ts";

const reckonFor = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};
/** Work in steps of 2 ms that gives way. */
const longWork = async (steps: number, done: (step: number) => void = () => undefined): Promise<void> => {
  const work = {};
  for (let step = 0; step < steps; step++) {
    if (isTurnOver()) await nextTurn(undefined, work);
    reckonFor(2);
    done(step);
  }
};
test("works that give way never take much of a turn, however many there are", async () => {
  let [inTurn, most] = [0, 0];
  const works = Array.from({ length: 20 }, () =>
    longWork(10, () => {
      inTurn += 1;
      most = Math.max(most, inTurn);
    }),
  );
  let over = false;
  const all = Promise.all(works).then(() => {
    over = true;
  });
  while (!over) {
    await setImmediate();
    inTurn = 0;
  }
  await all;
  // Steps of 2 ms in slices of 10; were the slices those of each work, it would be 100.
  expect(most).toBeLessThanOrEqual(12);
});

test("short work does not wait", async () => {
  await setImmediate();
  let turned = false;
  void setImmediate().then(() => {
    turned = true;
  });
  await longWork(2);
  expect(turned).toBe(false);
});

test("works go on in turn", async () => {
  const order: string[] = [];
  await Promise.all(["a", "b"].map((name) => longWork(15, (step) => order.push(`${name}${step}`))));
  // Neither is done long before the other.
  expect(order.indexOf("b0")).toBeLessThan(order.indexOf("a14"));
  expect(order.indexOf("a0")).toBeLessThan(order.indexOf("b14"));
});

test("work that begins stands behind no slices of long works", async () => {
  const works = Array.from({ length: 20 }, () => longWork(20));
  let turns = 0;
  let over = false;
  const counting = (async () => {
    while (!over) {
      await setImmediate();
      turns += 1;
    }
  })();
  // By then all of them have begun.
  await nextTurn();
  for (let asked = 0; asked < 5; asked++) {
    const before = turns;
    await nextTurn();
    // 20 works of 4 slices each would be 80 turns.
    expect(turns - before).toBeLessThanOrEqual(2);
  }
  over = true;
  await Promise.all([...works, counting]);
});

test("a short question goes before works that are known to be long, whoever asked first", async () => {
  const order: string[] = [];
  // A turn that is over.
  isTurnOver();
  reckonFor(12);
  const long = Array.from({ length: 10 }, async (_, i) => {
    const signal = new AbortController().signal;
    expectTurns(signal, 2);
    await nextTurn(signal);
    reckonFor(12);
    order.push(`long ${i}`);
  });
  const short = async (): Promise<void> => {
    await nextTurn();
    order.push("short");
  };
  await Promise.all([...long, short()]);
  expect(order[0]).toBe("short");
});

test("a work has taken what its parts have taken together", async () => {
  const order: string[] = [];
  isTurnOver();
  reckonFor(12);
  const { signal } = new AbortController();
  const part = async (i: number): Promise<void> => {
    await nextTurn(signal);
    reckonFor(6);
    order.push(`part ${i}`);
  };
  const parts = Array.from({ length: 20 }, (_, i) => part(i));
  // After the first part of it.
  while (order.length === 0) await setImmediate();
  await nextTurn();
  order.push("other");
  await Promise.all(parts);
  expect(order.indexOf("other")).toBeLessThanOrEqual(3);
});

test("the event loop turns many times between two slices of long work, so that connections are accepted", async () => {
  let turns = 0;
  let over = false;
  const turning = (async () => {
    while (!over) {
      await setImmediate();
      turns += 1;
    }
  })();
  let slices = 0;
  let last = turns;
  await longWork(40, () => {
    if (turns !== last) slices += 1;
    last = turns;
  });
  over = true;
  await turning;
  expect(slices).toBeGreaterThan(4);
  expect(turns / slices).toBeGreaterThan(16);
});

test("long works go on however much work begins", async () => {
  let over = false;
  const long = longWork(20).then(() => {
    over = true;
  });
  let begun = 0;
  const begin = async (): Promise<void> => {
    while (!over) {
      await nextTurn();
      reckonFor(12);
      begun += 1;
      // Were there no turn for the long one, this would go on for ever.
      expect(begun).toBeLessThan(200);
    }
  };
  await Promise.all([begin(), begin(), begin(), long]);
});

test("work whose asker has left ends instead of going on", async () => {
  const left = new AbortController();
  const work = nextTurn(left.signal);
  left.abort(new Error("left"));
  await expect(work).rejects.toThrow("left");
});

test("a list is mapped in order, and no further once the asker has left", async () => {
  const items = Array.from({ length: 500 }, (_, i) => i);
  expect(await mapInTurns(items, (item, at) => [item, at])).toEqual(items.map((item) => [item, item]));
  const left = new AbortController();
  setTimeout(() => left.abort(new Error("left")), 20);
  let made = 0;
  const work = mapInTurns(
    items,
    () => {
      reckonFor(2);
      made += 1;
    },
    left.signal,
  );
  await expect(work).rejects.toThrow("left");
  expect(made).toBeLessThan(400);
});
