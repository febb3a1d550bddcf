import { afterEach, expect, test, vi } from "vitest";
import { exchange } from "./exchange.ts";
import { fakeSubgraph } from "./fake-subgraph.ts";
import { closeAll, start } from "./started-gateway.ts";

afterEach(closeAll);

const ask = async (target: string, { method = "GET", host = "localhost" } = {}) => {
  const { url } = await start([fakeSubgraph("a")]);
  const text = await exchange(url, `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const [head, body] = text.split("\r\n\r\n") as [string, string];
  return { status: Number(head.split(" ")[1]), head: head.toLowerCase(), body };
};

const NOTHING_HERE = "Nothing here. Try POST /graphql, GET /health, GET /ready.";

test.each([
  ["a path that is not there", "/nope"],
  ["a trailing slash", "/health/"],
  ["an escape that is none", "/%"],
  ["two slashes", "//evil.example/"],
  ["another path in absolute form", "http://evil.example/nope"],
])("%s is a 404 that names the paths", async (_, target) => {
  const { status, head, body } = await ask(target);
  expect(status).toBe(404);
  expect(head).toContain("content-type: application/json; charset=utf-8");
  expect(head).toMatch(/x-request-id: [0-9a-f-]{36}/);
  expect(JSON.parse(body)).toMatchObject({ errors: [{ message: NOTHING_HERE, extensions: { code: "NOT_FOUND" } }] });
});

test("HEAD has the head of GET and no body", async () => {
  expect(await ask("/health", { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
  expect(await ask("/nope", { method: "HEAD" })).toMatchObject({ status: 404, body: "" });
});

test("only GET and HEAD read /health and /ready; GraphQL refuses other methods", async () => {
  for (const target of ["/health", "/ready"]) expect((await ask(target, { method: "DELETE" })).status).toBe(404);
  expect((await ask("/graphql", { method: "DELETE" })).status).toBe(405);
});

test("a page that fails is a 500, and the log has its cause under the request's id", async () => {
  vi.doMock("@graphql-yoga/render-graphiql", () => ({
    renderGraphiQL: () => {
      throw new Error("secret detail");
    },
  }));
  const { url, lines } = await start([fakeSubgraph("a")], { graphiql: true });
  const response = await fetch(`${url}/graphiql`, { headers: { accept: "text/html", "x-request-id": "req-1" } });
  const { errors } = await response.json();
  expect([response.status, errors[0].extensions.code]).toEqual([500, "FAULT_OF_OURS"]);
  expect(errors[0].message).not.toContain("secret");
  expect(lines.filter(({ err }) => err !== undefined)).toMatchObject([
    { requestId: "req-1", err: { message: "secret detail" } },
  ]);
});
