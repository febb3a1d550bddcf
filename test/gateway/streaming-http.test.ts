import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { answered, fakeSubgraph } from "./fake-subgraph.ts";
import { countsOf, heldBank, threeBanks } from "./held-banks.ts";
import { closeAll, start, toClose } from "./started-gateway.ts";

afterEach(closeAll);

const FOLLOW = "subscription Follow { search(where: {}) { answers { bank { id } } last } }";
const SSE = "text/event-stream";

const requestOf = (query: string, accept = SSE): string => {
  const body = JSON.stringify({ query });
  const headers = `Content-Type: application/json\r\nAccept: ${accept}\r\nContent-Length: ${Buffer.byteLength(body)}`;
  return `POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n${headers}\r\n\r\n${body}`;
};

/** A connection whose bytes are read as they come. */
const connection = (url: string) => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  toClose(async () => socket.destroy());
  return { socket, text: () => text, ask: (...requests: readonly string[]) => void socket.write(requests.join("")) };
};

const post = (url: string, query: string, accept = SSE) =>
  fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept },
    body: JSON.stringify({ query }),
  });

/** The data of the events. */
const eventsOf = <T>(text: string): readonly T[] =>
  [...text.matchAll(/^data: (.+)$/gm)].map(([, json]) => JSON.parse(json!));

describe("bytes", () => {
  test("an event is on the wire while other banks are held back, and nothing compresses or collects it", async () => {
    const [a, b, c] = threeBanks();
    const { url } = await start([a, b, c]);
    const { text, ask } = connection(url);
    ask(requestOf(FOLLOW));
    await expect.poll(text).toContain("\n:\n\n");
    b.release();
    await expect.poll(text).toContain('{"answers":[{"bank":{"id":"b"}}],"last":false}');
    const head = text().split("\r\n\r\n")[0]!.toLowerCase();
    expect(head).toMatch(/^http\/1\.1 200/);
    for (const line of ["content-type: text/event-stream", "x-accel-buffering: no", "content-encoding: none"])
      expect(head).toContain(line);
    a.release();
    c.release();
    await expect.poll(text).toContain("event: complete");
    expect(text().match(/event: next/g)!.length).toBeLessThanOrEqual(3);
  });

  // The executor dropped the parts that had failed and waited for them: the stream was cut after a minute, without an error.
  test("of a streamed list whose items all fail come with the errors, and the stream ends", async () => {
    const { url } = await start([fakeSubgraph("a"), fakeSubgraph("b")]);
    const query = '{ banks @stream(initialCount: 0) { id availability(where: { centre: ["none"] }) { status } } }';
    const text = await (await post(url, query, "multipart/mixed")).text();
    const parts = [...text.matchAll(/^\{.*\}$/gm)].map(([json]) => JSON.parse(json!));
    const failed = parts.flatMap(({ incremental = [] }) => incremental);
    expect(failed.map(({ items, path }) => ({ items, path }))).toEqual([
      { items: null, path: ["banks", 0] },
      { items: null, path: ["banks", 1] },
    ]);
    for (const { errors } of failed) expect(errors[0].extensions).toMatchObject({ code: "BAD_QUESTION" });
    expect(parts.at(-1)).toMatchObject({ hasNext: false });
  });

  test("of a streamed query come in parts as well, as multipart or as events", async () => {
    for (const [accept, type] of [
      [SSE, "text/event-stream"],
      ["multipart/mixed", "multipart/mixed"],
      ["*/*", "multipart/mixed"],
    ]) {
      const [a, b, c] = threeBanks();
      const { url } = await start([a, b, c]);
      const { text, ask } = connection(url);
      ask(
        requestOf(
          "{ search(where: {}) { id banks @stream(initialCount: 1) { bank { id } } ... @defer { complete } } }",
          accept,
        ),
      );
      c.release();
      await expect.poll(text).toMatch(/"banks":\[\{"bank":\{"id":"c"\}\}\]\}\},"hasNext":true\}/);
      expect(text().toLowerCase()).toContain(`content-type: ${type}`);
      b.release();
      await expect.poll(text).toContain('"items":[{"bank":{"id":"b"}}],"path":["search","banks",1]');
      expect(text()).not.toContain('"complete"');
      a.release();
      await expect.poll(text).toContain('{"data":{"complete":true},"path":["search"]}');
    }
  });

  test("a browser's EventSource asks by GET", async () => {
    const { url } = await start([fakeSubgraph("a")]);
    const response = await fetch(`${url}/graphql?query=${encodeURIComponent(FOLLOW)}`, { headers: { accept: SSE } });
    expect(eventsOf(await response.text())).toEqual([
      { data: { search: { answers: [{ bank: { id: "a" } }], last: true } } },
    ]);
  });

  test("whoever takes only whole answers gets no subscription", async () => {
    const { url } = await start([fakeSubgraph("a")]);
    expect((await post(url, FOLLOW, "application/json")).status).toBe(406);
  });
});

describe("in parts is the same as at once", () => {
  const ASKED = 'search(where: { sex: [FEMALE] }, facets: [{ by: SEX, first: 1 }, { by: USE, values: ["ACADEMIC"] }])';
  const FACETS =
    "facets { by more cells { by { value label { ja } } counts { donors { min max exact because } } } unlisted { samples { max } } }";
  const BANK = `id bank { id name { en } } status donors { min } samples { max } ${FACETS} understanding { verdict criterion { path } } release { id bank } staleSince problem { code }`;
  const LIVE = "bank { id release { id bank date kind } availability(where: {}) { donors { min } } }";

  /** Puts the parts together and sorts the banks. */
  const whole = async (url: string, query: string): Promise<unknown> => {
    const parts = eventsOf(await (await post(url, query)).text()) as readonly {
      readonly data?: unknown;
      readonly errors?: unknown;
      readonly incremental?: readonly {
        path: readonly (string | number)[];
        data?: object;
        items?: unknown[];
        errors?: unknown;
      }[];
    }[];
    const data = parts[0]!.data;
    for (const part of parts) {
      expect(part.errors).toBeUndefined();
      for (const { path, data: more, items, errors } of part.incremental ?? []) {
        expect(errors).toBeUndefined();
        const at = (keys: typeof path) => keys.reduce<unknown>((value, key) => Reflect.get(value as object, key), data);
        if (more !== undefined) merge(at(path), more);
        if (items !== undefined) (at(path.slice(0, -1)) as unknown[]).push(...items);
      }
    }
    const { search } = data as { search?: { banks?: { bank: { id: string } }[] } };
    search?.banks?.sort((a, b) => (a.bank.id < b.bank.id ? -1 : 1));
    return data;
  };
  const merge = (into: unknown, more: object): void => {
    for (const [key, value] of Object.entries(more)) {
      const before = (into as Record<string, unknown>)[key];
      if (typeof before === "object" && before !== null && typeof value === "object" && value !== null)
        merge(before, value);
      else (into as Record<string, unknown>)[key] = value;
    }
  };

  test.each([
    ["banks streamed", `{ ${ASKED} { id banks @stream { ${BANK} } donors { min max } } }`],
    [
      "banks streamed, their breakdowns deferred",
      `{ ${ASKED} { banks @stream { bank { id } ... @defer { ${FACETS} } } } }`,
    ],
    ["a part of every bank deferred", `{ ${ASKED} { banks { bank { id } ... @defer { ${BANK} } } } }`],
    [
      "the totals deferred",
      `{ ${ASKED} { id question { where } ... @defer { donors { min } people { max because } samples { min } ${FACETS} waiting complete } } }`,
    ],
    ["the search deferred", `{ limits { depth } ... @defer { ${ASKED} { id banks { ${BANK} } } } }`],
    [
      "by a named fragment",
      `{ ${ASKED} { ...Totals @defer(label: "totals") } } fragment Totals on Search { donors { min } banks { ...One @defer } } fragment One on BankAnswer { ${BANK} }`,
    ],
    ["what the bank itself says, deferred", `{ banks { id ... @defer { ${LIVE.slice(7, -2)} } } }`],
    [
      "what the bank itself says, deferred within",
      "{ banks { id release { id ... @defer { now: date kind } } again: release { ...R @defer } } } fragment R on Release { bank kind }",
    ],
    [
      "the same below an answer",
      `{ ${ASKED} { banks @stream { bank { id release { ... @defer { kind } } } ... @defer { ${LIVE} release { ... @defer { kind } } } } } }`,
    ],
    ["nothing at all", `{ ${ASKED} { ... @defer(if: false) { waiting complete } banks { ${BANK} } donors { min } } }`],
    [
      "nothing, for the condition does not hold",
      `{ ${ASKED} { banks @stream(if: false) { bank { id } ... @defer(if: false) { status } } donors { min } } }`,
    ],
  ])("%s", async (_, query) => {
    const subgraphs = [3, 1, 2].map((n) =>
      fakeSubgraph(`bank-${n}`, { answers: (question) => answered(`bank-${n}`, countsOf(question, n)) }),
    );
    const { url } = await start(subgraphs);
    const plain = query.replace(/@(defer|stream)(\([^)]*\))?/g, "");
    const { data, errors } = await (await post(url, plain, "application/json")).json();
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data)).not.toContain('"release":null');
    expect(await whole(url, query)).toEqual(data);
  });
});

test("a subscription may defer parts of its events", async () => {
  const [a] = threeBanks();
  const { url } = await start([a]);
  a.release();
  const query =
    "subscription { search(where: {}) { last answers { bank { id } ... @defer { bank { release { id } } donors { min } } } } }";
  const [first, ...rest] = eventsOf<{ hasNext: boolean; data?: unknown }>(await (await post(url, query)).text());
  expect(first).toEqual({ data: { search: { last: true, answers: [{ bank: { id: "a" } }] } }, hasNext: true });
  expect(JSON.stringify(rest)).toContain('"data":{"bank":{"release":{"id":"a@1"}},"donors":{"min":1}}');
  expect(rest.at(-1)!.hasNext).toBe(false);
});

describe("faults", () => {
  test("of the asker: the subscription says where", async () => {
    const { url } = await start([fakeSubgraph("a")]);
    const response = await post(url, 'subscription { search(where: {}, banks: ["zzz"]) { last } }');
    const [event] = eventsOf(await response.text());
    expect([response.status, event]).toMatchObject([
      200,
      { errors: [{ extensions: { code: "UNKNOWN_BANK", at: "banks[0]" } }] },
    ]);
  });

  test("of ours, in a part that is deferred: only a reference goes out, the log has the rest", async () => {
    const gateway = await start([fakeSubgraph("a")], {
      now: () => {
        throw new TypeError("secret detail");
      },
    });
    const response = await post(gateway.url, "{ limits { depth } ... @defer { search(where: {}) { id } } }");
    const text = await response.text();
    expect(text).toContain("FAULT_OF_OURS");
    expect(text).not.toContain("secret");
    expect(text).not.toContain('"http"');
    expect(gateway.lines).toContainEqual(
      expect.objectContaining({ err: expect.objectContaining({ message: "secret detail" }) }),
    );
    await expect
      .poll(() => gateway.lines.filter(({ msg }) => msg === "request"))
      .toMatchObject([{ errorCodes: ["FAULT_OF_OURS"] }]);
  });

  test("in the totals of an event do not end the connection", async () => {
    const [a] = threeBanks();
    const options = {
      tokens: {
        read: () => new Map(),
        write: () => {
          throw new TypeError("secret detail");
        },
      },
    };
    const { url } = await start([a], options);
    a.release();
    const text = await (await post(url, FOLLOW)).text();
    expect(text).not.toContain("secret");
    expect(eventsOf(text)).toMatchObject([{ errors: [{ extensions: { code: "FAULT_OF_OURS" } }] }]);
    expect(text).toContain("event: complete");
  });
});

describe("limits", () => {
  test("a subscription costs what all its events do", async () => {
    const { url } = await start([fakeSubgraph("a"), fakeSubgraph("b")]);
    const asked = (n: number) => {
      const fields = Array.from({ length: n }, (_, i) => `a${i}: availability(where: {}) { status }`);
      return `subscription { search(where: {}) { answers { bank { ${fields.join(" ")} } } } }`;
    };
    expect(await (await post(url, asked(10))).text()).not.toContain("errors");
    expect(await (await post(url, asked(13))).text()).toContain("TOO_COSTLY");
  });

  test("streams on one connection", async () => {
    const a = heldBank("a", 1);
    const b = fakeSubgraph("b");
    const { url } = await start([a, b]);
    const { text, ask } = connection(url);
    const counted = (bank: typeof a | typeof b) => bank.asked.filter(({ field }) => field === "answers").length;
    const follow = (year: number) =>
      `subscription { search(where: { sample: { collectedYear: { from: ${year} } } }, banks: ["a"]) { last } }`;
    ask(...[2001, 2002, 2003, 2004].map((year) => requestOf(follow(year))));
    await expect.poll(() => counted(a)).toBe(4);
    ask(requestOf(follow(2005)), requestOf('{ search(where: {}, banks: ["b"]) { complete } }', "application/json"));
    await expect.poll(() => counted(b)).toBe(1);
    a.release();
    await expect.poll(text).toContain('"complete":true');
    expect(text().match(/event: next\ndata: {"data":/g)).toHaveLength(4);
    expect(text().match(/TOO_MANY_REQUESTS/g)).toHaveLength(1);
    expect(text()).toContain("HTTP/1.1 429");
    expect(counted(a)).toBe(4);
    // Those that ended are not counted any more.
    ask(requestOf(follow(2006)));
    await expect.poll(() => text().match(/event: next\ndata: {"data":/g)?.length).toBe(5);
  });
});

describe("readers", () => {
  const resources = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

  test.each([
    ["a subscription", FOLLOW],
    ["a query in parts", "{ search(where: {}) { banks @stream { bank { id } } ... @defer { donors { min } } } }"],
  ])("one who leaves %s: the banks are told, the log says so, nothing stays behind", async (_, query) => {
    const [a, b, c] = threeBanks();
    const gateway = await start([a, b, c]);
    const before = resources();
    const { socket, text, ask } = connection(gateway.url);
    ask(requestOf(query));
    await Promise.all([a.reached, b.reached, c.reached]);
    a.release();
    await expect.poll(text).toContain('"id":"a"');
    socket.destroy();
    await expect.poll(() => [b, c].map((bank) => bank.stopped() !== undefined)).toEqual([true, true]);
    await expect
      .poll(() => gateway.lines.filter(({ msg }) => msg === "request"))
      .toMatchObject([{ gone: true, status: 200 }]);
    await expect.poll(resources).toBeLessThanOrEqual(before);
    expect(gateway.lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  test("many banks are no reason for a warning", async () => {
    const warnings: string[] = [];
    const warned = ({ name }: Error) => void warnings.push(name);
    process.on("warning", warned);
    toClose(async () => process.off("warning", warned));
    const { url } = await start(Array.from({ length: 12 }, (_, i) => fakeSubgraph(`bank-${i}`)));
    for (const query of [
      FOLLOW,
      "{ search(where: {}) { banks @stream { status } complete } }",
      "{ search(where: {}) { complete } }",
    ]) {
      expect(await (await post(url, query, "*/*")).text()).not.toContain("errors");
    }
    // Warnings come in a turn of their own.
    await setImmediate();
    expect(warnings).not.toContain("MaxListenersExceededWarning");
  });

  test("one who does not read: no more events are made than the connection holds", async () => {
    const banks = Array.from({ length: 24 }, (_, i) => heldBank(`bank-${String(i).padStart(2, "0")}`, i));
    let made = 0;
    // Each event is a megabyte.
    const write = () => {
      made += 1;
      return String(made).padEnd(2 ** 20, "x");
    };
    const options = { tokens: { read: () => new Map(), write } };
    const { url } = await start(banks, options);
    const { socket, text, ask } = connection(url);
    ask(requestOf("subscription { search(where: {}) { search { snapshot { token } } answers { bank { id } } last } }"));
    banks[0]!.release();
    await expect.poll(() => text().length).toBeGreaterThan(100_000);
    socket.pause();
    for (const bank of banks.slice(1)) {
      bank.release();
      await expect.poll(() => bank.asked.some(({ field }) => field === "answers")).toBe(true);
    }
    socket.resume();
    await expect.poll(text, { timeout: 60_000 }).toContain("event: complete");
    const events = eventsOf<{ data: { search: { answers: unknown[] } } }>(text());
    expect(events.flatMap(({ data }) => data.search.answers)).toHaveLength(24);
    expect(made).toBe(events.length);
    // The kernel's buffers hold a few.
    expect(made).toBeLessThanOrEqual(banks.length / 2);
  });
});
