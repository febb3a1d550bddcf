import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { arrivals } from "../../gateway/search/arrivals.ts";
import { deferred } from "./held-banks.ts";

const three = () => [deferred<string>(), deferred<string>(), deferred<string>()] as const;
const promisesOf = (all: ReturnType<typeof three>) => all.map(({ promise }) => promise);

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

test("what arrives is taken in the order of arrival, and nothing once all was", async () => {
  const [a, b, c] = three();
  const coming = arrivals(promisesOf([a, b, c]));
  b.resolve("b");
  expect(await coming.take()).toEqual(["b"]);
  const next = coming.take();
  c.resolve("c");
  expect(await next).toEqual(["c"]);
  a.resolve("a");
  expect(await coming.take()).toEqual(["a"]);
  expect(await coming.take()).toEqual([]);
});

test("what arrives in one turn goes together, however deep its promises lie, and one by one for those who want that", async () => {
  const deep = async (value: string): Promise<string> => {
    for (let i = 0; i < 20; i++) await undefined;
    return value;
  };
  const promises = () => [deep("a"), Promise.resolve("b"), new Promise<string>(() => {})];
  expect(await arrivals(promises()).take()).toEqual(["b", "a"]);
  const single = arrivals(promises());
  expect([await single.take(1), await single.take(1)]).toEqual([["b"], ["a"]]);
});

test("one that may wait goes with a later one that may not", async () => {
  const [a, b, c] = three();
  let holds = 0;
  const coming = arrivals(promisesOf([a, b, c]), () => {
    holds += 1;
    return holds === 1 ? 1e6 : 0;
  });
  const taken = coming.take();
  a.resolve("a");
  await setImmediate();
  b.resolve("b");
  expect(await taken).toEqual(["a", "b"]);
  coming.stop();
});

test("the last one makes all go, and no timer stays behind", async () => {
  const [a, b, c] = three();
  const coming = arrivals(promisesOf([a, b, c]), () => 1e6);
  const taken = coming.take();
  a.resolve("a");
  c.resolve("c");
  await setImmediate();
  expect(vi.getTimerCount()).toBe(1);
  b.resolve("b");
  expect(await taken).toEqual(["a", "c", "b"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("one that waits goes by itself in the end", async () => {
  const [a, b, c] = three();
  const coming = arrivals(promisesOf([a, b, c]), () => 20);
  a.resolve("a");
  await setImmediate();
  const taken = coming.take();
  vi.advanceTimersByTime(20);
  expect(await taken).toEqual(["a"]);
  coming.stop();
});

test("stopping wakes whoever waits, with nothing, and forgets what is there", async () => {
  const [a, b, c] = three();
  const coming = arrivals(promisesOf([a, b, c]), () => 1e6);
  const taken = coming.take();
  a.resolve("a");
  await setImmediate();
  coming.stop();
  expect(await taken).toEqual([]);
  b.resolve("b");
  expect(await coming.take()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a promise that rejects makes taking reject", async () => {
  const [a, b] = three();
  const coming = arrivals([a.promise, b.promise, Promise.reject(new Error("a fault"))]);
  await expect(coming.take()).rejects.toThrow("a fault");
});
