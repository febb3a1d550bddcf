import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { Client, fetchExchange } from "@urql/core";
import { createClient } from "graphql-sse";
import { afterEach, describe, expect, test } from "vitest";
import { failure } from "./fake-subgraph.ts";
import { threeBanks } from "./held-banks.ts";
import { closeAll, start, toClose } from "./started-gateway.ts";

afterEach(closeAll);

const SUBSCRIPTION = `subscription Follow($where: Where!) { search(where: $where) {
  answers { bank { id } status donors { min max } }
  search { id donors { min max because } waiting complete banks { bank { id } status } }
  last
} }`;

/** What the tests read of an answer, whatever was selected. */
type Bank = {
  readonly bank: { readonly id: string };
  readonly status?: string;
  readonly release?: { readonly id: string } | null;
};
type Data = {
  readonly search: {
    readonly id: string;
    readonly donors?: { readonly min: number };
    readonly banks: readonly Bank[];
    readonly answers: readonly Bank[];
    readonly search: { readonly id: string };
    readonly last: boolean;
  };
};

/** Reads values one by one as they come. */
const reader = <T>(values: AsyncIterable<T>) => {
  const iterator = values[Symbol.asyncIterator]();
  return {
    next: async (): Promise<T> => {
      const { value, done } = await iterator.next();
      if (done) throw new Error("wanted one more, got the end");
      return value;
    },
    ended: async (): Promise<boolean> => (await iterator.next()).done === true,
    leave: async () => iterator.return?.(),
  };
};

type Part = {
  readonly data?: Data | null;
  readonly incremental?: readonly {
    readonly path: readonly (string | number)[];
    readonly data?: object | null;
    readonly items?: readonly unknown[] | null;
  }[];
};

/** What a client of the graphql-sse package hears, against the endpoint itself: it leaves putting parts together to us. */
const overSse = (url: string, query: string, variables: Record<string, unknown> = {}) => {
  const client = createClient({ url: `${url}/graphql`, retryAttempts: 0 });
  const parts = client.iterate({ query, variables }) as AsyncIterable<Part>;
  async function* values() {
    let whole: Data | undefined;
    for await (const part of parts) {
      if (part.data) whole = part.data;
      for (const { path, data, items } of part.incremental ?? []) {
        const at = (keys: typeof path) =>
          keys.reduce<unknown>((value, key) => Reflect.get(value as object, key), whole);
        if (data) Object.assign(at(path) as object, data);
        if (items) (at(path.slice(0, -1)) as unknown[]).push(...items);
      }
      yield structuredClone(whole!);
    }
  }
  return reader(values());
};

/** What urql hears, over fetch. */
const overUrql = (url: string, query: string, variables: Record<string, unknown> = {}) => {
  const exchanges = [fetchExchange];
  const client = new Client({ url: `${url}/graphql`, preferGetMethod: false, exchanges, fetchSubscriptions: true });
  const isSubscription = query.startsWith("subscription");
  const source = isSubscription ? client.subscription(query, variables) : client.query(query, variables);
  const heard: Data[] = [];
  let wake = () => {};
  let over = false;
  source.subscribe(({ data, error, hasNext }) => {
    if (error !== undefined) throw error;
    over = !hasNext;
    // It says the last event again when it ends.
    if (!(over && isSubscription)) heard.push(structuredClone(data));
    wake();
  });
  async function* values() {
    while (heard.length > 0 || !over) {
      if (heard.length > 0) yield heard.shift()!;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return reader(values());
};

/** A proxy that hands on what it gets as it gets it. */
const proxyOf = async (url: string): Promise<string> => {
  const { port } = new URL(url);
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const onward = httpRequest({ port, method, path, headers }, (response) => {
      outgoing.writeHead(response.statusCode!, response.headers);
      response.pipe(outgoing);
      outgoing.on("close", () => response.destroy());
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  toClose(async () => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const WAITING = { status: "WAITING" };
const ANSWERED = { status: "ANSWERED" };

describe.each([
  ["graphql-sse", overSse, false],
  ["urql", overUrql, false],
  ["graphql-sse through a proxy", overSse, true],
  ["urql through a proxy", overUrql, true],
] as const)("a subscription over %s", (_, over, proxied) => {
  test("brings each bank's answer while the others are still held back", async () => {
    const [a, b, c] = threeBanks();
    const { url } = await start([a, b, c]);
    const events = over(proxied ? await proxyOf(url) : url, SUBSCRIPTION, { where: {} });
    const next = async () => (await events.next()).search;
    const first = next();
    await Promise.all([a.reached, b.reached, c.reached]);
    b.release();
    expect(await first).toMatchObject({
      answers: [{ bank: { id: "b" }, ...ANSWERED, donors: { min: 2, max: 2 } }],
      search: {
        donors: { min: 2, max: 202, because: ["BANK_WAITING"] },
        waiting: 2,
        complete: false,
        banks: [WAITING, ANSWERED, WAITING],
      },
      last: false,
    });
    c.release();
    expect(await next()).toMatchObject({
      answers: [{ bank: { id: "c" } }],
      search: { donors: { min: 6, max: 106 }, waiting: 1, banks: [WAITING, ANSWERED, ANSWERED] },
      last: false,
    });
    a.release(() => failure("BANK_BUSY"));
    const last = await next();
    expect(last).toMatchObject({
      answers: [{ bank: { id: "a" }, status: "BUSY", donors: { min: 0, max: 100 } }],
      search: { donors: { min: 6, max: 106, because: ["BANK_SILENT"] }, waiting: 0, complete: false },
      last: true,
    });
    expect(last.search.id).toBe((await first).search.id);
    expect(await events.ended()).toBe(true);
  });
});

const STREAMED = `query Stream($where: Where!) { search(where: $where) {
  id question { where } banks @stream { bank { id } status donors { min } } ... @defer { donors { min max exact } waiting complete }
} }`;
const DEFERRED = `query Defer($where: Where!) { search(where: $where) {
  id banks { bank { id } ... @defer { status donors { min } release { id } } } ... @defer { donors { min max exact } waiting complete }
} }`;

/** Reads on until all is there. */
const wholeOf = async (parts: { readonly next: () => Promise<Data> }): Promise<Data["search"]> => {
  for (;;) {
    const { search } = await parts.next();
    if (search.donors !== undefined && search.banks.length === 3 && search.banks.every(({ status }) => status))
      return search;
  }
};

describe.each([
  ["graphql-sse", overSse],
  ["urql", overUrql],
] as const)("@stream and @defer over %s", (_, over) => {
  test("banks stream in the order in which they answer, the totals come when all have", async () => {
    const [a, b, c] = threeBanks();
    const { url } = await start([a, b, c]);
    const parts = over(url, STREAMED, { where: {} });
    expect(await parts.next()).toMatchObject({
      search: { id: expect.any(String), question: { where: {} }, banks: [] },
    });
    const ids = ({ search }: Data) => search.banks.map(({ bank }) => bank.id);
    c.release();
    const first = await parts.next();
    expect(ids(first)).toEqual(["c"]);
    expect(first.search).not.toHaveProperty("donors");
    a.release();
    expect(ids(await parts.next())).toEqual(["c", "a"]);
    b.release();
    expect(await wholeOf(parts)).toMatchObject({
      banks: [{ donors: { min: 4 } }, { donors: { min: 1 } }, { donors: { min: 2 } }],
      donors: { min: 7, max: 7, exact: true },
      waiting: 0,
      complete: true,
    });
  });

  test("deferred answers come in the order in which the banks answer, into a list that is there at once", async () => {
    const [a, b, c] = threeBanks();
    const { url } = await start([a, b, c]);
    const parts = over(url, DEFERRED, { where: {} });
    const statuses = ({ search }: Data) => search.banks.map(({ bank, status }) => `${bank.id} ${status}`);
    expect(statuses(await parts.next())).toEqual(["a undefined", "b undefined", "c undefined"]);
    b.release();
    expect(statuses(await parts.next())).toEqual(["a undefined", "b ANSWERED", "c undefined"]);
    a.release();
    c.release();
    const whole = await wholeOf(parts);
    expect(whole.donors).toEqual({ min: 7, max: 7, exact: true });
    expect(whole.banks.map(({ release }) => release?.id)).toEqual(["a@1", "b@1", "c@1"]);
  });
});
