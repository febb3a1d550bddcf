import { afterEach, describe, expect, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import { openAskers } from "../../gateway/askers/askers.ts";
import type { BankLink } from "../../gateway/banks/link.ts";
import { openBanks } from "../../gateway/banks/open.ts";
import { overHttp } from "../../gateway/banks/over-http.ts";
import { startGateway } from "../../gateway/http/server.ts";
import { LONGEST_LEASE_MS, LONGEST_PUBLISH_MS } from "../../gateway/limits.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Release } from "../../schema/release.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { type ServedSubgraph, serveSubgraph } from "../../subgraphs/serve/server.ts";
import { createSubgraph, type Subgraph } from "../../subgraphs/serve/subgraph.ts";
import { gatewayOf, memoryLog } from "./fake-subgraph.ts";
import { inProcess } from "./in-process.ts";

const SECRET = "a-token-of-the-operator";
const running: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.close();
});

const mapping = parseMapping(
  `id: small
name: { en: Small Bank }
contact: { name: Office, email: office@small.example }
size: { donors: 100 }
adapter: { kind: tabular }
release: { announced: true }
disclosure: { off: true }
`,
  "bank.yaml",
  {},
);

/** A bank whose local API holds the release that the test says: release n counts n donors. */
const bankOf = () => {
  const state = { number: 1, up: true };
  const release = (): Release => ({ id: `small@${state.number}`, date: "2026-04-01", kind: "ANNOUNCED" });
  const adapter: Adapter = {
    capabilities: {
      counts: ["DONORS", "SAMPLES"],
      donors: { logic: "boolean" },
      samples: { logic: "boolean" },
      fields: {},
      facets: [],
    },
    release: async () => {
      if (!state.up) throw new BankError("BANK_UNREACHABLE", "small", "down");
      return release();
    },
    count: async (questions, asOf) =>
      questions.map(() =>
        asOf.id === release().id
          ? { donors: { min: state.number, max: state.number }, samples: { min: 7, max: 7 } }
          : new BankError("BANK_GONE", "small", `wanted ${asOf.id}`),
      ),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { state, subgraph: createSubgraph(mapping, async () => adapter, { leaseMs: 50 }) };
};
const isToken = (token: string) => token === SECRET;
const serve = async (subgraph: Subgraph): Promise<ServedSubgraph> => {
  const served = await serveSubgraph(subgraph, { port: 0, host: "127.0.0.1", isToken, fault: () => undefined });
  running.push({ close: async () => served.close() });
  return served;
};
const gatewayBefore = async (...banks: readonly BankLink[]): Promise<string> => {
  const { log } = memoryLog();
  const options = { port: 0, host: "127.0.0.1", cors: [], deadlineMs: 5000, log };
  const askers = openAskers({ isOperatorToken: isToken, log });
  const gateway = await startGateway({ ...options, ...gatewayOf([]), banks, askers });
  running.push(gateway);
  return `${gateway.url}/graphql`;
};

const post = async (url: string, query: string, variables: object = {}, token?: string) => {
  const accept = "application/graphql-response+json";
  const headers = { accept, "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return { status: response.status, ...(await response.json()) };
};
const PUBLISH = `mutation($bank: ID!, $number: String!, $size: SizeInput, $purge: Boolean!) {
  publishRelease(bank: $bank, release: { number: $number, date: "2026-04-01", size: $size }, purge: $purge) { id bank date kind }
}`;
const publish = (url: string, number: string, token: string | undefined = SECRET, more: object = {}) =>
  post(url, PUBLISH, { bank: "small", number, purge: false, ...more }, token);
const search = async (url: string) => {
  const query =
    "{ search(where: {}) { banks { status release { id } donors { min max } bank { size { donors } } } snapshot { token } } }";
  const { data } = await post(url, query);
  return { ...data.search.banks[0], token: data.search.snapshot.token };
};

const WAYS: { readonly [way: string]: (subgraph: Subgraph) => Promise<string> } = {
  "a gateway with the bank inside": (subgraph) => gatewayBefore(inProcess(subgraph)),
  "a gateway before the bank's own process": async (subgraph) =>
    gatewayBefore(overHttp([new URL((await serve(subgraph)).url)])),
};

describe.each(Object.keys(WAYS))("through %s", (way) => {
  const start = async () => {
    const { state, subgraph } = bankOf();
    return { state, url: await WAYS[way]!(subgraph) };
  };

  test.each([
    ["no token", "", "OPERATOR_ONLY"],
    ["a wrong token", "wrong", "SIGN_IN"],
    ["most of the token", SECRET.slice(1), "SIGN_IN"],
  ])("%s is 401, and nothing is published", async (_, token, code) => {
    const { state, url } = await start();
    await search(url);
    state.number = 2;
    const { status, data, errors } = await publish(url, "2", token);
    expect([status, data ?? null, errors[0].extensions.code]).toEqual([401, null, code]);
    expect((await publish(url, "2")).status).toBe(200);
  });

  test("a bank that nobody has is the asker's fault, with a suggestion", async () => {
    const { url } = await start();
    const { status, errors } = await publish(url, "1", SECRET, { bank: "smal" });
    expect([status, errors[0].extensions]).toMatchObject([
      400,
      { code: "UNKNOWN_BANK", at: "bank", suggestions: ["small"] },
    ]);
  });

  test("a number that the local API does not hold is RELEASE_NOT_LOADED, in both languages", async () => {
    const { url } = await start();
    const { status, errors } = await publish(url, "2");
    expect(status).toBe(400);
    expect(errors[0]).toMatchObject({
      message:
        "release: wanted small@2 of 2026-04-01 in the bank's local API, got small@1 of 2026-04-01. Load the release there first",
      extensions: {
        code: "RELEASE_NOT_LOADED",
        at: "release",
        says: { ja: expect.stringContaining("先にリリースを読み込んでください") },
      },
    });
  });

  test("a local API that is down is the bank's fault", async () => {
    const { state, url } = await start();
    await search(url);
    state.up = false;
    const { status, errors } = await publish(url, "1");
    expect([status, errors[0].extensions.code]).toEqual([503, "BANK_UNREACHABLE"]);
  });

  test("once published, the next answer is of the new release; repeating it is harmless", async () => {
    const { state, url } = await start();
    expect(await search(url)).toMatchObject({ release: { id: "small@1" }, donors: { min: 1, max: 1 } });
    state.number = 2;
    const published = { id: "small@2", bank: "small", date: "2026-04-01", kind: "ANNOUNCED" };
    const first = await publish(url, "2", SECRET, { size: { donors: 200 } });
    expect(first).toEqual({ status: 200, data: { publishRelease: published } });
    const found = await search(url);
    expect(found).toMatchObject({
      status: "ANSWERED",
      release: { id: "small@2" },
      donors: { min: 2, max: 2 },
      bank: { size: { donors: 200 } },
    });
    expect(await publish(url, "2")).toEqual(first);
    expect(await search(url)).toEqual(found);
  });

  test("a purge leaves nothing behind: what was answered before is asked again", async () => {
    const { state, url } = await start();
    const before = await search(url);
    const { data } = await publish(url, "1", SECRET, { purge: true });
    expect(data.publishRelease.id).toBe("small@1");
    const after = await search(url);
    expect(after).toMatchObject({ status: "ANSWERED", release: { id: "small@1" } });
    expect(after.token).not.toBe(before.token);
    const query = "query($token: String) { search(where: {}, snapshot: $token) { banks { status } } }";
    expect((await post(url, query, { token: before.token })).data.search.banks).toEqual([{ status: "SUPERSEDED" }]);
    expect(state.number).toBe(1);
  });
});

test("the bank's own subgraph takes the same mutation, and says the same", async () => {
  const { state, subgraph } = bankOf();
  const { url } = await serve(subgraph);
  expect(await publish(url, "2")).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: "RELEASE_NOT_LOADED" } }],
  });
  expect(await publish(url, "1", "wrong")).toMatchObject({
    status: 401,
    errors: [{ extensions: { code: "OPERATOR_ONLY" } }],
  });
  expect(await publish(url, "1", SECRET, { bank: "other" })).toMatchObject({
    status: 400,
    errors: [{ message: "bank: wanted small, got other", extensions: { code: "BAD_ARGUMENT" } }],
  });
  state.number = 2;
  expect((await publish(url, "2")).data.publishRelease.id).toBe("small@2");
});

// It was a fault of the gateway: FAULT_OF_OURS with a reference.
test("a bank's process that has gone is out of reach", async () => {
  const { subgraph } = bankOf();
  const served = await serveSubgraph(subgraph, { port: 0, host: "127.0.0.1", isToken, fault: () => undefined });
  const url = await gatewayBefore(overHttp([new URL(served.url)]));
  await served.close();
  const { status, errors } = await publish(url, "1");
  expect([status, errors[0]]).toMatchObject([
    503,
    { message: "The bank could not be reached.", extensions: { code: "BANK_UNREACHABLE" } },
  ]);
});

// It was given up after two minutes, while a lease may last for ten.
test("publishing is waited for longer than the longest lease", () => {
  expect(LONGEST_PUBLISH_MS).toBeGreaterThan(1.1 * LONGEST_LEASE_MS);
});

test("a URL in ODAN_BANKS that is none stops the gateway with one line", async () => {
  const config = { banks: ["http://"], data: ".odan", env: {}, leaseMs: 5000 };
  await expect(openBanks(config, memoryLog().log)).rejects.toMatchObject({
    name: "ConfigError",
    message: "ODAN_BANKS: wanted the URL of a subgraph such as http://127.0.0.1:4201/, got http://",
  });
});
