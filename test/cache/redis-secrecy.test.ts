import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { createAnswers } from "../../cache/answers.ts";
import { redisStore } from "../../cache/redis.ts";
import { type Entry, sealWith } from "../../cache/seal.ts";
import type { StoreKey } from "../../cache/store.ts";
import { realClock } from "../../net/clock.ts";
import { eventually, type Server, type Servers, startSingle } from "../redis.ts";

let servers: Servers;
let redis: Server;
beforeAll(async () => {
  servers = await startSingle();
  redis = servers.servers[0]!;
});
beforeEach(() => redis.call("FLUSHALL"));
afterAll(() => servers?.[Symbol.asyncDispose]());

const [OLDER, NEWER] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
type Ring = readonly [Uint8Array, ...Uint8Array[]];

/** A gateway with an empty memory, so that whatever is not in Redis is a fill. */
const gateway = async (keys: Ring) => {
  const alarms: string[] = [];
  const store = redisStore({ url: servers.url, names: keys, report: () => undefined, timeoutMs: 10_000 });
  const answers = createAnswers({
    clock: realClock,
    maxBytes: 1,
    shared: store,
    seal: sealWith(...keys),
    alarm: (what) => alarms.push(what),
  });
  onTestFinished(() => answers[Symbol.asyncDispose]());
  await eventually(() => store.read(at("none")));
  let fills = 0;
  const ask = async (key: StoreKey, entry: Entry): Promise<unknown> => {
    const fill = async (): Promise<Entry> => {
      fills += 1;
      return entry;
    };
    return (await answers.get(key, fill, new AbortController().signal))?.value;
  };
  return { ask, answers, store, alarms, fills: () => fills };
};

/** Long enough not to come about by chance. */
const BANKS = ["biobank-japan", "tohoku-medical"];
const QUESTION = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const at = (question = QUESTION, group = "bbj", edition = "7-0123456789abcdef.2"): StoreKey => ({
  group,
  question,
  edition,
});
const answer = (min: number, codes = 1): Entry => ({
  value: {
    donors: { min, max: min },
    cells: Array.from({ length: codes }, (_, i) => ({ code: `ICD10:E${10 + i}`, min, max: min + i })),
  },
  size: 1,
  tookMs: 4321,
});

/** Every key and value of the server, as one text. */
const wholeRedis = async (): Promise<string> => {
  const keys = (await redis.call("KEYS", "*")) as string[];
  const values = await Promise.all(keys.map((key) => redis.call("GET", key)));
  return [...keys, ...values].join("\n");
};

/** What somebody sees who watches the server, until the test ends. */
const watch = async (): Promise<() => string> => {
  const socket = connect(redis.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let seen = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    seen += text;
  });
  socket.write("MONITOR\r\n");
  await once(socket, "data");
  return () => seen;
};

// Counts lay open, and the hash of a question could be tried out.
test("whoever reads or watches Redis finds no bank, edition, question, code or count", async () => {
  const seen = await watch();
  const one = await gateway([OLDER]);
  const counts = [123_456_789, 987_654_321, 444_444_444];
  for (const [i, count] of counts.entries()) {
    for (const bank of BANKS) await one.ask(at(`${i}${QUESTION}`, bank), answer(count, 1 + 40 * i));
  }
  await eventually(async () => expect(await redis.call("KEYS", "*:k:*")).toEqual([]));
  await eventually(async () => expect(await redis.call("DBSIZE")).toBe(6));
  for (const bank of BANKS) for (const i of [0, 1, 2]) await one.ask(at(`${i}${QUESTION}`, bank), answer(0));
  expect(one.fills()).toBe(6);
  const everything = `${await wholeRedis()}\n${seen()}`;
  expect(everything).toContain("odan:{");
  const secret = [...BANKS, QUESTION, "0123456789abcdef", "ICD10", "donors", ...counts.map(String)];
  for (const text of secret) expect(everything.includes(text), text).toBe(false);
});

test("equal questions of two banks, and equal answers, look like any others", async () => {
  const one = await gateway([OLDER]);
  for (const group of ["bbj", "tmm"])
    for (const question of ["a", "b"]) await one.ask(at(question, group), answer(120));
  await eventually(async () => expect(await redis.call("DBSIZE")).toBe(4));
  const keys = (await redis.call("KEYS", "*")) as string[];
  expect(new Set(keys.map((key) => key.split(".")[1]!.split("}")[0])).size).toBe(4);
  expect(new Set(keys.map((key) => key.split(":e:")[1])).size).toBe(4);
  const values = await Promise.all(keys.map((key) => redis.call("GET", key)));
  expect(new Set(values.map((value) => String(value).slice(0, 8))).size).toBe(4);
});

test("lengths do not tell one count from another", async () => {
  const one = await gateway([OLDER]);
  const entries = [answer(0), answer(7), answer(1234), answer(987_654_321), answer(5, 8)];
  for (const [i, entry] of entries.entries()) await one.ask(at(`${i}`), entry);
  await eventually(async () => expect(await redis.call("DBSIZE")).toBe(entries.length));
  const keys = (await redis.call("KEYS", "*")) as string[];
  const lengths = await Promise.all(keys.map((key) => redis.call("STRLEN", key)));
  expect(new Set(lengths).size).toBe(1);
});

test("an entry under the name of another bank's or question's is no answer to it", async () => {
  const one = await gateway([OLDER]);
  await one.ask(at("a"), answer(1));
  await one.ask(at("a", "tmm"), answer(2));
  await eventually(async () => expect(await redis.call("DBSIZE")).toBe(2));
  const [first, second] = (await redis.call("KEYS", "*")) as [string, string];
  await redis.call("COPY", first, second, "REPLACE");
  expect(await one.ask(at("a"), answer(1))).toEqual(answer(1).value);
  expect(await one.ask(at("a", "tmm"), answer(2))).toEqual(answer(2).value);
  expect(one.alarms).toEqual(["forged"]);
});

test("after a change of keys what the older one has sealed answers, and moves to the first one's name", async () => {
  const before = await gateway([OLDER]);
  await before.ask(at("a"), answer(1));
  await before.ask(at("b"), answer(2));
  await eventually(async () => expect(await redis.call("DBSIZE")).toBe(2));
  const both = await gateway([NEWER, OLDER]);
  expect(await both.ask(at("a"), answer(0))).toEqual(answer(1).value);
  expect((await both.answers.peek(at("b")))?.value).toEqual(answer(2).value);
  expect(both.fills()).toBe(0);
  await eventually(async () => expect(await redis.call("DBSIZE")).toBe(3));
  const after = await gateway([NEWER]);
  expect(await after.ask(at("a"), answer(0))).toEqual(answer(1).value);
  expect(await after.ask(at("b"), answer(2))).toEqual(answer(2).value);
  expect(after.fills()).toBe(1);
  // A gateway that has yet to put the newer key first reads what others write under it.
  const behind = await gateway([OLDER, NEWER]);
  await after.ask(at("c"), answer(3));
  await eventually(async () => expect((await behind.answers.peek(at("c")))?.value).toEqual(answer(3).value));
  expect([both, after, behind].flatMap(({ alarms }) => alarms)).toEqual([]);
});

test("what is withdrawn goes under the names of every key", async () => {
  const before = await gateway([OLDER]);
  const both = await gateway([NEWER, OLDER]);
  for (const { ask } of [before, both]) {
    for (const edition of ["7-x.1", "7-x.2"]) await ask(at(`${ask === before.ask}`, "bbj", edition), answer(1));
    await ask(at(`${ask === before.ask}`, "tmm", "7-x.1"), answer(1));
  }
  await eventually(async () => expect(await redis.call("DBSIZE")).toBe(6));
  await both.store.sweep("bbj", (edition) => edition === "7-x.2");
  expect(await redis.call("DBSIZE")).toBe(4);
  expect(await both.store.read(at("true", "bbj", "7-x.1"))).toBeNull();
  expect(await both.store.read(at("true", "bbj", "7-x.2"))).not.toBeNull();
});
