import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type CountingProxy, countingProxy } from "../consistency/counting-proxy.ts";
import { type Asked, coldQuestions, QUESTIONS, truthOf } from "../consistency/real-bank.ts";
import {
  ask,
  askAtOnce,
  bodyOf,
  publish,
  type RealGateway,
  type RealHouse,
  realHouse,
  releaseOf,
  type Shown,
  type ShownBank,
} from "../consistency/real-house.ts";
import { eventually, type Servers, startSingle } from "../redis.ts";

const LEASE_MS = 2000;
const STALE_MS = 8000;
const SLOWLY = { timeout: 60_000, interval: 100 };

let redis: Servers;
let house: RealHouse;
let counters: readonly CountingProxy[];
const cold = coldQuestions();
const releases: Record<string, number> = { a: 1, w: 1 };

beforeAll(async () => {
  redis = await startSingle();
  const banks = [
    { id: "a", announced: true, staleMs: STALE_MS },
    { id: "w", announced: false, staleMs: STALE_MS },
  ];
  house = await realHouse({ banks, gateways: 3, leaseMs: LEASE_MS, redis: redis.servers[0]!.port });
  counters = await Promise.all(house.banks.map(({ process }) => countingProxy(process.url)));
  for (const [index, { links }] of house.banks.entries()) for (const link of links) link.aim(counters[index]!.port);
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  for (const counter of counters ?? []) await counter[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

const at = (number: number): RealGateway => house.gateways[number]!;
const seek = (gateway: RealGateway, { where }: Asked): Promise<Shown> =>
  ask(gateway.process, { where, deadlineMs: 30_000 });
const part = (shown: Shown, id: string): ShownBank => shown.banks.find(({ bank }) => bank.id === id)!;
const calls = (): readonly number[] => counters.map((counter) => counter.answers());

/** Every bank answers, with the numbers of the release that it names. */
const expectRight = (shown: Shown, asked: Asked): void => {
  const said = shown.banks.map((b) => ({ id: b.bank.id, status: b.status, body: bodyOf(b) }));
  const right = shown.banks.map((b) => ({
    id: b.bank.id,
    status: "ANSWERED",
    body: truthOf(b.bank.id, releaseOf(b), asked),
  }));
  expect(said).toEqual(right);
  expect(shown).toMatchObject({ complete: true, banks: [{ bank: { id: "a" } }, { bank: { id: "w" } }] });
};

type Heard = { readonly gateway: number; readonly began: number; readonly asked: Asked; readonly shown: Shown };

/** Asks these gateways one question after the other, two at a time each, until told to stop. Any error is thrown there. */
const load = (gateways: readonly number[]) => {
  const heard: Heard[] = [];
  let stopped = false;
  const asking = async (gateway: number, first: number): Promise<void> => {
    for (let turn = first; !stopped; turn += 2) {
      const asked = QUESTIONS[turn % QUESTIONS.length]!;
      const began = performance.now();
      heard.push({ gateway, began, asked, shown: await seek(at(gateway), asked) });
      await sleep(20);
    }
  };
  const all = Promise.all(gateways.flatMap((gateway) => [asking(gateway, 0), asking(gateway, 1)]));
  all.catch(() => undefined);
  return {
    heard,
    /** Waits until each gateway has answered so many questions that were asked from now on. */
    more: async (count: number): Promise<void> => {
      const now = performance.now();
      const enough = gateways.map((gateway) =>
        expect
          .poll(() => heard.filter((one) => one.gateway === gateway && one.began > now).length, SLOWLY)
          .toBeGreaterThanOrEqual(count),
      );
      await Promise.race([Promise.all(enough), all]);
    },
    stop: async (): Promise<readonly Heard[]> => {
      stopped = true;
      await all;
      return heard;
    },
  };
};

test("after a publish is acknowledged no gateway answers from an older release, and no answer is of two", async () => {
  const two = load([0, 1]);
  await two.more(5);
  const acknowledged: { readonly release: number; readonly time: number }[] = [];
  for (const release of [2, 3, 4]) {
    await house.banks[0]!.load(release);
    expect(await publish(at(2).process, "a", release)).toBe(`a@${release}`);
    acknowledged.push({ release, time: performance.now() });
    await two.more(10);
  }
  releases["a"] = 4;
  const heard = await two.stop();
  const seen = heard.map(({ shown }) => releaseOf(part(shown, "a")));
  expect(new Set(seen)).toEqual(new Set([1, 2, 3, 4]));
  for (const { began, asked, shown } of heard) {
    expectRight(shown, asked);
    const least = acknowledged.findLast(({ time }) => time < began)?.release ?? 1;
    expect(releaseOf(part(shown, "a"))).toBeGreaterThanOrEqual(least);
  }
});

/** One gateway learns an answer, and another one has it without a call to any bank. */
const expectShared = async (): Promise<void> => {
  const asked = cold();
  const before = calls();
  expectRight(await seek(at(0), asked), asked);
  expectRight(await seek(at(1), asked), asked);
  expect(calls()).toEqual(before.map((count) => count + 1));
};

test("Redis killed, brought back and flushed under load: no error, every answer right, and hits return", async () => {
  const [server] = redis.servers;
  await expectShared();
  const all = load([0, 1, 2]);
  await all.more(5);
  await server!.kill();
  await all.more(20);
  const alone = cold();
  expectRight(await seek(at(0), alone), alone);
  await server!.restart();
  await eventually(expectShared);
  const known = cold();
  expectRight(await seek(at(0), known), known);
  await server!.call("FLUSHALL");
  const before = calls();
  // Nobody but the first gateway has it now.
  expectRight(await seek(at(2), known), known);
  expect(calls()).toEqual(before.map((count) => count + 1));
  await eventually(expectShared);
  await all.more(5);
  for (const { asked, shown } of await all.stop()) expectRight(shown, asked);
});

test("a value in Redis that was cut, changed or moved is a miss, and an alarm in the log", async () => {
  const server = redis.servers[0]!;
  const entries = async () => new Set((await server.call("KEYS", "odan:*:e:*")) as string[]);
  /** A question whose answers are in Redis, and where. A gateway that finds Redis slow leaves it alone for a while. */
  const learnt = (): Promise<{ readonly asked: Asked; readonly keys: readonly string[] }> =>
    eventually(async () => {
      const asked = cold();
      const before = await entries();
      await seek(at(0), asked);
      return vi.waitFor(async () => {
        const keys = [...(await entries())].filter((key) => !before.has(key));
        if (keys.length < 2) throw new Error(`wanted an entry for each bank, got ${keys.length}`);
        return { asked, keys };
      });
    });
  const source = (await learnt()).keys[0]!;
  const alarms = () => at(1).process.log.filter((line) => line["alarm"] === "forged").length;
  const spoils: readonly ((key: string) => Promise<unknown>)[] = [
    (key) => server.call("SET", key, "x"),
    async (key) => server.call("SETRANGE", key, Number(await server.call("STRLEN", key)) - 2, "9"),
    (key) => server.call("COPY", source, key, "REPLACE"),
  ];
  for (const spoil of spoils) {
    await eventually(async () => {
      const { asked, keys } = await learnt();
      for (const key of keys) await spoil(key);
      const before = alarms();
      expectRight(await seek(at(1), asked), asked);
      await vi.waitFor(() => expect(alarms() - before).toBe(2));
    });
  }
});

/** A thousand askers at once, spread over the gateways. */
const crowd = async (asked: Asked): Promise<readonly number[]> => {
  for (const gateway of house.gateways) await seek(gateway, QUESTIONS[0]!);
  const before = calls();
  const releases = counters.map((counter) => counter.hold());
  const gateways = house.gateways.map(({ process }) => process);
  const all = askAtOnce(gateways, { where: asked.where, deadlineMs: 30_000 }, 1000);
  await eventually(() => {
    if (calls().some((count, i) => count === before[i])) throw new Error("wanted a call to each bank");
  });
  for (const release of releases) release();
  const heard = await all;
  for (const { shown } of heard) expectRight(shown, asked);
  expect(heard.reduce((sum, { times }) => sum + times, 0)).toBe(1000);
  return calls().map((count, i) => count - before[i]!);
};

test("a thousand identical cold questions at once, over three gateways, cost one call per bank", async () => {
  await eventually(expectShared);
  expect(await crowd(cold())).toEqual([1, 1]);
});

test("without Redis they cost one call per bank and gateway", async () => {
  for (const { redis: link } of house.gateways) await link!.set({ kind: "refuse" });
  expect(await crowd(cold())).toEqual([3, 3]);
  for (const { redis: link } of house.gateways) await link!.set({ kind: "pass" });
  await eventually(expectShared);
});

test("a bank's process dies: its answers turn stale, with date and number, then silent; alive, it answers again", async () => {
  const [bank] = house.banks;
  const asked = QUESTIONS[1]!;
  for (const gateway of house.gateways) expectRight(await seek(gateway, asked), asked);
  const killed = Date.now();
  await bank!.process.kill();
  for (const gateway of house.gateways) {
    const wanted = async (status: string): Promise<Shown> =>
      eventually(async () => {
        const shown = await seek(gateway, asked);
        expect(part(shown, "a").status).toBe(status);
        return shown;
      });
    const shown = await wanted("STALE");
    const stale = part(shown, "a");
    expect(releaseOf(stale)).toBe(releases["a"]);
    expect(bodyOf(stale)).toBe(truthOf("a", releaseOf(stale), asked));
    const since = Date.parse(stale.staleSince!);
    expect(Math.abs(since - killed)).toBeLessThan(LEASE_MS + STALE_MS);
    expect(shown.complete).toBe(false);
    expect(part(shown, "w")).toMatchObject({ status: "ANSWERED", staleSince: null });
  }
  for (const gateway of house.gateways) {
    const shown = await eventually(async () => {
      const now = await seek(gateway, asked);
      expect(part(now, "a").status).toBe("UNREACHABLE");
      return now;
    });
    expect(part(shown, "a")).toMatchObject({ donors: { min: 0, max: 100_000 }, release: null, staleSince: null });
  }
  await bank!.process.start();
  for (const gateway of house.gateways) {
    const back = async () => part(await seek(gateway, asked), "a").status;
    await expect.poll(back, { timeout: 2 * LEASE_MS, interval: 50 }).toBe("ANSWERED");
    expectRight(await seek(gateway, asked), asked);
  }
});
