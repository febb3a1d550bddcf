import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBreaker, NotSent } from "../../net/breaker.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const start = () => {
  const away = new Set<string>();
  const reports: string[] = [];
  const probes: string[] = [];
  let asked = 0;
  const breaker = createBreaker({
    probe: async (place) => {
      probes.push(place);
      if (away.has(place)) throw new Error("away");
    },
    report: (what, why) => reports.push(why === undefined ? what : `${what}: ${(why as Error).message}`),
  });
  const ask = (place: string): Promise<string> =>
    breaker
      .run(place, async () => {
        asked += 1;
        if (away.has(place)) throw new Error(`${place} is away`);
        return "done";
      })
      .catch((error: Error) => (error instanceof NotSent ? "not asked" : "failed"));
  const askTimes = async (place: string, times: number): Promise<readonly string[]> => {
    const said: string[] = [];
    for (let time = 0; time < times; time += 1) said.push(await ask(place));
    return said;
  };
  return { away, reports, probes, breaker, ask, askTimes, asked: () => asked };
};

test("asks a place that is away three times, and then not until a probe has found it", async () => {
  const { away, reports, probes, askTimes, asked } = start();
  away.add("a");
  expect(await askTimes("a", 6)).toEqual(["failed", "failed", "failed", "not asked", "not asked", "not asked"]);
  expect(asked()).toBe(3);
  await vi.advanceTimersByTimeAsync(499);
  expect(probes).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(probes).toEqual(["a"]);
  expect(await askTimes("a", 1)).toEqual(["not asked"]);
  away.clear();
  await vi.advanceTimersByTimeAsync(500);
  expect(probes).toEqual(["a", "a"]);
  expect(await askTimes("a", 2)).toEqual(["done", "done"]);
  expect(reports).toEqual(["lost: a is away", "back"]);
});

test("goes on asking the others, and reports one loss and one return for all of them", async () => {
  const { away, reports, askTimes } = start();
  away.add("a").add("b");
  await askTimes("a", 3);
  await askTimes("b", 3);
  expect(await askTimes("c", 2)).toEqual(["done", "done"]);
  away.delete("a");
  await vi.advanceTimersByTimeAsync(500);
  expect(await askTimes("a", 1)).toEqual(["done"]);
  expect(reports).toEqual(["lost: a is away"]);
  away.delete("b");
  await vi.advanceTimersByTimeAsync(500);
  expect(reports).toEqual(["lost: a is away", "back"]);
});

test("stands a failure now and then, and not every other time", async () => {
  const { away, reports, askTimes, ask } = start();
  for (let time = 0; time < 50; time += 1) {
    away.add("a");
    await ask("a");
    away.clear();
    await askTimes("a", 10);
  }
  expect(reports).toEqual([]);
  const said: string[] = [];
  for (let time = 0; time < 10; time += 1) {
    away.add("a");
    said.push(await ask("a"));
    away.clear();
    said.push(await ask("a"));
  }
  expect(said.filter((what) => what === "failed")).toHaveLength(4);
  expect(reports).toEqual(["lost: a is away"]);
});

test("is told of a loss, and tries at once when told that the place may be back", async () => {
  const { away, reports, probes, breaker, askTimes, asked } = start();
  breaker.retry("a");
  breaker.trip("a", new Error("closed"));
  breaker.trip("a", new Error("closed again"));
  expect(await askTimes("a", 1)).toEqual(["not asked"]);
  expect(asked()).toBe(0);
  away.add("a");
  breaker.retry("a");
  await vi.advanceTimersByTimeAsync(0);
  expect(probes).toEqual(["a"]);
  expect(await askTimes("a", 1)).toEqual(["not asked"]);
  away.clear();
  breaker.retry("a");
  await vi.advanceTimersByTimeAsync(0);
  expect(await askTimes("a", 1)).toEqual(["done"]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(probes).toEqual(["a", "a"]);
  expect(reports).toEqual(["lost: closed", "back"]);
});

test("does nothing more once disposed", async () => {
  const { away, reports, probes, breaker, askTimes, asked } = start();
  away.add("a");
  await askTimes("a", 3);
  breaker[Symbol.dispose]();
  breaker.trip("b", new Error("closed"));
  expect(await askTimes("b", 1)).toEqual(["not asked"]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(probes).toEqual([]);
  expect(asked()).toBe(3);
  expect(reports).toEqual(["lost: a is away"]);
});
