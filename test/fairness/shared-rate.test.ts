import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Payer } from "../../gateway/fairness/party.ts";
import { createRate, type Rate } from "../../gateway/fairness/rate.ts";
import { reconcile } from "../../gateway/fairness/reconcile.ts";
import { openSharedLevels } from "../../gateway/fairness/shared-levels.ts";
import { realClock } from "../../net/clock.ts";
import { eventually, type Servers, startSingle } from "../redis.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const A: Payer = { tier: "ANONYMOUS", id: "ip:192.0.2.1", name: null };
const SETTINGS = { burst: 200, perMinute: 600, registeredPerMinute: 1200 };

type Counted = { readonly rate: Rate; readonly reports: readonly string[] };

/** A gateway's buckets that are told to this Redis. */
const gateway = (url: string, clock = realClock): Counted => {
  const reports: string[] = [];
  const rate = createRate(SETTINGS, clock);
  const levels = openSharedLevels({ url, key: Buffer.alloc(32, 7), report: (what) => reports.push(what) });
  const telling = reconcile(rate.untold, levels);
  open.push(() => telling[Symbol.dispose]());
  return { rate, reports };
};
const redis = async (): Promise<Servers> => {
  const servers = await startSingle();
  open.push(() => servers[Symbol.asyncDispose]());
  return servers;
};
const left = ({ rate }: Counted): number => rate.look(A).left;
/** Waits until each gateway hears what the first of them lets its asker spend. */
const isShared = async (gateways: readonly Counted[]): Promise<void> => {
  const [first, ...others] = gateways;
  await eventually(async () => {
    first!.rate.takeUnits(A, 20);
    await sleep(100);
    for (const { rate } of others) rate.takeUnits(A, 0.01);
    await sleep(600);
    for (const each of others) expect(left(each)).toBeLessThan(195);
  });
};

test("three gateways together give one asker about one budget", async () => {
  const { url } = await redis();
  const gateways = [gateway(url), gateway(url), gateway(url)];
  await isShared(gateways);
  const before = left(gateways[0]!);
  let passed = 0;
  const started = performance.now();
  for (let i = 0; i < 150; i += 1) {
    if (gateways[i % 3]!.rate.takeUnits(A, 10) === null) passed += 10;
    await sleep(10);
  }
  const comeBack = (performance.now() - started) / 100;
  expect(passed).toBeGreaterThanOrEqual(before - 30);
  // What each may pass before it hears of the others: less than one more budget for all three.
  expect(passed).toBeLessThanOrEqual(before + comeBack + 100);
});

test("no address stands in Redis, and a bucket that is full again is gone", async () => {
  const { url, servers } = await redis();
  const one = gateway(url);
  await eventually(async () => {
    one.rate.takeUnits(A, 20);
    expect(await servers[0]!.call("DBSIZE")).toBe(1);
  });
  const [name] = (await servers[0]!.call("KEYS", "*")) as string[];
  expect(name).toMatch(/^odan-rate:[\w-]{43}$/);
  expect(await servers[0]!.call("PTTL", name!)).toBeLessThanOrEqual(200_000);
});

test("a gateway refuses nobody because Redis is away, hangs, was emptied or has nonsense, and hears of the others after", async () => {
  const { url, servers } = await redis();
  const [server] = servers;
  const gateways = [gateway(url), gateway(url)] as const;
  const [one, two] = gateways;
  await isShared(gateways);
  await server!.kill();
  await eventually(() => expect(two.reports).toContain("lost"));
  const before = left(two);
  for (let i = 0; i < 5; i += 1) expect(one.rate.takeUnits(A, 10)).toBeNull();
  await sleep(700);
  expect(left(two)).toBeGreaterThanOrEqual(before);
  await server!.restart();
  await eventually(() => expect(two.reports).toContain("back"));
  await isShared(gateways);
  server!.freeze();
  for (let i = 0; i < 5; i += 1) {
    expect(one.rate.takeUnits(A, 1)).toBeNull();
    await sleep(120);
  }
  server!.thaw();
  await eventually(async () => {
    for (const name of (await server!.call("KEYS", "*")) as string[])
      await server!.call("HSET", name, "level", "rubbish", "at", "9e99");
    expect(one.rate.takeUnits(A, 0.01)).toBeNull();
  });
  await sleep(700);
  expect(one.rate.takeUnits(A, 10)).toBeNull();
});

test("what was spent while Redis was away is told to nobody", async () => {
  const { url, servers } = await redis();
  const gateways = [gateway(url), gateway(url)] as const;
  await isShared(gateways);
  await servers[0]!.kill();
  await eventually(() => expect(gateways[0].reports).toContain("lost"));
  gateways[0].rate.takeUnits(A, 190);
  await sleep(600);
  await servers[0]!.restart();
  await eventually(() => expect(gateways[0].reports).toContain("back"));
  await sleep(2600);
  gateways[1].rate.takeUnits(A, 1);
  await sleep(700);
  expect(left(gateways[1])).toBeGreaterThan(150);
});
