import { setTimeout as sleep } from "node:timers/promises";
import { inspect, isDeepStrictEqual } from "node:util";
import { afterEach, expect, test } from "vitest";
import { type Answers, createAnswers } from "../../cache/answers.ts";
import { redisStore } from "../../cache/redis.ts";
import { type Entry, sealWith } from "../../cache/seal.ts";
import type { Store, StoreKey } from "../../cache/store.ts";
import { NotSent } from "../../net/breaker.ts";
import { realClock } from "../../net/clock.ts";
import { eventually, type Server, startCluster, startSentinel, startSingle } from "../redis.ts";

const seal = sealWith(Buffer.alloc(32, 1));
const NAMES = [Buffer.alloc(32, 2)] as const;
const at = (question: number): StoreKey => ({ group: "bank", question: `q${question}`, edition: "r1.0" });
const truth = (question: number): Entry => ({
  value: { count: question * 5 },
  size: 3 * `{"count":${question * 5}}`.length,
  tookMs: 3,
});

const open: AsyncDisposable[] = [];
const closing = <T extends AsyncDisposable>(one: T): T => {
  open.push(one);
  return one;
};
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** A gateway whose memory holds nothing, so that whatever is not in Redis is a fill. */
type Gateway = {
  readonly store: Store;
  readonly answers: Answers;
  readonly reports: readonly string[];
  readonly alarms: readonly string[];
  readonly fills: () => number;
  readonly ask: (question: number) => Promise<void>;
  /** Whether Redis alone can answer. */
  readonly hits: (question: number) => Promise<boolean>;
};

type Times = {
  /** That of production, 60, is for tests in which it does not matter whether an answer of Redis is late now and then. */
  readonly timeoutMs?: number;
  readonly lockMs?: number;
};

const gateway = async (url: string, { timeoutMs = 10_000, lockMs = 600 }: Times = {}): Promise<Gateway> => {
  const reports: string[] = [];
  const alarms: string[] = [];
  let fills = 0;
  const store = redisStore({ url, names: NAMES, report: (what) => reports.push(what), timeoutMs });
  const answers = closing(
    createAnswers({
      clock: realClock,
      maxBytes: 1,
      shared: store,
      seal,
      alarm: (what, { question }) => alarms.push(`${what} ${question}`),
      lockMs,
    }),
  );
  await eventually(() => store.read(at(0)));
  return {
    store,
    answers,
    reports,
    alarms,
    fills: () => fills,
    async ask(question) {
      const got = await answers.get(
        at(question),
        async () => {
          fills += 1;
          return truth(question);
        },
        new AbortController().signal,
      );
      expect(got).toEqual(truth(question));
    },
    hits: async (question) => isDeepStrictEqual((await answers.peek(at(question)))?.value, truth(question).value),
  };
};

const QUESTIONS = Array.from({ length: 60 }, (_, question) => question);

const askAll = ({ ask }: Gateway): Promise<unknown> => Promise.all(QUESTIONS.map(ask));

const allHit = async ({ hits }: Gateway): Promise<void> => {
  expect((await Promise.all(QUESTIONS.map(hits))).every(Boolean)).toBe(true);
};

/** Asks without a pause until stopped; rejects if any answer was wrong or none. */
const load = (gateways: readonly Gateway[]) => {
  let rounds = 0;
  let stopped = false;
  const work = Promise.all(
    gateways.map(async (each) => {
      while (!stopped) {
        await askAll(each);
        rounds += 1;
        await sleep(1);
      }
    }),
  );
  work.catch(() => undefined);
  return {
    /** The load goes on: what happens from now on is felt. */
    more: () => {
      const before = rounds;
      return eventually(() => expect(rounds).toBeGreaterThan(before + 2 * gateways.length));
    },
    stop: () => {
      stopped = true;
      return work;
    },
  };
};

const entries = async (server: Server | undefined): Promise<number> =>
  ((await server!.call("KEYS", "*:e:*")) as string[]).length;

const call = (server: Server | undefined, ...command: readonly [string, ...(string | number)[]]): Promise<unknown> =>
  server!.call(...command);

test("a thousand askers of two gateways cost one fill", async () => {
  const { url } = closing(await startSingle());
  const [one, other] = [await gateway(url, { lockMs: 60_000 }), await gateway(url, { lockMs: 60_000 })];
  await Promise.all(Array.from({ length: 500 }, () => [one.ask(1), other.ask(1)]).flat());
  expect(one.fills() + other.fills()).toBe(1);
});

test("a gateway takes over from one that died", async () => {
  const { url } = closing(await startSingle());
  const one = await gateway(url);
  expect(await one.store.readOrLock(at(1), "dead", 500)).toEqual({ locked: true });
  await one.ask(1);
  expect(one.fills()).toBe(1);
  await eventually(async () => expect(await one.hits(1)).toBe(true));
});

test("what was forged, cut or put under another key in Redis is a miss, an alarm, and gone", async () => {
  const { url } = closing(await startSingle());
  const one = await gateway(url);
  const sealed = Buffer.from(seal.close(at(1), truth(1)));
  const bad = [seal.close(at(2), truth(2)), sealed.subarray(0, 40), Buffer.from(sealed).fill("0", sealed.length - 1)];
  for (const [index, bytes] of bad.entries()) {
    await one.store.commit(at(1), "x", bytes);
    await one.ask(1);
    expect(one.alarms).toHaveLength(index + 1);
    await eventually(async () => expect(await one.hits(1)).toBe(true));
    await one.store.remove(at(1));
  }
  expect(new Set(one.alarms)).toEqual(new Set(["forged q1"]));
});

test("entries expire after a day, and a second body is kept out, counted and told", async () => {
  const { url, servers } = closing(await startSingle());
  const one = await gateway(url);
  await one.ask(1);
  await eventually(async () => expect(await one.hits(1)).toBe(true));
  const keys = (await call(servers[0], "KEYS", "*")) as string[];
  expect(keys).toHaveLength(1);
  const left = Number(await call(servers[0], "PTTL", keys[0]!));
  expect(left).toBeLessThanOrEqual(24 * 3_600_000);
  expect(left).toBeGreaterThan(23 * 3_600_000);
  await one.answers
    .get(
      at(3),
      async () => {
        await one.store.commit(at(3), "other", seal.close(at(3), truth(4)));
        return truth(3);
      },
      new AbortController().signal,
    )
    .then((got) => expect(got).toEqual(truth(3)));
  await eventually(() => expect(one.alarms).toEqual(["conflict q3"]));
  const [counter] = (await call(servers[0], "KEYS", "*:x")) as string[];
  expect(await call(servers[0], "GET", counter!)).toBe("1");
});

test("scripts that the server has forgotten are sent again", async () => {
  const { url, servers } = closing(await startSingle());
  const one = await gateway(url);
  await one.ask(1);
  await call(servers[0], "SCRIPT", "FLUSH");
  await askAll(one);
  await eventually(() => allHit(one));
  expect(one.reports).toEqual([]);
});

test("a Redis killed under load costs no answer, and serves again when it is back", async () => {
  const { url, servers } = closing(await startSingle());
  const gateways = [await gateway(url), await gateway(url)];
  const under = load(gateways);
  await under.more();
  await servers[0]!.kill();
  await eventually(() => expect(gateways.map(({ reports }) => reports)).toEqual([["lost"], ["lost"]]));
  await under.more();
  await servers[0]!.restart();
  await eventually(() =>
    expect(gateways.map(({ reports }) => reports)).toEqual([
      ["lost", "back"],
      ["lost", "back"],
    ]),
  );
  await under.more();
  await under.stop();
  for (const each of gateways) await eventually(() => allHit(each));
  expect(gateways.flatMap(({ alarms }) => alarms)).toEqual([]);
});

test("a Redis that has stopped answering is left alone until it goes on", async () => {
  const { url, servers } = closing(await startSingle());
  const one = await gateway(url, { timeoutMs: 60 });
  await eventually(async () => {
    await askAll(one);
    await allHit(one);
  });
  servers[0]!.freeze();
  const under = load([one]);
  await eventually(() => expect(one.reports.at(-1)).toBe("lost"));
  // Frozen it stays lost, so that from now on nobody waits for it.
  await expect(one.store.read(at(1))).rejects.toThrow(NotSent);
  await under.more();
  expect(one.reports.at(-1)).toBe("lost");
  servers[0]!.thaw();
  await eventually(() => allHit(one));
  await under.stop();
  expect(one.alarms).toEqual([]);
});

test("what came while this process was busy is in time", async () => {
  const { url } = closing(await startSingle());
  const one = await gateway(url, { timeoutMs: 1000 });
  await one.ask(1);
  // In a callback of the socket: before it is read again the timers have their turn.
  const late = one.store.read(at(1)).then(() => {
    const read = one.store.read(at(1));
    const until = performance.now() + 2000;
    while (performance.now() < until);
    return read;
  });
  expect(seal.open(at(1), (await late)!)).toEqual(truth(1));
  expect(one.reports).toEqual([]);
});

test("a Redis that was never there costs no answer, is reported once, and is found when it comes", async () => {
  const { url, servers } = closing(await startSingle());
  await servers[0]!.kill();
  const reports: string[] = [];
  const store = closing(redisStore({ url, names: NAMES, report: (what) => reports.push(what) }));
  await eventually(() => expect(reports).toEqual(["lost"]));
  await expect(store.readOrLock(at(1), "a", 100)).rejects.toThrow(NotSent);
  await servers[0]!.restart();
  await eventually(() => expect(reports).toEqual(["lost", "back"]));
  await eventually(async () => expect(await store.read(at(1))).toBeNull());
});

test("a flushed Redis is filled again", async () => {
  const { url, servers } = closing(await startSingle());
  const gateways = [await gateway(url), await gateway(url)];
  const under = load(gateways);
  for (const command of ["FLUSHALL", "FLUSHALL", "FLUSHALL"]) {
    await under.more();
    await call(servers[0], command);
  }
  await under.more();
  await under.stop();
  for (const each of gateways) await eventually(() => allHit(each));
  expect(gateways.flatMap(({ alarms, reports }) => [...alarms, ...reports])).toEqual([]);
});

test("a store that is let go ends at once, though its Redis says nothing, and answers nobody any more", async () => {
  const { url, servers } = closing(await startSingle());
  const one = await gateway(url);
  servers[0]!.freeze();
  const pending = one.store.read(at(1)).catch((error: Error) => error);
  await one.store[Symbol.asyncDispose]();
  await expect(one.store.read(at(1))).rejects.toThrow(NotSent);
  expect(await pending).toBeInstanceOf(Error);
  await one.ask(1);
  expect(one.reports).toEqual([]);
});

test("a Redis that has no room is left alone until it has some", async () => {
  const { url, servers } = closing(await startSingle());
  const one = await gateway(url);
  await call(servers[0], "CONFIG", "SET", "maxmemory", 1);
  const under = load([one]);
  await eventually(() => expect(one.reports).toEqual(["lost"]));
  await under.more();
  expect(one.reports).toEqual(["lost"]);
  await call(servers[0], "CONFIG", "SET", "maxmemory", 0);
  await eventually(() => expect(one.reports).toEqual(["lost", "back"]));
  await eventually(() => allHit(one));
  await under.stop();
});

test("a user that may do no more than it has to gets in, to a database of its own", async () => {
  const { url, servers } = closing(await startSingle());
  const commands = "hello auth select client info get set del unlink pttl incr pexpire eval evalsha scan".split(" ");
  const rights = ["on", ">hu:sh", "~odan:*", ...commands.map((command) => `+${command}`)];
  await call(servers[0], "ACL", "SETUSER", "cache", ...rights);
  const one = await gateway(`${url.replace("//", "//cache:hu%3Ash@")}/3`);
  await askAll(one);
  await eventually(() => allHit(one));
  expect(await entries(servers[0])).toBe(0);
  await one.store.sweep("bank", () => false);
  expect(await Promise.all(QUESTIONS.map(one.hits))).not.toContain(true);
  expect(one.reports).toEqual([]);
});

test("a password that Redis does not accept is reported, and told to nobody", async () => {
  const { url } = closing(await startSingle());
  const whys: unknown[] = [];
  closing(redisStore({ url: url.replace("//", "//cache:hush@"), names: NAMES, report: (_, why) => whys.push(why) }));
  await eventually(() => expect(whys).toHaveLength(1));
  expect(String(whys[0])).toContain("WRONGPASS");
  expect(inspect(whys[0], { depth: 9, showHidden: true })).not.toContain("hush");
});

test("Sentinels' choice of another primary in the middle of load costs no answer", async () => {
  const sentinel = closing(await startSentinel());
  const gateways = [await gateway(sentinel.url), await gateway(sentinel.url)];
  const under = load(gateways);
  await under.more();
  const before = await sentinel.primary();
  await before.kill();
  await eventually(() => expect(gateways.map(({ reports }) => reports.at(-1))).toEqual(["lost", "lost"]));
  await eventually(async () => expect(await sentinel.primary()).not.toBe(before));
  await eventually(() => expect(gateways.map(({ reports }) => reports.at(-1))).toEqual(["back", "back"]));
  await under.more();
  await under.stop();
  for (const each of gateways) await eventually(() => allHit(each));
  expect(gateways.flatMap(({ alarms }) => alarms)).toEqual([]);
});

test("a primary that froze is left for the one that Sentinels chose instead", async () => {
  const sentinel = closing(await startSentinel());
  const one = await gateway(sentinel.url, { timeoutMs: 60 });
  const before = await sentinel.primary();
  const under = load([one]);
  before.freeze();
  await eventually(async () => expect(await sentinel.primary()).not.toBe(before));
  await eventually(() => allHit(one));
  await under.stop();
});

test("a stale replica that was promoted brings back older entries and nothing else", async () => {
  const sentinel = closing(await startSentinel());
  const one = await gateway(sentinel.url);
  const [older, newer] = [QUESTIONS.slice(0, 30), QUESTIONS.slice(30)];
  await Promise.all(older.map(one.ask));
  const [primary, replica] = sentinel.servers;
  await eventually(async () => {
    expect(await Promise.all([entries(primary), entries(replica)])).toEqual([30, 30]);
  });
  await sentinel.cutReplica();
  await Promise.all(newer.map(one.ask));
  await eventually(async () => expect(await entries(primary)).toBe(60));
  await primary!.kill();
  await sentinel.promote();
  await eventually(async () => expect(await one.hits(older[0]!)).toBe(true));
  expect(await Promise.all(older.map(one.hits))).not.toContain(false);
  expect(await Promise.all(newer.map(one.hits))).not.toContain(true);
  await askAll(one);
  await eventually(() => allHit(one));
  expect(one.alarms).toEqual([]);
});

test.each(["killed", "frozen"])("a node of a cluster that was %s slows down no question of the others", async (how) => {
  const { url, servers } = closing(await startCluster());
  const one = await gateway(url, { timeoutMs: how === "killed" ? 10_000 : 60 });
  await eventually(async () => {
    await askAll(one);
    await allHit(one);
  });
  const [dead, ...alive] = servers as readonly [Server, Server, Server];
  const ofOthers = (await Promise.all(alive.map(entries))).reduce((sum, count) => sum + count, 0);
  expect(ofOthers).toBeGreaterThan(0);
  expect(ofOthers).toBeLessThan(QUESTIONS.length);

  if (how === "killed") await dead.kill();
  else dead.freeze();
  const under = load([one]);
  await eventually(() => expect(one.reports.at(-1)).toBe("lost"));
  await under.more();
  // Those of the dead node are refused at once, all others hit.
  await eventually(async () => {
    const tried = await Promise.all(QUESTIONS.map((question) => one.store.read(at(question)).catch((error) => error)));
    expect(tried.filter((got) => got instanceof Uint8Array)).toHaveLength(ofOthers);
    expect(tried.filter((got) => got instanceof NotSent)).toHaveLength(QUESTIONS.length - ofOthers);
  });
  if (how === "killed") await dead.restart();
  else dead.thaw();
  await eventually(() => allHit(one));
  await under.stop();
  expect(one.alarms).toEqual([]);
});

test("a cluster of which nothing is left costs no answer, and serves again when it is back", async () => {
  const { url, servers } = closing(await startCluster());
  const one = await gateway(url);
  const under = load([one]);
  await under.more();
  await Promise.all(servers.map((server) => server.kill()));
  await eventually(() => expect(one.reports.at(-1)).toBe("lost"));
  await under.more();
  await Promise.all(servers.map((server) => server.restart()));
  await eventually(() => allHit(one));
  await under.stop();
});
