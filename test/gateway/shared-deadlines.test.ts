import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { sharedDeadlines } from "../../gateway/banks/shared-deadlines.ts";
import { realClock } from "../../net/clock.ts";

const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
/** In steps of 100 ms, rounded down: timers are a little late. */
const late = (ms: number) => new Error(`late after ${Math.floor(ms / 100)}00`);

test("a call ends after its least limit, and later where an asker waits longer", async () => {
  const { run, waiting } = sharedDeadlines(realClock, late);
  await expect(run({ name: "a", leastMs: 100 }, never)).rejects.toThrow("late after 100");
  const longer = () => run({ name: "a", leastMs: 100 }, never);
  await expect(waiting(["a"], 300, longer)).rejects.toThrow("late after 300");
  await expect(waiting(["b"], 300, longer), "an asker of another call").rejects.toThrow("late after 100");
  await expect(waiting(["a"], 50, longer), "no asker moves a limit in").rejects.toThrow("late after 100");
});

// The time in which this process stood still was the bank's: its answer was there, or on its way, and the call was given up.
test("time in which this process was too busy to notice an answer does not count", async () => {
  const { run } = sharedDeadlines(realClock, late);
  const answer = run({ name: "a", leastMs: 300 }, async () => {
    const until = performance.now() + 600;
    while (performance.now() < until);
    await sleep(150);
    return "answered";
  });
  await expect(answer).resolves.toBe("answered");
});

test("an asker who comes while the call is running moves its limit out", async () => {
  const { run, waiting } = sharedDeadlines(realClock, late);
  const call = run({ name: "a", leastMs: 100 }, never);
  const joined = waiting(["a"], 230, () => call);
  await expect(joined).rejects.toThrow("late after 200");
});

// Each asker moved its limit out: the call of a bank that had gone silent went on for as long as anybody asked.
test("a call that is never answered ends, however many go on asking", async () => {
  const { run, waiting } = sharedDeadlines(realClock, late);
  let calls = 0;
  let call: Promise<never> | null = null;
  const join = (): Promise<never> => {
    call ??= run({ name: "a", leastMs: 300 }, (signal) => {
      calls += 1;
      return never(signal);
    }).finally(() => {
      call = null;
    });
    return call;
  };
  const asking = Array.from({ length: 30 }, async (_, i) => {
    await sleep(50 * i);
    await waiting(["a"], 150, join).catch(() => undefined);
  });
  await Promise.all(asking);
  expect(calls).toBeGreaterThanOrEqual(3);
});

test("a call ends when nobody waits any more, and settles as its work does", async () => {
  const { run } = sharedDeadlines(realClock, late);
  const gone = new AbortController();
  const call = run({ name: "a", leastMs: 100, signal: gone.signal }, never);
  gone.abort(new Error("gone"));
  await expect(call).rejects.toThrow("gone");
  await expect(run({ name: "a", leastMs: 100 }, async () => 1)).resolves.toBe(1);
});
