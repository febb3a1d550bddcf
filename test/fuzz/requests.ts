import { gzipSync } from "node:zlib";
import { documentOf, type Params } from "./documents.ts";
import { mutated } from "./mutate.ts";
import type { Random } from "./random.ts";
import { textOf } from "./values.ts";

/** What one case sends, and whether its client leaves before the answer. */
export type Case = { readonly bytes: Buffer; readonly leaves: boolean };

/** One case: requests made by grammar, requests that are then damaged, or damaged ones of the corpus. */
export const caseOf = (random: Random, corpus: readonly Buffer[]): Case => {
  const leaves = random.chance(0.02);
  if (corpus.length > 0 && random.chance(0.25))
    return { bytes: mutated(random, random.pick(corpus), random.pick(corpus)), leaves };
  const requests = Array.from({ length: random.chance(0.03) ? 1 + random.int(3) : 1 }, () =>
    requestOf(random, random.chance(0.9)),
  );
  const bytes = Buffer.concat(requests);
  return { bytes: random.chance(0.15) ? mutated(random, bytes, bytes) : bytes, leaves };
};

const METHODS = [
  "PUT",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "TRACE",
  "CONNECT",
  "PROPFIND",
  "QUERY",
  "get",
  "GE T",
  "",
];
const TARGETS = [
  "/",
  "/health",
  "/ready",
  "/graphiql",
  "/nope",
  "*",
  "//evil/",
  "/graphql/",
  "/graphql/stream",
  "/%",
  "/graphql?",
  "/graphql#x",
  "http://localhost/graphql",
  "http://[/",
  "http://a b/",
  "https://evil.example/graphql",
  "",
  "/\u00ff",
  "/..%2f..%2fetc/passwd",
  "/graphql?query",
  "/graphql?variables={x",
  "/graphql?query={__typename}&extensions=[[[",
  "?query={__typename}",
];

const requestOf = (random: Random, isLast: boolean): Buffer => {
  const params = documentOf(random);
  const isPost = random.chance(0.8);
  const method = random.chance(0.04) ? random.pick(METHODS) : isPost ? "POST" : "GET";
  const target = random.chance(0.05) ? random.pick(TARGETS) : isPost ? "/graphql" : `/graphql?${urlOf(random, params)}`;
  const body = method === "GET" ? Buffer.alloc(0) : bodyOf(random, params);
  const headers = [...headersOf(random), ...framingOf(random, body), ...(isLast ? ["Connection: close"] : [])];
  const version = random.chance(0.01) ? random.pick(["HTTP/1.0", "HTTP/2.0", "HTTP/9", "HTTP"]) : "HTTP/1.1";
  const head = `${method} ${target} ${version}\r\n${headers.join("\r\n")}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, random.chance(0.05) ? "utf8" : "latin1"), body]);
};

const urlOf = (random: Random, { query, variables, operationName }: Params): string => {
  const encode = random.chance(0.97) ? encoded : (text: string) => text.replace(/\s/g, "+");
  const parts = [`query=${encode(query)}`];
  if (variables !== undefined) parts.push(`variables=${encode(JSON.stringify(variables))}`);
  if (operationName !== undefined) parts.push(`operationName=${encode(operationName)}`);
  if (random.chance(0.03))
    parts.push(
      random.pick(["extensions={}", "extensions=[[[", "variables={x", "variables=1", "query={a}", "x=1", "%"]),
    );
  return parts.join("&");
};

/** encodeURIComponent throws for lone surrogates. */
const encoded = (text: string): string => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, "?"));

const BODIES = [
  "",
  "{",
  "[]",
  "1",
  "null",
  '"x"',
  "{}",
  '{"query":1}',
  '{"query":null}',
  '{"query":["a"]}',
  '[{"query":"{__typename}"}]',
  "\ufeff{}",
  '{"query":"{__typename}","variables":[]}',
  '{"query":"{__typename}","variables":"{}"}',
  '{"query":"{__typename}","operationName":{}}',
  '{"query":"{__typename}","extensions":1}',
  '{"query":"{__typename}","__proto__":{}}',
  `{"query":"${"{a".repeat(200)}"}`,
  `${"[".repeat(500)}`,
  `{"query":"{__typename}","extensions":${'{"a":'.repeat(150)}1${"}".repeat(150)}}`,
  "query={__typename}",
  "{ __typename }",
];

const bodyOf = (random: Random, params: Params): Buffer => {
  if (random.chance(0.05)) return Buffer.from(random.pick(BODIES));
  const more = random.chance(0.03)
    ? { [random.pick(["extensions", "id", "x", ""])]: random.pick<unknown>([null, 1, {}, { a: [1] }, "x"]) }
    : {};
  const text = JSON.stringify({ ...params, ...more });
  if (random.chance(0.02)) return gzipSync(text);
  return random.chance(0.02) ? Buffer.from(text, random.pick(["utf16le", "latin1"] as const)) : Buffer.from(text);
};

const HOSTS = [
  "localhost:4000",
  "127.0.0.1",
  "[::1]:1",
  "a b",
  "[::",
  "%",
  "a:99999",
  "",
  "evil.example",
  "xn--a",
  "1.2.3",
  "\u00ff",
  "a@b",
  "localhost, localhost",
];
const TYPES = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/graphql",
  "application/json; charset=utf-16",
  'application/json; charset="UTF-8"',
  "Application/JSON",
  "application/json, text/plain",
  "application/json;",
  "",
  "json",
  "application/graphql+json",
];
const ACCEPTS = [
  "application/json",
  "application/graphql-response+json",
  "*/*",
  "text/event-stream",
  "multipart/mixed",
  "text/html",
  "image/png",
  "application/xml",
  "",
  "application/json; q=0",
  "text/event-stream, application/json",
  "application/*",
  ",",
  ";",
  "a/b/c",
  "application/json; charset=utf-16",
];
const OTHERS = [
  "Sec-Fetch-Site: cross-site",
  "Sec-Fetch-Site: same-origin",
  "Sec-Fetch-Site: x",
  "Origin: https://evil.example",
  "Origin: null",
  "Origin:",
  "Referer: https://evil.example/x",
  "Referer: :",
  "graphql-require-preflight: 1",
  "Content-Encoding: gzip",
  "Content-Encoding: identity",
  "Content-Encoding: x",
  "Authorization: Bearer wrong-token-0123456789",
  "Authorization: Bearer",
  "Authorization: Basic eDp5",
  "Authorization: Bearer a.b.c",
  "X-Request-Id: abc",
  "X-Request-Id: a b",
  "X-Forwarded-For: 1.2.3.4",
  "Forwarded: for=1.2.3.4",
  "Expect: 100-continue",
  "Expect: x",
  "Upgrade: websocket",
  "Host: localhost",
  "Cookie: a=b",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "Content-Length: 5",
  "Accept-Encoding: gzip",
  "Range: bytes=0-1",
  "If-None-Match: *",
  "Access-Control-Request-Method: POST",
  "TE: trailers",
  "Connection: keep-alive",
  "Connection: upgrade",
  "X:\ty",
  " folded",
  "No colon",
  ": empty",
  "A\u0000: b",
];

const headersOf = (random: Random): readonly string[] => {
  const host = random.chance(0.97) ? "localhost" : random.pick(HOSTS);
  const type = random.chance(0.97) ? "application/json" : random.pick(TYPES);
  const headers = [`Host: ${host}`, `Content-Type: ${type}`];
  if (random.chance(0.5))
    headers.push(`Accept: ${random.chance(0.7) ? random.pick(ACCEPTS.slice(0, 5)) : random.pick(ACCEPTS)}`);
  for (let i = random.chance(0.15) ? 1 + random.int(4) : 0; i > 0; i--) headers.push(random.pick(OTHERS));
  if (random.chance(0.005)) headers.push(`X-Long: ${"x".repeat(random.int(20_000))}`);
  if (random.chance(0.005))
    headers.push(`${textOf(random).replace(/[\r\n]/g, "")}: ${textOf(random).replace(/[\r\n]/g, "")}`);
  return headers;
};

const framingOf = (random: Random, body: Buffer): readonly string[] => {
  if (body.length === 0 && random.chance(0.8)) return [];
  if (random.chance(0.97)) return [`Content-Length: ${body.length}`];
  return random.pick([
    [],
    ["Content-Length: 0"],
    [`Content-Length: ${body.length + 7}`],
    [`Content-Length: ${Math.max(0, body.length - 3)}`],
    ["Content-Length: 999999"],
    ["Content-Length: -1"],
    ["Content-Length: 1e3"],
    [`Content-Length: ${body.length}, ${body.length}`],
  ]);
};
