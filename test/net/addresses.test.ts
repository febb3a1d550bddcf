import { expect, test } from "vitest";
import { severalAddresses } from "../../net/addresses.ts";

const never = () => new AbortController().signal;
const hang = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

test("the address that answered last is asked first: one that hangs costs one question its time, not all of them", async () => {
  const { ask } = severalAddresses(2);
  const asked: number[] = [];
  const call = (at: number, signal: AbortSignal): Promise<string> => {
    asked.push(at);
    return at === 0 ? hang(signal) : Promise.resolve("b");
  };
  for (let question = 0; question < 50; question += 1) expect(await ask(call, never())).toBe("b");
  expect(asked).toEqual([0, ...Array.from({ length: 50 }, () => 1)]);
});

test("an address that fails is left for the next one, and so on around", async () => {
  const { ask } = severalAddresses(3);
  const good = { at: 2 };
  const asked: number[] = [];
  const call = async (at: number): Promise<number> => {
    asked.push(at);
    if (at !== good.at) throw new Error(`not ${at}`);
    return at;
  };
  expect(await ask(call, never())).toBe(2);
  good.at = 1;
  expect(await ask(call, never())).toBe(1);
  expect(asked).toEqual([0, 1, 2, 2, 0, 1]);
  good.at = 9;
  await expect(ask(call, never())).rejects.toThrow("not 0");
});

test("slow addresses are helped out for one call in twenty, beside five that are there from the start", async () => {
  const { ask } = severalAddresses(2);
  const SLOW_MS = 60;
  let second = 0;
  const calls = { now: 0 };
  const call = (at: number, signal: AbortSignal): Promise<string> => {
    if (calls.now < 40) return Promise.resolve("quick");
    if (at === 1) second += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, SLOW_MS, "slow");
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
  };
  for (; calls.now < 40; calls.now += 1) await ask(call, never());
  await Promise.all(Array.from({ length: 100 }, () => ask(call, never())));
  // 5 + 40 / 20, and 100 / 20 more: all hundred calls have earned before the first is slow.
  expect(second).toBeGreaterThan(0);
  expect(second).toBeLessThanOrEqual(12);
});
