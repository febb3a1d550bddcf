import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { orAfter } from "../../adapters/signals.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

// The soak did not end: AbortSignal.any([stop, AbortSignal.timeout(ms)]) never aborted once garbage had been collected.
test("a time passes though garbage is collected meanwhile", async () => {
  const signal = orAfter(new AbortController().signal, 300);
  const collecting = setInterval(collect, 20);
  await once(signal, "abort");
  clearInterval(collecting);
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
});

test("the other signal is heard at once, with its reason", () => {
  const other = new AbortController();
  const signal = orAfter(other.signal, 60_000);
  expect(signal.aborted).toBe(false);
  other.abort("gone");
  expect(signal.reason).toBe("gone");
  expect(orAfter(other.signal, 60_000).reason).toBe("gone");
});
