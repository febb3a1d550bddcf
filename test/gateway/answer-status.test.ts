import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LOOPBACK_ORIGINS, mayAsk } from "../../gateway/http/allowed-origins.ts";
import { type Gateway, startGateway } from "../../gateway/http/server.ts";
import { fakeSubgraph, gatewayOf, memoryLog } from "./fake-subgraph.ts";

let gateway: Gateway;
beforeEach(async () => {
  const { log } = memoryLog();
  const options = { port: 0, host: "127.0.0.1", cors: [], deadlineMs: 5000, graphiql: false, log };
  gateway = await startGateway({ ...options, ...gatewayOf([fakeSubgraph("a")]) });
});
afterEach(() => gateway.close());

const JSON_TYPE = "application/json";
const STRICT = "application/graphql-response+json";
const STREAM = "text/event-stream";
const PARTS = "multipart/mixed";

const ask = async (accept: string, body: object) => {
  const headers = { accept, "content-type": JSON_TYPE };
  const response = await fetch(`${gateway.url}/graphql`, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    code: /"code":"(\w+)"/.exec(text)?.[1],
  };
};

describe("a well-formed request that is refused has 200 in JSON and in streams, and its code in the body", () => {
  test.each<[what: string, query: string, code: string, variables?: object]>([
    ["no GraphQL", "{ nope", "BAD_REQUEST"],
    ["a field that is not there", "{ nope }", "BAD_REQUEST"],
    ["a variable of the wrong type", "query($w: Where!) { search(where: $w) { id } }", "BAD_REQUEST", { w: 1 }],
    ["a code that is not there", '{ search(where: { disease: { codes: ["E11"] } }) { id } }', "UNKNOWN_CODE"],
    ["a question that cannot be asked", "{ search(where: { any: [] }) { id } }", "BAD_QUESTION"],
    ["an unknown bank", '{ search(where: {}, banks: ["zzz"]) { id } }', "UNKNOWN_BANK"],
    ["a token that is none", '{ search(where: {}, snapshot: "zzz") { id } }', "BAD_SNAPSHOT"],
    ["what costs too much", `{ ${Array.from({ length: 40 }, (_, i) => `a${i}: limits { depth }`)} }`, "TOO_COSTLY"],
  ])("%s", async (_, query, code, variables) => {
    const body = { query, variables };
    expect(await ask(JSON_TYPE, body)).toMatchObject({ status: 200, code });
    expect(await ask(STREAM, body)).toMatchObject({ status: 200, type: STREAM, code });
    expect(await ask(PARTS, body)).toMatchObject({ status: 200, code });
    expect(await ask(STRICT, body)).toMatchObject({ status: 400, code });
  });

  test("also in a subscription", async () => {
    const query = 'subscription { search(where: { disease: { codes: ["E11"] } }) { last } }';
    expect(await ask(STREAM, { query })).toMatchObject({ status: 200, type: STREAM, code: "UNKNOWN_CODE" });
  });

  test("what is no request of GraphQL has its own status", async () => {
    for (const accept of [JSON_TYPE, STRICT, STREAM]) {
      expect(await ask(accept, { variables: {} })).toMatchObject({ status: 400, code: "BAD_REQUEST" });
      expect(await ask(accept, { query: "{ __typename }", variables: [1] })).toMatchObject({ status: 400 });
    }
  });
});

test("members of the body that GraphQL does not know are ignored", async () => {
  const body = { query: "{ __typename }", operationType: "query", documentId: null };
  expect(await ask(JSON_TYPE, body)).toMatchObject({ status: 200, code: undefined });
});

test("the digest of a document in its place is told that the document is wanted", async () => {
  const extensions = { persistedQuery: { version: 1, sha256Hash: "0a" } };
  expect(await ask(JSON_TYPE, { extensions })).toMatchObject({ code: "PERSISTED_QUERY_NOT_SUPPORTED" });
  expect(await ask(JSON_TYPE, { query: "{ __typename }", extensions })).toMatchObject({ status: 200, code: undefined });
});

describe("origins", () => {
  test.each([
    ["http://localhost:5173", true],
    ["https://localhost", true],
    ["http://127.0.0.1:80", true],
    ["http://[::1]:3000", true],
    ["http://localhost.evil.example:5173", false],
    ["http://evil.example", false],
    ["http://localhost:5173@evil.example", false],
    ["http://localhost:123456", false],
    ["ftp://localhost:21", false],
    ["null", false],
    ["", false],
  ])("of this machine: %s", (origin, allowed) => {
    expect(mayAsk(LOOPBACK_ORIGINS, origin)).toBe(allowed);
  });

  test("a port that is any is any of that host alone", () => {
    expect(mayAsk(["https://odan.example:*"], "https://odan.example:8443")).toBe(true);
    expect(mayAsk(["https://odan.example:*"], "http://odan.example:8443")).toBe(false);
    expect(mayAsk(["https://odan.example:8443"], "https://odan.example:*")).toBe(false);
  });
});
