import { getEventListeners, once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { timeoutSignal } from "../../net/deadline.ts";
import { NEVER, unlessAborted, withAnySignal, withManyListeners } from "../../net/signals.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

// The soak did not end: AbortSignal.any([stop, AbortSignal.timeout(ms)]) never aborted once garbage had been collected.
test("a time passes though garbage is collected meanwhile", async () => {
  const signal = timeoutSignal(new AbortController().signal, 300);
  const collecting = setInterval(collect, 20);
  await once(signal, "abort");
  clearInterval(collecting);
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
});

test("the other signal is heard at once, with its reason", () => {
  const other = new AbortController();
  const signal = timeoutSignal(other.signal, 60_000);
  expect(signal.aborted).toBe(false);
  other.abort("gone");
  expect(signal.reason).toBe("gone");
  expect(timeoutSignal(other.signal, 60_000).reason).toBe("gone");
});

// A release that flipped while six counts were under way had Node warn of a leak, in the middle of the gateway's log.
test("any number may listen to a signal that says so, and to the one that never aborts", async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error): unknown => warnings.push(name);
  process.on("warning", note);
  await Promise.all(Array.from({ length: 50 }, () => unlessAborted(setImmediate(), NEVER)));
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 50 }, () => unlessAborted(setImmediate(), withManyListeners(signal))));
  process.off("warning", note);
  expect(warnings).toEqual([]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("work under several signals hears the first of them, and lets go of all when it ends", async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const signals = [one.signal, other.signal];
  const heard = withAnySignal(signals, (either) => once(either, "abort").then(() => either.reason));
  expect(signals.map((signal) => getEventListeners(signal, "abort").length)).toEqual([1, 1]);
  other.abort("gone");
  expect(await heard).toBe("gone");
  expect(getEventListeners(one.signal, "abort")).toEqual([]);
  await expect(withAnySignal(signals, async () => "done")).rejects.toBe("gone");
});
