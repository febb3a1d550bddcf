import { expect, test } from "vitest";
import { originRefusal } from "../../gateway/http/origins.ts";

type Headers = { readonly [name: string]: string };

const codeFor = (headers: Headers, { method = "POST", cors = [] as readonly string[] } = {}) =>
  originRefusal({ method, headers: { host: "odan.example:4000", ...headers } }, cors)?.code ?? null;

const REFUSED = "ORIGIN_NOT_ALLOWED";

test("a program, which sends none of the headers of browsers, may ask", () => {
  expect(codeFor({})).toBeNull();
  expect(codeFor({ accept: "*/*" }, { method: "GET" })).toBeNull();
  expect(codeFor({ accept: "application/json, text/html" }, { method: "GET" })).toBeNull();
});

test.each<[site: string, code: string | null]>([
  ["same-origin", null],
  ["none", null],
  ["cross-site", REFUSED],
  ["same-site", REFUSED],
  ["same-origin, cross-site", REFUSED],
  ["Same-Origin", REFUSED],
  ["", REFUSED],
])("Sec-Fetch-Site: %s", (site, code) => {
  const headers = { "sec-fetch-site": site };
  expect(codeFor(headers)).toBe(code);
  expect(codeFor({ ...headers, origin: "https://a.example" }, { cors: ["https://a.example"] })).toBeNull();
  expect(codeFor({ ...headers, origin: "https://b.example" }, { cors: ["https://a.example"] })).toBe(code);
  expect(codeFor({ ...headers, referer: "https://a.example/" }, { cors: ["https://a.example"] })).toBe(code);
  expect(codeFor({ ...headers, origin: "https://b.example" }, { cors: ["*"] })).toBeNull();
  expect(codeFor({ ...headers, "graphql-require-preflight": "1" })).toBeNull();
});

test.each<[headers: Headers, code: string | null]>([
  [{ origin: "http://odan.example:4000" }, null],
  [{ origin: "http://odan.example:4000", referer: "https://evil.example/" }, null],
  [{ origin: "http://evil.example", referer: "http://odan.example:4000/" }, REFUSED],
  [{ origin: "http://odan.example" }, REFUSED],
  [{ origin: "http://odan.example:4001" }, REFUSED],
  [{ origin: "http://evil.example:4000" }, REFUSED],
  [{ origin: "null" }, REFUSED],
  [{ origin: "" }, REFUSED],
  [{ origin: "/" }, REFUSED],
  [{ origin: "file://odan.example:4000" }, REFUSED],
  [{ origin: "http://odan.example:4000, http://evil.example" }, REFUSED],
  [{ origin: "http://odan.example:4000@evil.example" }, REFUSED],
  [{ referer: "http://odan.example:4000/graphiql?x" }, null],
  [{ referer: "/graphiql" }, null],
  [{ referer: "//evil.example/" }, REFUSED],
  [{ referer: "https://evil.example/http://odan.example:4000/" }, REFUSED],
  [{ referer: "about:blank" }, REFUSED],
  [{ referer: "nonsense" }, REFUSED],
  [{ origin: "https://odan.example", host: "odan.example" }, null],
  [{ origin: "https://odan.example", host: "odan.example:443" }, null],
  [{ origin: "http://odan.example", host: "odan.example:443" }, REFUSED],
  [{ origin: "http://[::1]:4000", host: "[::1]:4000" }, null],
])("without Sec-Fetch-Site, of the host alone: %j", (headers, code) => {
  expect(codeFor(headers)).toBe(code);
  expect(codeFor(headers, { method: "GET" })).toBe(code);
  expect(codeFor({ ...headers, "graphql-require-preflight": "1" })).toBeNull();
});

test.each([
  "text/html",
  "TEXT/HTML;q=0.9",
  " image/avif,image/webp,*/*",
  "text/html,*/*",
  "text/css,*/*;q=0.1",
  "video/webm",
])("a GET that accepts %s is one of a page's elements, not of a program", (accept) => {
  expect(codeFor({ accept }, { method: "GET" })).toBe(REFUSED);
  expect(codeFor({ accept, "sec-fetch-site": "same-origin" }, { method: "GET" })).toBe(REFUSED);
  expect(codeFor({ accept, "graphql-require-preflight": "1" }, { method: "GET" })).toBeNull();
  expect(codeFor({ accept })).toBeNull();
});
