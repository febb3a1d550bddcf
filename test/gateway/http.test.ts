import { createHash } from "node:crypto";
import { connect } from "node:net";
import { getIntrospectionQuery } from "graphql";
import { afterEach, describe, expect, test } from "vitest";
import { type Gateway, type GatewayOptions, startGateway } from "../../gateway/http/server.ts";
import { ListenError } from "../../net/serve/listen.ts";
import { FAULTS } from "../../schema/faults.ts";
import type { Subgraph } from "../../subgraphs/serve/subgraph.ts";
import { type FakeSubgraph, fakeSubgraph, gatewayOf, memoryLog } from "./fake-subgraph.ts";

const running: Gateway[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((gateway) => gateway.close()));
});

type Started = Gateway & ReturnType<typeof memoryLog>;

const start = async ({
  subgraphs = [fakeSubgraph("a"), fakeSubgraph("b")],
  ...options
}: Partial<GatewayOptions> & { readonly subgraphs?: readonly Subgraph[] } = {}): Promise<Started> => {
  const { log, lines } = memoryLog();
  const byDefault = { port: 0, host: "127.0.0.1", cors: [], deadlineMs: 5000, graphiql: true, log };
  const gateway = await startGateway({ ...byDefault, ...gatewayOf(subgraphs), ...options });
  running.push(gateway);
  return { ...gateway, log, lines };
};

const post = (url: string, query: string, variables: object = {}, headers: Record<string, string> = {}) =>
  fetch(`${url}/graphql`, {
    method: "POST",
    // The media type whose status tells of errors.
    headers: { accept: "application/graphql-response+json", "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
const data = async (url: string, query: string, variables: object = {}) => {
  const { data, errors } = await (await post(url, query, variables)).json();
  expect(errors).toBeUndefined();
  return data;
};
/** The log's line of the last request, once it is written. */
const requestLine = ({ lines }: Started) => expect.poll(() => lines.filter(({ msg }) => msg === "request").at(-1));

describe("the schema that is served", () => {
  test("is the public contract: the banks' own root fields are not there", async () => {
    const { url } = await start();
    const { __schema } = await data(url, getIntrospectionQuery());
    const query = __schema.types.find((type: { name: string }) => type.name === "Query");
    const names = query.fields.map((field: { name: string }) => field.name).sort();
    expect(names).toEqual([
      "asker",
      "bank",
      "banks",
      "concepts",
      "faults",
      "fields",
      "find",
      "keys",
      "limits",
      "reading",
      "search",
    ]);
  });

  test("answers a question under aliases, with fragments and variables", async () => {
    const { url } = await start();
    const query = `
      query Two($women: Where!, $first: Int!) {
        women: search(where: $women, facets: [{ by: SEX, first: $first }]) { ...found facets { by more cells { by { value } } } }
        all: search(where: {}) { ...found }
      }
      fragment found on Search { d: donors { min max exact because } people { exact } banks { bank { id } status tookMs problem { code } } }`;
    const { women, all } = await data(url, query, { women: { sex: ["FEMALE"] }, first: 1 });
    expect(all.d).toEqual({ min: 20, max: 20, exact: true, because: [] });
    expect(women.people).toEqual({ exact: false });
    expect(women.facets).toEqual([{ by: "SEX", more: true, cells: [{ by: { value: "FEMALE" } }] }]);
    expect(women.banks).toMatchObject([
      { bank: { id: "a" }, status: "ANSWERED", problem: null },
      { bank: { id: "b" }, status: "ANSWERED", problem: null },
    ]);
  });

  test("knows the banks from the registry, sorted, and leaves out unknown ids", async () => {
    const { url } = await start({
      subgraphs: [fakeSubgraph("b", { centres: ["b/x"], state: "PAUSED" }), fakeSubgraph("a")],
    });
    const found = await data(
      url,
      `{ banks { id state } some: banks(ids: ["a", "zzz"]) { id } none: bank(id: "zzz") { id }
         bank(id: "b") { name { en missing } size { donors enrolmentsPerPerson } centres { id } disclosure { spread } capabilities { counts } } }`,
    );
    expect(found.banks).toEqual([
      { id: "a", state: "LIVE" },
      { id: "b", state: "PAUSED" },
    ]);
    expect([found.some, found.none]).toEqual([[{ id: "a" }], null]);
    expect(found.bank).toEqual({
      name: { en: "Bank b", missing: null },
      size: { donors: 100, enrolmentsPerPerson: 1 },
      centres: [{ id: "b/x" }],
      disclosure: { spread: 0 },
      capabilities: { counts: ["DONORS", "SAMPLES"] },
    });
  });

  test("asks each bank itself for its release, under any alias, and never takes one bank's for another's", async () => {
    const { url } = await start();
    const found = await data(url, "{ banks { id now: release { nr: id bank kind } again: release { date } } }");
    expect(found.banks).toEqual(
      ["a", "b"].map((id) => ({
        id,
        now: { nr: `${id}@1`, bank: id, kind: "ANNOUNCED" },
        again: { date: "2026-04-01" },
      })),
    );
  });

  test("a bank that does not say its release has none, and everything else is there", async () => {
    const broken = fakeSubgraph("a", {
      release: () => {
        throw new Error("secret detail");
      },
    });
    const hanging = fakeSubgraph("b", { release: () => new Promise(() => {}) });
    const { url } = await start({ subgraphs: [broken, hanging], deadlineMs: 100 });
    const { banks } = await data(url, "{ banks { id release { id } name { en } } }");
    expect(banks).toEqual(["a", "b"].map((id) => ({ id, release: null, name: { en: `Bank ${id}` } })));
  });

  test("a bank's availability is its part of a search", async () => {
    const { url } = await start();
    const { bank, search } = await data(
      url,
      `{ bank(id: "b") { availability(where: { sex: [MALE] }, facets: [{ by: USE }]) { id donors { min } facets { by } } }
         search(where: { sex: [MALE] }, banks: ["b"], facets: [{ by: USE }]) { banks { id } } }`,
    );
    expect(bank.availability).toEqual({ id: search.banks[0].id, donors: { min: 10 }, facets: [{ by: "USE" }] });
  });

  test("fields and limits", async () => {
    const { url } = await start({ subgraphs: [fakeSubgraph("a", { programmes: ["PROGRAMME:CONTROL_GROUP"] })] });
    const { fields, limits } = await data(
      url,
      "{ fields { field label { ja } values { value label { en } } } limits { criteria depth codes facets first deadlineMs } }",
    );
    expect(limits).toEqual({ criteria: 50, depth: 8, codes: 200, facets: 9, first: 200, deadlineMs: 30_000 });
    const of = (field: string) => fields.find((entry: { field: string }) => entry.field === field);
    expect(fields).toHaveLength(13);
    expect(of("SEX").label.ja).toBe("性別");
    expect(of("SEX").values.map(({ value }: { value: string }) => value)).toEqual(["FEMALE", "MALE", "OTHER"]);
    expect(of("PROGRAMME").values).toMatchObject([{ value: "PROGRAMME:CONTROL_GROUP" }]);
    expect(of("DISEASE").values).toHaveLength(22);
    expect(of("AGE_AT_COLLECTION").values).toEqual([]);
  });

  test("reading", async () => {
    const { url } = await start();
    const query = `{ reading(where: { sex: [FEMALE] }, facets: [{ by: SEX }], banks: ["a"]) {
      question { says { en } } banks { bank { id } lostFacets understanding { verdict criterion { path says { en } } } } } }`;
    expect((await data(url, query)).reading).toEqual({
      question: { says: { en: expect.any(String) } },
      banks: [
        {
          bank: { id: "a" },
          lostFacets: [],
          understanding: [{ verdict: "EXACT", criterion: { path: "sex", says: { en: expect.any(String) } } }],
        },
      ],
    });
  });
});

describe("errors", () => {
  test("the asker's fault: HTTP 400, where it is, in both languages, and what may have been meant", async () => {
    const { url } = await start();
    const response = await post(url, 'query($w: Where!) { search(where: $w, banks: ["aa"]) { id } }', { w: {} });
    expect(response.status).toBe(400);
    const { errors, data } = await response.json();
    expect(data).toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      path: ["search"],
      message: expect.stringMatching(/^banks\[0\]: wanted the id of a bank/),
    });
    expect(errors[0].extensions).toEqual({
      code: "UNKNOWN_BANK",
      at: "banks[0]",
      says: { en: expect.stringContaining("Did you mean a, b?"), ja: expect.stringContaining("候補: a, b") },
      remedy: FAULTS.UNKNOWN_BANK.remedy,
      suggestions: ["a", "b"],
    });
  });

  test.each<[string, string, object, number, string]>([
    ["a wrong criterion", "query($w: Where!) { search(where: $w) { id } }", { w: { any: [] } }, 400, "BAD_QUESTION"],
    ["a deadline over the limit", "{ search(where: {}, deadlineMs: 60000) { id } }", {}, 400, "BAD_ARGUMENT"],
    ["no such field", "{ nope }", {}, 400, "BAD_REQUEST"],
    ["no GraphQL", "{ nope", {}, 400, "BAD_REQUEST"],
    [
      "a value that the enum has not",
      "query($w: Where!) { search(where: $w) { id } }",
      { w: { sex: ["X"] } },
      400,
      "BAD_REQUEST",
    ],
    [
      "too many searches at once",
      `{ ${Array.from({ length: 31 }, (_, i) => `s${i}: search(where: {}) { id }`).join(" ")} }`,
      {},
      400,
      "TOO_COSTLY",
    ],
    [
      "a document that is nested too deep",
      `{ search(where: ${"{not:".repeat(20_000)}{}${"}".repeat(20_000)}) { id } }`,
      {},
      400,
      "TOO_DEEP",
    ],
  ])("%s", async (_, query, variables, status, code) => {
    const { url } = await start();
    const response = await post(url, query, variables, { accept: "application/graphql-response+json" });
    const { errors } = await response.json();
    expect([response.status, errors[0].extensions.code]).toEqual([status, code]);
  });

  test.each<[string, string, object]>([
    ["syntax", "{ nope", {}],
    ["validation", "{ serach(where: {}) { id } }", {}],
    ["a variable", "query($w: Where!) { search(where: $w) { id } }", { w: { sex: ["X"] } }],
    ["a variable that is missing", "query($w: Where!) { search(where: $w) { id } }", {}],
    ["an argument", 'query($n: Int) { concepts(text: "a", first: $n) { code } }', { n: null }],
    ["a directive", "query($b: Boolean) { limits { depth @include(if: $b) } }", { b: null }],
    ["an operation that is not there", "query A { limits { depth } } query B { limits { depth } }", {}],
  ])("GraphQL's own error about %s has a code and words in both languages", async (_, query, variables) => {
    const { url, lines } = await start();
    const response = await post(url, query, variables, { accept: "application/graphql-response+json" });
    const [{ extensions }] = (await response.json()).errors;
    const { says, remedy } = FAULTS.BAD_REQUEST;
    const suggestions = query.includes("serach") ? ["search"] : [];
    expect([response.status, extensions]).toEqual([400, { code: "BAD_REQUEST", at: null, says, remedy, suggestions }]);
    expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  // A text of 200 kB in a variable of another type came back whole.
  test.each<[string, string, object]>([
    ["a name", `{ ${"x".repeat(100_000)} }`, {}],
    ["a value", 'query($n: Int!) { concepts(text: "a", first: $n) { code } }', { n: "x".repeat(100_000) }],
    ["a text in the document", `{ concepts(text: "a", first: "${"x".repeat(100_000)}") { code } }`, {}],
  ])("quotes no more than the beginning of %s", async (_, query, variables) => {
    const { url } = await start();
    const response = await post(url, query, variables);
    const { errors } = await response.json();
    expect(errors[0].message).toContain("x".repeat(50));
    for (const { message } of errors) expect(message.length).toBeLessThanOrEqual(501);
  });

  test("variables that are nested too deep", async () => {
    const { url } = await start();
    const deep = `${'{"not":'.repeat(20_000)}{}${"}".repeat(20_000)}`;
    const body = `{"query":"query($w: Where!) { search(where: $w) { id } }","variables":{"w":${deep}}}`;
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect([response.status, (await response.json()).errors[0].extensions.code]).toEqual([400, "TOO_DEEP"]);
  });

  test("a wrong value of a variable is named with its place", async () => {
    const { url } = await start();
    const response = await post(url, "query($w: Where!) { search(where: $w) { id } }", { w: { sex: ["X"] } });
    expect((await response.json()).errors[0].message).toContain('at "w.sex[0]"');
  });

  test("a fault of ours: only a reference goes out, the log has the rest", async () => {
    const now = () => {
      throw new TypeError("secret detail");
    };
    const gateway = await start({ now });
    const response = await post(gateway.url, "{ search(where: {}) { id } }", {}, { "x-request-id": "req-1" });
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain("secret");
    const { reference, code } = JSON.parse(text).errors[0].extensions;
    expect(code).toBe("FAULT_OF_OURS");
    expect(gateway.lines).toContainEqual(
      expect.objectContaining({
        reference,
        requestId: "req-1",
        err: expect.objectContaining({ message: "secret detail" }),
      }),
    );
  });
});

describe("paths", () => {
  test("/health and /ready", async () => {
    const { url } = await start();
    const [health, ready] = await Promise.all([fetch(`${url}/health`), fetch(`${url}/ready?x=1`)]);
    expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
    // Whoever looks at a gateway without limits shall see it.
    expect([ready.status, await ready.json()]).toEqual([200, { status: "ready", rate: "off" }]);
  });

  test("without any bank the gateway lives but is not ready", async () => {
    const { url } = await start({ subgraphs: [] });
    const [health, ready] = await Promise.all([fetch(`${url}/health`), fetch(`${url}/ready`)]);
    expect([health.status, ready.status]).toEqual([200, 503]);
  });

  test("anything else is a 404 that names them", async () => {
    const { url } = await start();
    for (const path of ["/nope", "/graphql/stream", "/health/x"]) {
      const response = await fetch(url + path);
      expect(response.status).toBe(404);
      expect((await response.json()).errors[0].message).toBe(
        "Nothing here. Try POST /graphql, GET /health, GET /ready.",
      );
    }
  });

  test("no query string turns a question into a health check", async () => {
    const { url } = await start();
    const response = await fetch(`${url}/graphql?query=${encodeURIComponent("{ limits { depth } }")}&x=/health`);
    expect(await response.json()).toEqual({ data: { limits: { depth: 8 } } });
  });

  test("GraphiQL is at /graphiql where it is switched on, loads nothing from elsewhere, and never is at /graphql", async () => {
    const { url } = await start();
    const browser = { headers: { accept: "text/html,*/*" } };
    const response = await fetch(`${url}/`, browser);
    const page = await response.text();
    expect(new URL(response.url).pathname).toBe("/graphiql");
    expect(page).toContain("YogaGraphiQL.renderYogaGraphiQL");
    // The code's own texts name pages that it never loads by itself, so only what loads counts.
    const markup = page.replace(/<script>[\s\S]*<\/script>/, "");
    expect(markup).toContain('<div id="root">');
    expect(markup.match(/(?:src|href)="(?!data:)[^"]*"/g)).toBeNull();
    expect(page.match(/(?:url\(|@import|import\()\s*["'`]?(?:https?:)?\/\//g)).toBeNull();
    expect(page.match(/(?:unpkg\.com|jsdelivr\.net|esm\.sh|cdnjs)[^\s"'`]*\.js/g)).toBeNull();
    const [script = ""] = /(?<=<script>)[\s\S]*(?=<\/script>)/.exec(page) ?? [];
    const digest = createHash("sha256").update(script).digest("base64");
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain(`script-src 'sha256-${digest}';`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe|\*/);
    for (const query of ["", "?query={__typename}"]) {
      const { status, headers } = await fetch(`${url}/graphql${query}`, browser);
      expect([status, headers.get("content-type")]).toEqual([403, "application/json; charset=utf-8"]);
    }
    const { url: without } = await start({ graphiql: false });
    for (const path of ["/", "/graphiql"]) expect((await fetch(without + path, browser)).status).toBe(404);
  });
});

describe("bodies", () => {
  const big = (bytes: number) => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: `{ limits { depth } } #${"x".repeat(bytes)}` }),
  });

  test("of 256 kB at most", async () => {
    const { url } = await start();
    const tooLarge = await fetch(`${url}/graphql`, big(256 * 1024));
    expect([tooLarge.status, (await tooLarge.json()).errors[0].extensions.code]).toEqual([413, "BODY_TOO_LARGE"]);
    expect((await fetch(`${url}/graphql`, big(200 * 1024))).status).toBe(200);
  });

  test("of a length that is told beforehand", async () => {
    const { url } = await start();
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"query":"{ limits { depth } }"}'));
        controller.close();
      },
    });
    const chunked = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      duplex: "half",
    } as RequestInit;
    const response = await fetch(`${url}/graphql`, chunked);
    expect([response.status, (await response.json()).errors[0].extensions.code]).toEqual([411, "LENGTH_REQUIRED"]);
  });
});

describe("CORS", () => {
  const headersOf = async (url: string, origin: string, method = "POST") => {
    const response = await fetch(`${url}/graphql`, {
      method,
      headers: { origin, "content-type": "application/json", "access-control-request-method": "POST" },
      ...(method === "POST" ? { body: JSON.stringify({ query: "{ limits { depth } }" }) } : {}),
    });
    const cors = [...response.headers].filter(([name]) => name.startsWith("access-control-") || name === "vary");
    return { status: response.status, ...Object.fromEntries(cors) };
  };

  test("by default no page of another origin may ask", async () => {
    const { url } = await start();
    expect(await headersOf(url, "https://a.example")).toEqual({ status: 403, vary: "Accept, Origin" });
    expect(await headersOf(url, "https://a.example", "OPTIONS")).toEqual({ status: 204, vary: "Accept, Origin" });
  });

  test("an origin that is allowed gets its headers, another one none", async () => {
    const { url } = await start({ cors: ["https://a.example"] });
    expect(await headersOf(url, "https://a.example")).toEqual({
      status: 200,
      vary: "Accept, Origin",
      "access-control-allow-origin": "https://a.example",
      "access-control-expose-headers": "Odan-Version, Retry-After, X-Request-Id",
    });
    expect(await headersOf(url, "https://a.example", "OPTIONS")).toMatchObject({
      status: 204,
      "access-control-allow-methods": "GET, POST",
    });
    const preflight: { readonly [name: string]: string | number } = await headersOf(
      url,
      "https://a.example",
      "OPTIONS",
    );
    const allowed = String(preflight["access-control-allow-headers"]).toLowerCase().split(", ");
    expect(allowed).toEqual(
      expect.arrayContaining([
        ...["accept", "authorization", "content-type", "graphql-require-preflight", "last-event-id", "x-request-id"],
        ...["apollo-require-preflight", "apollographql-client-name", "apollographql-client-version"],
        ...["traceparent", "tracestate"],
      ]),
    );
    expect(await headersOf(url, "https://b.example")).toEqual({ status: 403, vary: "Accept, Origin" });
    expect(await headersOf(url, "https://b.example", "OPTIONS")).toEqual({ status: 204, vary: "Accept, Origin" });
  });

  test("* allows every origin", async () => {
    const { url } = await start({ cors: ["*"] });
    expect(await headersOf(url, "https://b.example")).toMatchObject({ "access-control-allow-origin": "*" });
  });
});

describe("the log", () => {
  test("one line a request, with the operation and no criteria", async () => {
    const gateway = await start();
    const query = 'query Women { search(where: { disease: { codes: ["ICD10:E11"] } }) { id } }';
    await (await post(gateway.url, query, {}, { "x-request-id": "abc.DEF-1_2" })).text();
    await requestLine(gateway).toEqual({
      level: 30,
      time: expect.any(Number),
      requestId: "abc.DEF-1_2",
      method: "POST",
      path: "/graphql",
      status: 200,
      ms: expect.any(Number),
      operationName: "Women",
      msg: "request",
    });
    expect(JSON.stringify(gateway.lines)).not.toContain("E11");
  });

  test("criteria in the URL of a GET stay out of it", async () => {
    const gateway = await start();
    const query = encodeURIComponent('{ search(where: { disease: { codes: ["ICD10:E11"] } }) { id } }');
    await (await fetch(`${gateway.url}/graphql?query=${query}`)).text();
    await requestLine(gateway).toMatchObject({ method: "GET", path: "/graphql", status: 200 });
    expect(JSON.stringify(gateway.lines)).not.toContain("E11");
  });

  test("errors are noted by their codes", async () => {
    const gateway = await start();
    await (await post(gateway.url, 'query W { search(where: { disease: { codes: ["ICD10:ZZZ"] } }) { id } }')).text();
    await requestLine(gateway).toMatchObject({ status: 400, operationName: "W", errorCodes: ["UNKNOWN_CODE"] });
    expect(JSON.stringify(gateway.lines)).not.toContain("ZZZ");
  });

  test("a request id comes back; one that is not well-formed is replaced", async () => {
    const gateway = await start();
    const idOf = async (given: string) =>
      (await fetch(`${gateway.url}/health`, { headers: { "x-request-id": given } })).headers.get("x-request-id");
    expect(await idOf("abc-1")).toBe("abc-1");
    for (const bad of ["a b", "a".repeat(65), 'x"y']) expect(await idOf(bad)).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("start and end", () => {
  test("a port in use is one line that says what to do", async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    const bank = fakeSubgraph("a");
    const error = await start({ port, subgraphs: [bank] }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ListenError);
    expect((error as Error).message).toBe(
      `PORT ${port} is in use: another program listens there. Stop it, or set PORT to another.`,
    );
    expect(bank.disposed()).toBe(true);
  });

  test("closing lets running requests end, takes no new ones, and disposes the banks", async () => {
    let answerNow = () => {};
    const slow: FakeSubgraph = fakeSubgraph("a", {
      answers: () =>
        new Promise((resolve) => {
          answerNow = () => resolve("nonsense");
        }),
    });
    const gateway = await start({ subgraphs: [slow] });
    const answer = post(gateway.url, "{ search(where: {}) { banks { status } } }");
    await expect.poll(() => slow.asked.length).toBe(2);
    const closed = gateway.close();
    expect(gateway.close()).toBe(closed);
    const { port, hostname } = new URL(gateway.url);
    const refused = await new Promise((resolve) => {
      connect(Number(port), hostname)
        .on("error", resolve)
        .on("connect", () => resolve("connected"));
    });
    expect(refused).toMatchObject({ code: "ECONNREFUSED" });
    expect(slow.disposed()).toBe(false);
    answerNow();
    expect(await (await answer).json()).toEqual({ data: { search: { banks: [{ status: "BROKEN" }] } } });
    await closed;
    expect(slow.disposed()).toBe(true);
  });

  test("an asker who leaves is noted, and the bank is told to stop", async () => {
    let heard: AbortSignal | undefined;
    const bank = fakeSubgraph("a", {
      answers: (_, signal) => {
        heard = signal;
        return new Promise(() => {});
      },
    });
    const gateway = await start({ subgraphs: [bank] });
    const asker = new AbortController();
    const answer = fetch(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ search(where: {}) { id } }" }),
      signal: asker.signal,
    });
    await expect.poll(() => heard).toBeDefined();
    asker.abort();
    await expect(answer).rejects.toThrow();
    await expect.poll(() => heard?.aborted).toBe(true);
    await requestLine(gateway).toMatchObject({ gone: true });
  });
});
