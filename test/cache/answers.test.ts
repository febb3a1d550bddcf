import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { type Answers, createAnswers } from "../../cache/answers.ts";
import { type Entry, sealWith } from "../../cache/seal.ts";
import type { Alarm, Load } from "../../cache/shared-level.ts";
import type { Store, StoreKey } from "../../cache/store.ts";
import type { Clock } from "../../net/clock.ts";
import { type ManualClock, manualClock } from "./manual-clock.ts";
import { memoryStore } from "./memory-store.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const seal = sealWith(Buffer.alloc(32, 1));
const here = new AbortController().signal;
const at = (question: string, edition = "r1.0", group = "bank"): StoreKey => ({ group, question, edition });
/** As large as when it comes back from the shared store. */
const entry = (value: string): Entry => ({ value, size: 3 * (2 + value.length), tookMs: 3 });

/** A promise that is settled from outside. */
const deferred = <T>() => {
  const settle = { give: (_: T): void => undefined, fail: (_: unknown): void => undefined };
  const promise = new Promise<T>((give, fail) => Object.assign(settle, { give, fail }));
  return { promise, give: (value: T): void => settle.give(value), fail: (why: unknown): void => settle.fail(why) };
};

/** A fill that ends when told to, and what became of it. */
const slowFill = () => {
  const { promise, give, fail } = deferred<Entry | null>();
  const seen = { calls: 0, signal: null as AbortSignal | null };
  const fill: Load = (signal) => {
    seen.calls += 1;
    seen.signal = signal;
    signal.addEventListener("abort", () => fail(signal.reason));
    return promise;
  };
  return { fill, seen, give, fail };
};

const gateway = (
  clock: Clock = manualClock(),
  shared?: Store,
  maxBytes = 1e6,
): Answers & { readonly alarms: readonly string[] } => {
  const alarms: string[] = [];
  const alarm: Alarm = (what, { question }) => alarms.push(`${what} ${question}`);
  return { ...createAnswers({ clock, maxBytes, seal, alarm, ...(shared && { shared }) }), alarms };
};

const nobodyFills: Load = () => Promise.reject(new Error("wanted a hit, was asked to fill"));

/** All that a gateway does without waiting is done. */
const settle = (clock: ManualClock): Promise<void> => clock.pass(0);

describe.each(["memory alone", "a shared store"])("answers of %s", (level) => {
  const start = () => {
    const clock = manualClock();
    const shared = level === "memory alone" ? undefined : memoryStore(1e6, clock);
    return { clock, shared, answers: gateway(clock, shared) };
  };

  test("are filled once and then at hand", async () => {
    const { answers } = start();
    expect(await answers.peek(at("q"))).toBeNull();
    expect(await answers.get(at("q"), async () => entry("12"), here)).toEqual(entry("12"));
    expect(await answers.get(at("q"), nobodyFills, here)).toEqual(entry("12"));
    expect(await answers.peek(at("q"))).toEqual(entry("12"));
  });

  test("are filled once for a thousand who ask at the same time", async () => {
    const { answers, clock } = start();
    const { fill, seen, give } = slowFill();
    const all = Array.from({ length: 1000 }, () => answers.get(at("q"), fill, new AbortController().signal));
    await clock.pass(2000);
    give(entry("12"));
    expect(new Set((await Promise.all(all)).map((got) => got?.value))).toEqual(new Set(["12"]));
    expect(seen.calls).toBe(1);
  });

  test("are never mixed up, whatever the parts of their keys are", async () => {
    const { answers } = start();
    const keys = [
      at("q", "e", "g e"),
      at("q", "e e", "g"),
      at("e q", "e", "g"),
      at("q", "e q", "g"),
      at("q q", "e", "g"),
    ];
    for (const [index, key] of keys.entries()) await answers.get(key, async () => entry(String(index)), here);
    for (const [index, key] of keys.entries())
      expect((await answers.get(key, nobodyFills, here))?.value).toBe(String(index));
  });

  test("go on being filled when one who asked leaves, and stop when all have", async () => {
    const { answers, clock } = start();
    const { fill, seen } = slowFill();
    const [one, other] = [new AbortController(), new AbortController()];
    const asked = [answers.get(at("q"), fill, one.signal), answers.get(at("q"), fill, other.signal)];
    await settle(clock);
    one.abort(new Error("one left"));
    await expect(asked[0]).rejects.toThrow("one left");
    await settle(clock);
    expect(seen.signal?.aborted).toBe(false);
    other.abort(new Error("the other left"));
    await expect(asked[1]).rejects.toThrow("the other left");
    expect(seen.signal?.aborted).toBe(true);
    await settle(clock);
    expect(await answers.get(at("q"), async () => entry("12"), here)).toEqual(entry("12"));
  });

  test("reach those who stay when others have left", async () => {
    const { answers, clock } = start();
    const { fill, give } = slowFill();
    const leaving = Array.from({ length: 20 }, () => new AbortController());
    const gone = leaving.map(({ signal }) => answers.get(at("q"), fill, signal).catch(() => "gone"));
    const stays = answers.get(at("q"), nobodyFills, here);
    for (const one of leaving) one.abort();
    await settle(clock);
    give(entry("12"));
    expect(await stays).toEqual(entry("12"));
    expect(new Set(await Promise.all(gone))).toEqual(new Set(["gone"]));
  });

  test("begin anew for one who asks after the last has left, while the old fill still runs", async () => {
    const { answers, clock } = start();
    const leaving = new AbortController();
    const old = deferred<Entry>();
    const first = answers.get(at("q"), () => old.promise, leaving.signal);
    await settle(clock);
    leaving.abort(new Error("left"));
    await expect(first).rejects.toThrow("left");
    const second = answers.get(at("q"), async () => entry("12"), here);
    // In a shared store the old one holds on until it ends.
    await settle(clock);
    old.give(entry("12"));
    await clock.pass(1000);
    expect(await second).toEqual(entry("12"));
  });

  test("are refused to one who has left already, and nothing is filled", async () => {
    const { answers } = start();
    await expect(answers.get(at("q"), nobodyFills, AbortSignal.abort(new Error("left")))).rejects.toThrow("left");
  });

  test("that fail are not kept, nor is the word that there is none", async () => {
    const { answers } = start();
    await expect(answers.get(at("q"), () => Promise.reject(new Error("bank is away")), here)).rejects.toThrow(
      "bank is away",
    );
    expect(await answers.get(at("q"), async () => null, here)).toBeNull();
    expect(await answers.get(at("q"), async () => entry("12"), here)).toEqual(entry("12"));
  });
});

test("memory holds no more than its bytes, and what is larger than all of it is answered and not kept", async () => {
  const answers = gateway(manualClock(), undefined, 15_000);
  for (let index = 0; index < 50; index += 1) {
    await answers.get(at(`q${index}`), async () => entry(String(index).padEnd(500)), here);
  }
  const kept = (await Promise.all(Array.from({ length: 50 }, (_, index) => answers.peek(at(`q${index}`))))).filter(
    Boolean,
  );
  expect(kept.length).toBeGreaterThan(4);
  expect(kept.length * 500 * 2).toBeLessThanOrEqual(15_000);
  expect(String(kept.at(-1)?.value).trim()).toBe("49");
  expect((await answers.get(at("large"), async () => entry("x".repeat(6000)), here))?.value).toHaveLength(6000);
  expect(await answers.peek(at("large"))).toBeNull();
  expect(await answers.peek(at("q49"))).not.toBeNull();
});

// A cache of 2 MB took more than 5: the bytes of an answer were counted, not what was read from them and kept.
test("memory counts what an answer takes, not its bytes", async () => {
  const answers = gateway(manualClock(), undefined, 1e6);
  const kept: WeakRef<object>[] = [];
  const count = () => ({ min: 0, max: 9, because: [] });
  for (let i = 0; i < 50; i++) {
    const fill: Load = async () => {
      const value = Array.from({ length: 1000 }, () => ({ donors: count(), samples: count() }));
      const opened = seal.open(at(`q${i}`), seal.close(at(`q${i}`), { value, size: 0, tookMs: 3 }));
      kept.push(new WeakRef(opened!.value as object));
      return opened;
    };
    await answers.get(at(`q${i}`), fill, here);
  }
  await setImmediate();
  collect();
  const held = kept.filter((value) => value.deref() !== undefined).length;
  // Of each of the thousand: three objects, 24 bytes and 8 for each field, and two lists of 16 and more.
  const bytes = 1000 * (3 * 24 + 8 * 8 + 2 * 16);
  expect(held).toBeGreaterThan(0);
  expect(held * bytes).toBeLessThan(1e6);
  expect(await answers.peek(at("q49"))).not.toBeNull();
});

describe("two gateways over one store", () => {
  const two = () => {
    const clock = manualClock();
    const shared = memoryStore(1e6, clock);
    return { clock, shared, one: gateway(clock, shared), other: gateway(clock, shared) };
  };

  test("fill once, whoever asks first, and say how long it took then", async () => {
    const { clock, one, other } = two();
    const { fill, seen, give } = slowFill();
    const first = one.get(at("q"), fill, here);
    const second = other.get(at("q"), nobodyFills, here);
    await clock.pass(100);
    give(entry("12"));
    expect(await first).toEqual(entry("12"));
    await clock.pass(100);
    expect(await second).toEqual(entry("12"));
    expect(seen.calls).toBe(1);
    expect(await other.peek(at("q"))).toEqual(entry("12"));
  });

  test("leave a slow fill to the one who goes on with it, however long it takes", async () => {
    const { clock, one, other } = two();
    const { fill, give } = slowFill();
    const first = one.get(at("q"), fill, here);
    const second = other.get(at("q"), nobodyFills, here);
    await clock.pass(60_000);
    give(entry("12"));
    await first;
    await clock.pass(100);
    expect(await second).toEqual(entry("12"));
  });

  test("take over from one who died, within its hold", async () => {
    const { clock, shared, one } = two();
    await shared.readOrLock(at("q"), "dead", 600);
    const { fill, seen, give } = slowFill();
    const answer = one.get(at("q"), fill, here);
    await clock.pass(599);
    expect(seen.calls).toBe(0);
    await clock.pass(26);
    expect(seen.calls).toBe(1);
    give(entry("12"));
    expect(await answer).toEqual(entry("12"));
  });

  test("take over at once from one whose fill failed", async () => {
    const { clock, one, other } = two();
    const { fill, fail } = slowFill();
    const first = one.get(at("q"), fill, here).catch((error: Error) => error.message);
    const second = other.get(at("q"), async () => entry("12"), here);
    await clock.pass(100);
    fail(new Error("bank is away"));
    expect(await first).toBe("bank is away");
    await clock.pass(25);
    expect(await second).toEqual(entry("12"));
  });

  test("take over at once from one who was told to stop", async () => {
    const { clock, one, other } = two();
    const leaving = new AbortController();
    const { fill } = slowFill();
    const first = one.get(at("q"), fill, leaving.signal).catch((error: Error) => error.message);
    const second = other.get(at("q"), async () => entry("12"), here);
    await clock.pass(100);
    leaving.abort(new Error("left"));
    expect(await first).toBe("left");
    await clock.pass(25);
    expect(await second).toEqual(entry("12"));
  });

  test("do not wait for one whose turn came through though he did not hear of it", async () => {
    // The answer to `begin` came too late: the gateway went on alone, the store believed that it filled.
    const { clock, shared, other } = two();
    let late = true;
    const deaf: Store = {
      ...shared,
      async readOrLock(key, token, lockMs) {
        const begun = await shared.readOrLock(key, token, lockMs);
        if (!late) return begun;
        late = false;
        throw new Error("too late");
      },
    };
    const one = gateway(clock, deaf);
    expect(await one.get(at("q"), async () => entry("12"), here)).toEqual(entry("12"));
    await settle(clock);
    const second = other.get(at("q"), nobodyFills, here).catch((error: Error) => error.message);
    await clock.pass(1000);
    expect(await second).toEqual(entry("12"));
  });
});

describe("a store that cannot be trusted", () => {
  const sealed = seal.close(at("q"), entry("12"));
  test.each([
    ["forged", Buffer.concat([Buffer.alloc(36, 7), Buffer.from("999")])],
    ["cut short", sealed.subarray(0, sealed.length - 1)],
    ["cut to nothing", new Uint8Array(0)],
    ["changed", Buffer.from(sealed).fill("9", sealed.length - 1)],
    ["of another key", seal.close(at("q2"), entry("12"))],
    ["of another edition", seal.close(at("q", "r2.0"), entry("12"))],
    ["of another bank", seal.close(at("q", "r1.0", "bank2"), entry("12"))],
  ])("gives a miss and an alarm for a value that is %s, once", async (_, bytes) => {
    const clock = manualClock();
    const shared = memoryStore(1e6, clock);
    await shared.commit(at("q"), "x", bytes);
    const [one, other] = [gateway(clock, shared), gateway(clock, shared)];
    expect(await one.get(at("q"), async () => entry("34"), here)).toEqual(entry("34"));
    await settle(clock);
    expect(one.alarms).toEqual(["forged q"]);
    expect(await other.get(at("q"), nobodyFills, here)).toEqual(entry("34"));
    expect(other.alarms).toEqual([]);
  });

  test("gives a miss and an alarm to one who only looks", async () => {
    const shared = memoryStore(1e6, manualClock());
    await shared.commit(at("q"), "x", Buffer.alloc(40));
    const answers = gateway(manualClock(), shared);
    expect(await answers.peek(at("q"))).toBeNull();
    expect(await answers.peek(at("q"))).toBeNull();
    expect(answers.alarms).toEqual(["forged q"]);
  });

  test("that forges again and again is given up", async () => {
    const shared: Store = { ...memoryStore(1e6, manualClock()), readOrLock: async () => ({ value: Buffer.alloc(40) }) };
    const answers = gateway(manualClock(), shared);
    expect(await answers.get(at("q"), async () => entry("12"), here)).toEqual(entry("12"));
    expect(answers.alarms).toEqual(["forged q", "forged q"]);
  });

  test("raises an alarm where one key has two bodies, and none where only the time differs", async () => {
    const clock = manualClock();
    const shared = memoryStore(1e6, clock);
    const answers = gateway(clock, shared);
    const filledMeanwhile = (value: string) => async (): Promise<Entry> => {
      await shared.commit(at(value), "other", seal.close(at(value), { ...entry("12"), tookMs: 999 }));
      return entry(value);
    };
    expect(await answers.get(at("12"), filledMeanwhile("12"), here)).toEqual(entry("12"));
    expect(await answers.get(at("13"), filledMeanwhile("13"), here)).toEqual(entry("13"));
    await settle(clock);
    expect(answers.alarms).toEqual(["conflict 13"]);
  });

  test("that is away costs nobody an answer", async () => {
    const away = () => Promise.reject(new Error("away"));
    const shared: Store = {
      readOrLock: away,
      read: away,
      commit: away,
      unlock: away,
      remove: away,
      sweep: away,
      [Symbol.asyncDispose]: async () => undefined,
    };
    const answers = gateway(manualClock(), shared);
    expect(await answers.peek(at("q"))).toBeNull();
    const all = Array.from({ length: 100 }, () =>
      answers.get(at("q"), async () => entry("12"), new AbortController().signal),
    );
    expect(new Set((await Promise.all(all)).map((got) => got?.value))).toEqual(new Set(["12"]));
    expect(await answers.get(at("q"), nobodyFills, here)).toEqual(entry("12"));
    await expect(answers.get(at("r"), () => Promise.reject(new Error("bank is away")), here)).rejects.toThrow(
      "bank is away",
    );
  });
});
