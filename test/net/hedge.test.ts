import { expect, test } from "vitest";
import { hedged } from "../../net/hedge.ts";

const never = new AbortController().signal;
const hang = (told: AbortSignal[]) => (signal: AbortSignal) => {
  told.push(signal);
  return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
};
const says = (value: string) => async () => value;
const fails = (message: string) => async (): Promise<never> => {
  throw new Error(message);
};
const always = { afterMs: 5, mayHedge: () => true, signal: never };

test("an address that is quick is asked alone", async () => {
  const second: AbortSignal[] = [];
  expect(await hedged([says("a"), hang(second)], { ...always, afterMs: 60_000 })).toBe("a");
  expect(second).toEqual([]);
});

test("one that is slow is helped out by the next, and told to stop", async () => {
  const first: AbortSignal[] = [];
  expect(await hedged([hang(first), says("b")], always)).toBe("b");
  expect(first[0]?.aborted).toBe(true);
});

test("one that fails is replaced at once, whatever the budget", async () => {
  expect(await hedged([fails("x"), says("b")], { afterMs: 60_000, mayHedge: () => false, signal: never })).toBe("b");
});

test("without a budget a slow address has all the time that there is", async () => {
  let end = (_: string) => {};
  const slow = new Promise<string>((resolve) => {
    end = resolve;
  });
  const second: AbortSignal[] = [];
  let refused = 0;
  const mayHedge = () => {
    refused += 1;
    queueMicrotask(() => end("a"));
    return false;
  };
  expect(await hedged([() => slow, hang(second)], { afterMs: 5, mayHedge, signal: never })).toBe("a");
  expect([refused, second.length]).toEqual([1, 0]);
});

test("when all fail, the last failure counts", async () => {
  await expect(hedged([fails("x"), fails("y")], always)).rejects.toThrow("y");
});

test("an asker who leaves stops all of them", async () => {
  const told: AbortSignal[] = [];
  const asker = new AbortController();
  const call = hedged([hang(told), hang(told)], { ...always, signal: asker.signal });
  await expect.poll(() => told.length).toBe(2);
  asker.abort(new Error("gone"));
  await expect(call).rejects.toThrow("gone");
  expect(told.map(({ aborted }) => aborted)).toEqual([true, true]);
});
