import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isFaultCode } from "../../schema/faults.ts";
import { exchange } from "./exchange.ts";
import { fakeSubgraph } from "./fake-subgraph.ts";
import { closeAll, type Started, start } from "./started-gateway.ts";

let gateway: Started;
beforeAll(async () => {
  gateway = await start([fakeSubgraph("a")], { graphiql: true });
});
afterAll(closeAll);

const QUERY = '{"query":"{ limits { depth } }"}';

type Request = {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
};

const ask = async ({ method = "POST", target = "/graphql", headers = [], body = QUERY }: Request) => {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...(headers.some((header) => /^host:/i.test(header)) ? [] : ["Host: localhost"]),
    ...(headers.some((header) => /^content-type:/i.test(header)) ? [] : ["Content-Type: application/json"]),
    ...headers,
    ...(method === "GET" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    "Connection: close",
  ];
  const text = await exchange(gateway.url, `${lines.join("\r\n")}\r\n\r\n`, method === "GET" ? "" : body);
  const [head = "", answer = ""] = text.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head: head.toLowerCase(), answer };
};

/** Status and code of a refusal. */
const refused = async (request: Request) => {
  const { status, answer } = await ask(request);
  const { errors } = JSON.parse(answer);
  expect(isFaultCode(errors[0].extensions.code)).toBe(true);
  return [status, errors[0].extensions.code];
};

const faults = () => gateway.lines.filter(({ level }) => Number(level) >= 50);

describe("a Host that is none", () => {
  test.each(["a b", "[::", "%", "a:99999", "", "a@b", "xn--a", "1.2.3.4.5", "\u00ff"])("%j is a 400", async (host) => {
    for (const target of ["/graphql", "/health", "/nope", "/graphiql", "*"]) {
      const [status, code] = await refused({ target, headers: [`Host: ${host}`] });
      expect([[400, "BAD_REQUEST"], ...(host === "xn--a" ? [[403, "HOST_NOT_ALLOWED"]] : [])]).toContainEqual([
        status,
        code,
      ]);
    }
    expect(faults()).toEqual([]);
  });

  test("two are a 400, and another site's name is a 403 before anything else", async () => {
    expect(await refused({ headers: ["Host: localhost", "Host: localhost"] })).toEqual([400, "BAD_REQUEST"]);
    for (const target of ["/graphql", "/health", "/ready", "/graphiql", "/nope"]) {
      expect(await refused({ method: "GET", target, headers: ["Host: evil.example"] })).toEqual([
        403,
        "HOST_NOT_ALLOWED",
      ]);
    }
  });

  test("names of the host that the gateway is given are answered", async () => {
    const { url } = await start([fakeSubgraph("a")], { hosts: ["odan.example.org", "xn--a"] });
    const port = Number(new URL(url).port);
    for (const host of ["odan.example.org", "xn--a", "localhost", "127.0.0.1"]) {
      const answer = await new Promise<string>((resolve) => {
        const socket = connect(port, "127.0.0.1");
        let text = "";
        socket
          .on("data", (chunk) => {
            text += chunk;
          })
          .on("end", () => resolve(text));
        socket.write(`GET /graphql?query={__typename} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`);
      });
      expect(answer).toContain('{"data":{"__typename":"Query"}}');
    }
  });
});

test.each<[what: string, request: Request, status: number, code: string]>([
  [
    "a form",
    { headers: ["Content-Type: application/x-www-form-urlencoded"], body: "query={__typename}" },
    415,
    "UNSUPPORTED_MEDIA_TYPE",
  ],
  ["plain text", { headers: ["Content-Type: text/plain"] }, 415, "UNSUPPORTED_MEDIA_TYPE"],
  ["a multipart form", { headers: ["Content-Type: multipart/form-data; boundary=a"] }, 415, "UNSUPPORTED_MEDIA_TYPE"],
  ["a compressed body", { headers: ["Content-Encoding: gzip"], body: gzipSync(QUERY) }, 415, "UNSUPPORTED_MEDIA_TYPE"],
  ["another charset", { headers: ["Content-Type: application/json; charset=utf-16"] }, 415, "UNSUPPORTED_MEDIA_TYPE"],
  ["bytes that are no UTF-8", { body: Buffer.from([0x22, 0xff, 0x22]) }, 400, "BAD_REQUEST"],
  ["an empty body", { body: "" }, 400, "BAD_REQUEST"],
  ["an array", { body: `[${QUERY}]` }, 400, "BAD_REQUEST"],
  ["a number", { body: "1" }, 400, "BAD_REQUEST"],
  ["a text", { body: '"{ __typename }"' }, 400, "BAD_REQUEST"],
  ["null", { body: "null" }, 400, "BAD_REQUEST"],
  ["no query", { body: "{}" }, 400, "BAD_REQUEST"],
  ["a query that is no text", { body: '{"query":{"a":1}}' }, 400, "BAD_REQUEST"],
  ["an operationName that is no text", { body: '{"query":"{__typename}","operationName":["a"]}' }, 400, "BAD_REQUEST"],
  ["an operationName that is not there", { body: '{"query":"{__typename}","operationName":"a"}' }, 200, "BAD_REQUEST"],
  ["variables that are a list", { body: '{"query":"{__typename}","variables":[1]}' }, 400, "BAD_REQUEST"],
  ["extensions that are a text", { body: '{"query":"{__typename}","extensions":"a"}' }, 400, "BAD_REQUEST"],
  [
    "the digest of a document in its place",
    { body: '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"0a"}}}' },
    400,
    "PERSISTED_QUERY_NOT_SUPPORTED",
  ],
  [
    "deep extensions",
    { body: `{"query":"{__typename}","extensions":{"a":${"[".repeat(200)}${"]".repeat(200)}}}` },
    400,
    "TOO_DEEP",
  ],
  [
    "variables in the URL that are no JSON",
    { method: "GET", target: "/graphql?query={__typename}&variables={x" },
    400,
    "BAD_REQUEST",
  ],
  [
    "extensions in the URL that are no JSON",
    { method: "GET", target: "/graphql?query={__typename}&extensions=[[[" },
    400,
    "BAD_REQUEST",
  ],
  [
    "deep extensions in the URL",
    { method: "GET", target: `/graphql?query={__typename}&extensions=${"[".repeat(2000)}` },
    400,
    "TOO_DEEP",
  ],
  ["two queries in the URL", { method: "GET", target: "/graphql?query={__typename}&query={a}" }, 400, "BAD_REQUEST"],
  ["a URL without a query", { method: "GET", target: "/graphql" }, 400, "BAD_REQUEST"],
  ["a mutation as GET", { method: "GET", target: "/graphql?query=mutation{__typename}" }, 405, "METHOD_NOT_ALLOWED"],
  ["another method", { method: "DELETE" }, 405, "METHOD_NOT_ALLOWED"],
  ["a method that few know", { method: "PROPFIND" }, 405, "METHOD_NOT_ALLOWED"],
  ["a media type that the gateway does not speak", { headers: ["Accept: application/xml"] }, 406, "NOT_ACCEPTABLE"],
  [
    "a stream as JSON",
    { headers: ["Accept: application/json"], body: '{"query":"subscription{search(where:{}){last}}"}' },
    406,
    "NOT_ACCEPTABLE",
  ],
  ["a page of another site", { headers: ["Sec-Fetch-Site: cross-site"] }, 403, "ORIGIN_NOT_ALLOWED"],
  [
    "a page of a neighbour",
    { headers: ["Sec-Fetch-Site: same-site", "Origin: http://localhost:1"] },
    403,
    "ORIGIN_NOT_ALLOWED",
  ],
  ["an old browser's page of another site", { headers: ["Origin: https://evil.example"] }, 403, "ORIGIN_NOT_ALLOWED"],
  [
    "an image of a page",
    { method: "GET", target: "/graphql?query={__typename}", headers: ["Accept: image/webp,*/*"] },
    403,
    "ORIGIN_NOT_ALLOWED",
  ],
])("%s is refused, and is no fault of the gateway", async (_, request, status, code) => {
  expect(await refused(request)).toEqual([status, code]);
  expect(faults()).toEqual([]);
});

// A page that sends the header has passed a preflight.
test("graphql-require-preflight: 1 passes, whatever a browser says of the page", async () => {
  const headers = [
    "graphql-require-preflight: 1",
    "Sec-Fetch-Site: cross-site",
    "Origin: https://evil.example",
    "Accept: text/html,application/json",
  ];
  expect(await ask({ method: "GET", target: "/graphql?query={__typename}", headers })).toMatchObject({ status: 200 });
  expect(await ask({ headers })).toMatchObject({ status: 200 });
});

// 200 kB of broken JSON came back whole.
test("broken JSON is not sent back", async () => {
  const { status, answer } = await ask({ body: `{"query": ${"secret".repeat(30_000)}` });
  expect(status).toBe(400);
  expect(answer).not.toContain("secret");
  expect(answer.length).toBeLessThan(1000);
});

describe("@stream and @defer with odd arguments", () => {
  const codeOf = async (query: string, variables: object = {}) => {
    const headers = ["Accept: text/event-stream"];
    const { status, answer } = await ask({ headers, body: JSON.stringify({ query, variables }) });
    return { status, code: /"code":"(\w+)"/.exec(answer)?.[1] };
  };

  test.each<[what: string, query: string, variables?: object]>([
    ["initialCount below zero", "{ search(where: {}) { banks @stream(initialCount: -1) { status } } }"],
    ["initialCount null", "{ search(where: {}) { banks @stream(initialCount: null) { status } } }"],
    [
      "initialCount below zero in a fragment",
      "{ search(where: {}) { ...F } } fragment F on Search { banks @stream(initialCount: -5) { status } }",
    ],
    [
      "initialCount below zero in a variable",
      "query($n: Int) { search(where: {}) { banks @stream(initialCount: $n) { status } } }",
      { n: -1 },
    ],
    [
      "initialCount below zero by default",
      "query($n: Int = -1) { search(where: {}) { banks @stream(initialCount: $n) { status } } }",
    ],
    [
      "a variable that is null",
      "query($n: Int) { search(where: {}) { banks @stream(initialCount: $n) { status } } }",
      { n: null },
    ],
    ["initialCount that is no Int", "{ search(where: {}) { banks @stream(initialCount: 99999999999) { status } } }"],
    ["a label in a variable", "query($l: String) { search(where: {}) { ... @defer(label: $l) { id } } }", { l: "a" }],
    ["one label twice", '{ search(where: {}) { ... @defer(label: "a") { id } ... @defer(label: "a") { complete } } }'],
    ["if null", "query($b: Boolean) { search(where: {}) { ... @defer(if: $b) { id } } }", { b: null }],
    ["@stream on what is no list", "{ search(where: {}) { id @stream } }"],
  ])("%s is the asker's fault", async (_, query, variables) => {
    const { status, code } = await codeOf(query, variables);
    expect(code).toBe("BAD_REQUEST");
    expect(status).toBe(200);
    expect(faults()).toEqual([]);
  });

  test.each<[query: string, variables?: object]>([
    ["subscription { search(where: {}) @skip(if: true) { last } }"],
    ["subscription { search(where: {}) @include(if: false) { last } }"],
    ["subscription ($b: Boolean!) { search(where: {}) @skip(if: $b) { last } }", { b: true }],
    ["subscription { ... on Subscription @defer { search(where: {}) { last } } }"],
    ["subscription { ...F } fragment F on Subscription { search(where: {}) @skip(if: true) { last } }"],
  ])("a subscription to nothing is the asker's fault: %s", async (query, variables) => {
    expect(await codeOf(query, variables)).toMatchObject({ code: "BAD_REQUEST" });
    expect(faults()).toEqual([]);
  });

  test("a variable that is not given is its default", async () => {
    const query = "query($n: Int) { search(where: {}) { banks @stream(initialCount: $n) { status } } }";
    const { status, answer } = await ask({ headers: ["Accept: text/event-stream"], body: JSON.stringify({ query }) });
    expect([status, answer]).toEqual([200, expect.stringContaining("ANSWERED")]);
  });
});

test.each(["/graphql?query={__typename}", "/graphql?query={nope}", "/health", "/nope", "/"])(
  "%s has the headers that keep browsers and caches off",
  async (target) => {
    const { head } = await ask({ method: "GET", target });
    for (const header of [
      "cache-control: no-store",
      "content-security-policy: default-src 'none'; frame-ancestors 'none'",
      "cross-origin-resource-policy: same-origin",
      "referrer-policy: no-referrer",
      "vary: accept, origin",
      "x-content-type-options: nosniff",
      "x-frame-options: deny",
    ]) {
      expect(head).toContain(header);
      expect(head.split(`${header.split(":")[0]}:`)).toHaveLength(2);
    }
  },
);

test("a stream is kept by no cache either", async () => {
  const body = '{"query":"subscription{search(where:{}){last}}"}';
  const { status, head } = await ask({ headers: ["Accept: text/event-stream"], body });
  expect([status, head.match(/cache-control: .*/g)]).toEqual([200, ["cache-control: no-store"]]);
});
