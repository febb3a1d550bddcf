import { once } from "node:events";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { overloadJudge } from "../../gateway/fairness/overload.ts";
import { turnstile } from "../../gateway/fairness/turnstile.ts";
import { fakeSubgraph } from "../gateway/fake-subgraph.ts";
import { heldBank } from "../gateway/held-banks.ts";
import { closeAll } from "../gateway/started-gateway.ts";
import { ask, connection, post, QUESTION, startAsItIs, startLimited } from "./limited-gateway.ts";

afterEach(closeAll);

const SLOW = { burst: 100, perMinute: 60, registeredPerMinute: 60 };
const AMPLE = { burst: 1_000_000, perMinute: 1_000_000, registeredPerMinute: 1_000_000 };

/** Units of QUESTION to one bank, as a gateway charges them to which next to nothing comes back. */
const priceOfQuestion = async (): Promise<number> => {
  const { url } = await startLimited([fakeSubgraph("a")], { burst: 1000, perMinute: 1, registeredPerMinute: 1 });
  const query = `{ asker { rate { left } } ${QUESTION.slice(1)}`;
  for (let i = 1; i < 30; i += 1) await ask(url);
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  return (1000 - (await response.json()).data.asker.rate.left) / 30;
};

const statuses = (text: string): readonly string[] => text.match(/HTTP\/1\.1 \d+/g) ?? [];

describe("the rate of an asker", () => {
  test("lets a burst through, says when to ask again, and that is true", async () => {
    const { url } = await startLimited([fakeSubgraph("a")], { ...SLOW, perMinute: 600 });
    const most = 100 / (await priceOfQuestion());
    const asked: Awaited<ReturnType<typeof ask>>[] = [];
    // No more at a time than an address has connections.
    while (asked.length < 150) asked.push(...(await Promise.all(Array.from({ length: 30 }, () => ask(url)))));
    const passed = asked.filter(({ status }) => status === 200).length;
    expect(passed).toBeGreaterThanOrEqual(most - 2);
    // What comes back meanwhile: a tenth of a burst in a second.
    expect(passed).toBeLessThanOrEqual(1.5 * most + 1);
    const refused = asked.filter(({ status }) => status !== 200);
    for (const { status, code, retryAfter } of refused)
      expect([status, code, retryAfter]).toEqual([429, "TOO_MANY_REQUESTS", "1"]);
    await sleep(1000);
    expect(await ask(url)).toMatchObject({ status: 200 });
  });

  test("is what Asker.rate says", async () => {
    const { url } = await startLimited([fakeSubgraph("a")], SLOW);
    await ask(url);
    const response = await fetch(
      `${url}/graphql?query=${encodeURIComponent("{ asker { rate { left burst perMinute } } }")}`,
    );
    const { rate } = (await response.json()).data.asker;
    expect(rate).toMatchObject({ burst: 100, perMinute: 60 });
    expect(rate.left).toBeLessThan(99);
    expect(rate.left).toBeGreaterThan(80);
  });

  test("is charged for a path that does not exist, a broken body and a wrong token, but not for /health and /ready", async () => {
    const { url } = await startLimited([fakeSubgraph("a")], SLOW);
    for (let i = 0; i < 60; i += 1) {
      expect((await fetch(`${url}/health`)).status).toBe(200);
      expect((await fetch(`${url}/ready`)).status).toBe(200);
    }
    const until429 = async (send: () => Promise<Response>): Promise<number> => {
      for (let sent = 0; sent < 150; sent += 1) if ((await send()).status === 429) return sent;
      return Number.POSITIVE_INFINITY;
    };
    const headers = { "content-type": "application/json" };
    const wrongToken = { ...headers, authorization: "Bearer a-token-that-nobody-issued" };
    const body = JSON.stringify({ query: QUESTION });
    // Guessing tokens takes nothing from the anonymous askers of the same address.
    expect(await until429(() => fetch(`${url}/graphql`, { method: "POST", headers: wrongToken, body }))).toBeLessThan(
      130,
    );
    expect(await ask(url)).toMatchObject({ status: 200 });
    const broken = () => fetch(`${url}/graphql`, { method: "POST", headers, body: "{" });
    for (let i = 0; i < 50; i += 1) expect((await broken()).status).toBe(400);
    expect(await until429(() => fetch(`${url}/nothing`))).toBeLessThan(80);
    expect(await ask(url)).toMatchObject({ status: 429 });
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  test("is charged for a request whose client leaves at once, and the bank is told to stop", async () => {
    const bank = heldBank("a", 1);
    const { url } = await startLimited([bank], { ...SLOW, burst: 50 });
    for (let i = 0; i < 60; i += 1) {
      const { socket } = connection(url);
      socket.write(
        post(
          JSON.stringify({
            query: `{ search(where: { sample: { collectedYear: { to: ${2000 + i} } } }) { complete } }`,
          }),
        ),
      );
      if (i === 0) await bank.reached;
      else await sleep(10);
      socket.destroy();
    }
    await expect.poll(bank.stopped).toBeDefined();
    expect(await ask(url)).toMatchObject({ status: 429 });
  });

  test("is one for all requests that are pipelined on a connection, and each is answered in order", async () => {
    const { url } = await startLimited([fakeSubgraph("a")], SLOW);
    const most = 100 / (await priceOfQuestion());
    const { socket, text } = connection(url);
    socket.write(post(JSON.stringify({ query: QUESTION })).repeat(300));
    await expect.poll(() => statuses(text()).length, { timeout: 20_000 }).toBe(300);
    const passed = statuses(text()).lastIndexOf("HTTP/1.1 200");
    expect(passed).toBeGreaterThanOrEqual(most - 3);
    expect(passed).toBeLessThan(1.2 * most + 1);
  });
});

test("700 pipelined requests are answered in order, eight of them at a time", async () => {
  let [running, most] = [0, 0];
  const bank = fakeSubgraph("a", {
    readings: async (questions) => {
      running += 1;
      most = Math.max(most, running);
      await setImmediate();
      running -= 1;
      return questions.map(() => ({ understanding: [], lostFacets: [] }));
    },
  });
  const { url } = await startLimited([bank], AMPLE);
  const { socket, text } = connection(url);
  const asked = Array.from(
    { length: 700 },
    (_, i) => `{ n${i}: reading(where: { sample: { collectedYear: { to: ${i + 1000} } } }) { banks { known } } }`,
  );
  socket.write(asked.map((query) => post(JSON.stringify({ query }))).join(""));
  await expect.poll(() => text().match(/"n\d+"/g)?.length, { timeout: 60_000 }).toBe(700);
  expect(text().match(/"n\d+"/g)).toEqual(asked.map((_, i) => `"n${i}"`));
  expect(most).toBeLessThanOrEqual(8);
});

test("one asker has 16 streams over all connections", async () => {
  const { url } = await startLimited([heldBank("a", 1)], AMPLE);
  const body = JSON.stringify({ query: "subscription { search(where: {}) { last } }" });
  const request = post(body).replace("\r\n\r\n", "\r\nAccept: text/event-stream\r\n\r\n");
  const streams = Array.from({ length: 20 }, () => connection(url));
  for (const { socket } of streams) socket.write(request);
  await expect.poll(() => streams.filter(({ text }) => text().includes("HTTP/1.1 200")).length).toBe(16);
  await expect.poll(() => streams.filter(({ text }) => text().includes("HTTP/1.1 429")).length).toBe(4);
  const other = connection(url, "127.0.0.2");
  other.socket.write(request);
  await expect.poll(other.text).toContain("HTTP/1.1 200");
  streams.find(({ text }) => text().includes("HTTP/1.1 200"))!.socket.destroy();
  await sleep(50);
  const next = connection(url);
  next.socket.write(request);
  await expect.poll(next.text).toContain("HTTP/1.1 200");
});

describe("when the event loop is late", () => {
  const block = (ms: number): void => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  };

  test("new requests get 503 and Retry-After, /ready says so, and what runs is answered", async () => {
    const bank = heldBank("a", 1);
    const { url } = await startAsItIs([bank], AMPLE);
    const { socket, text } = connection(url);
    socket.write(post(JSON.stringify({ query: QUESTION })));
    await bank.reached;
    for (let i = 0; i < 4; i += 1) {
      block(300);
      await sleep(1);
    }
    const [refused, ready, health] = await Promise.all([ask(url), fetch(`${url}/ready`), fetch(`${url}/health`)]);
    expect(refused).toEqual({ status: 503, code: "OVERLOADED", retryAfter: "2" });
    expect([ready.status, health.status]).toEqual([503, 200]);
    bank.release();
    await expect.poll(text).toContain('{"complete":true}');
    await expect.poll(async () => (await fetch(`${url}/ready`)).status, { timeout: 20_000 }).toBe(200);
    expect(await ask(url)).toMatchObject({ status: 200 });
  });

  test("one long turn is no overload, and neither is one short turn its end", () => {
    const reports: string[] = [];
    const judge = overloadJudge((what) => reports.push(what));
    let now = 0;
    const sample = (...lateness: readonly number[]): void => {
      for (const lateMs of lateness) {
        now += 25 + lateMs;
        judge.sampled(lateMs, now);
      }
    };
    sample(0, 1500, 3, 400, 0, 199, 199, 199);
    expect([judge.isLate(), reports]).toEqual([false, []]);
    sample(250, 210);
    expect([judge.isLate(), reports]).toEqual([true, ["late"]]);
    sample(0, 0, 0, 0, 0, 150, 0, 0, 300, ...Array.from({ length: 19 }, () => 0));
    expect(judge.isLate()).toBe(true);
    sample(0, 0, 0);
    expect([judge.isLate(), reports]).toEqual([false, ["late", "calm"]]);
  });
});

test("requests are let in one by one, round robin by party, with time for others between them", async () => {
  const { pass } = turnstile();
  const order: string[] = [];
  const come = async (party: string): Promise<void> => {
    await pass(party, 100);
    order.push(party);
  };
  const all = [..."aaaaaabbc"].map(come);
  let turns = 0;
  const counting = (async () => {
    while (order.length < 9) {
      await setImmediate();
      turns += 1;
    }
  })();
  await Promise.all([...all, counting]);
  expect(order.join("")).toBe("aabcabaaa");
  expect(turns).toBeGreaterThanOrEqual(8);
  await setImmediate();
  expect(pass("a", 100)).toBeNull();
});

test("whoever has asked for the least lately goes before those who spend their bursts", async () => {
  const { pass } = turnstile();
  const order: string[] = [];
  const come = async (party: string, left: number): Promise<void> => {
    await pass(party, left);
    order.push(party);
  };
  const hostile = Array.from({ length: 10 }, (_, i) => Promise.all([come(`h${i}`, 50), come(`h${i}`, 20)]));
  await Promise.all([...hostile, come("quiet", 190)]);
  // The first came when nobody waited.
  expect(order.indexOf("quiet")).toBe(1);
  expect(order).toHaveLength(21);
});

test("a client that leaves while it waits for its turn is not asked for", async () => {
  const bank = heldBank("a", 1);
  const { url } = await startLimited([bank], AMPLE);
  const { socket } = connection(url);
  await once(socket, "connect");
  const query = (i: number) =>
    post(
      JSON.stringify({ query: `{ search(where: { sample: { collectedYear: { to: ${2000 + i} } } }) { complete } }` }),
    );
  socket.write(Array.from({ length: 50 }, (_, i) => query(i)).join(""));
  await bank.reached;
  socket.destroy();
  await sleep(300);
  expect(bank.asked.filter(({ field }) => field === "answers").length).toBeLessThanOrEqual(8);
});
