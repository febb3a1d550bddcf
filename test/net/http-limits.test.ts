import { getEventListeners, once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { fhirClient } from "../../adapters/fhir/http.ts";
import { ADAPTERS } from "../../adapters/index.ts";
import { LIMITS } from "../../gateway/limits.ts";
import { jsonClient } from "../../net/http/json-client.ts";
import { httpOptions } from "../../net/http/remote-options.ts";

const dialect = { said: () => undefined };

const NEVER = new AbortController().signal;
const SMALL = '{"resourceType":"Library"}';

/** What either client makes of a server's answer: the code, what it says, and the wait. */
const asked = async (answer: RequestListener): Promise<readonly object[]> => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const [json, fhir] = [
    jsonClient("bank", { timeoutMs: 20_000, atOnce: 1, dialect }),
    fhirClient("bank", url, { timeoutMs: 20_000, atOnce: 1 }),
  ];
  onTestFinished(async () => {
    await Promise.all([json[Symbol.asyncDispose](), fhir[Symbol.asyncDispose]()]);
    server.close();
    server.closeAllConnections();
  });
  const calls = [json.fetch(new URL(url), NEVER), fhir.fetch("", NEVER)];
  return Promise.all(calls.map((call) => call.catch((error: object) => error)));
};
const both = (error: object): readonly object[] => [error, error].map((one) => expect.objectContaining(one));
const type = { "content-type": "application/json" };

test("an answer that is compressed is not inflated: 64 MB of zeros in 64 KB", async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
  const before = process.memoryUsage().arrayBuffers;
  const got = await asked((_, response) => response.writeHead(200, { ...type, "content-encoding": "gzip" }).end(bomb));
  expect(got).toEqual(both({ code: "BANK_BROKEN", reason: "COMPRESSED" }));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20);
});

// Two seconds after its headers the rest of an answer was given up, whatever the time limit.
test("an answer whose headers come early may take its time", async () => {
  const got = await asked((_, response) => {
    response.writeHead(200, type).write(SMALL.slice(0, 5));
    setTimeout(() => response.end(SMALL.slice(5)), 2500);
  });
  expect(got).toEqual(both({ resourceType: "Library" }));
});

test("an answer under `identity` is one that is not compressed", async () => {
  const got = await asked((_, response) =>
    response.writeHead(200, { ...type, "content-encoding": "identity" }).end(SMALL),
  );
  expect(got).toEqual(both({ resourceType: "Library" }));
});

test.each([
  ["lists", "[".repeat(101), "]".repeat(101)],
  ["a list that never closes", "[".repeat(1_000_000), ""],
])("an answer of %s nested too deep is not parsed", async (_, open, close) => {
  const got = await asked((_request, response) => response.writeHead(200, type).end(`{"a":${open}${close}}`));
  expect(got).toEqual(both({ code: "BANK_BROKEN", reason: "TOO_DEEP" }));
});

test("brackets within texts are not levels", async () => {
  const text = JSON.stringify({ resourceType: "Library", text: `${"[{".repeat(200)}"\\`, rest: '\\"' });
  const got = await asked((_, response) => response.writeHead(200, type).end(text));
  expect(got).toEqual(both({ resourceType: "Library" }));
});

test("a hint before the answer is not the answer", async () => {
  const got = await asked((_, response) =>
    response.writeEarlyHints({ link: "</a>; rel=preload", "content-encoding": "gzip" }, () =>
      response.writeHead(200, type).end(SMALL),
    ),
  );
  expect(got).toEqual(both({ resourceType: "Library" }));
});

test("a byte order mark is no text, and a character may come in two parts", async () => {
  const text = Buffer.from('\uFEFF{"resourceType":"Library","text":"糖尿病"}');
  const cut = text.indexOf(Buffer.from("尿")) + 1;
  const got = await asked((_, response) => {
    response
      .writeHead(200, type)
      .write(text.subarray(0, cut), () => setImmediate(() => response.end(text.subarray(cut))));
  });
  expect(got).toEqual(both({ resourceType: "Library", text: "糖尿病" }));
});

test("whoever leaves in the middle of an answer is told so at once, and the server too", async () => {
  const gone: Promise<unknown>[] = [];
  const server = createServer((_, response) => {
    gone.push(new Promise((resolve) => response.socket!.once("close", resolve)));
    response.writeHead(200, type).write('{"a":', () => asker.abort("gone"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const asker = new AbortController();
  const client = jsonClient("bank", { timeoutMs: 20_000, atOnce: 1, dialect });
  onTestFinished(() => client[Symbol.asyncDispose]());
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await expect(client.fetch(url, asker.signal)).rejects.toBe("gone");
  await Promise.all(gone);
  expect(gone).toHaveLength(1);
  expect(getEventListeners(asker.signal, "abort")).toEqual([]);
});

test("an answer without an end", async () => {
  const chunk = Buffer.alloc(2 ** 16, " ");
  const got = await asked((_, response) => {
    response.writeHead(200, type);
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", more);
    more();
  });
  expect(got).toEqual(both({ code: "BANK_BROKEN", reason: "TOO_LARGE" }));
});

test("an answer whose head is larger than a head may be", async () => {
  const got = await asked((_, response) => response.writeHead(200, { ...type, x: "x".repeat(20_000) }).end(SMALL));
  expect(got).toEqual(both({ code: "BANK_BROKEN", reason: "TOO_LARGE" }));
});

test("a redirect is not followed", async () => {
  const got = await asked((_, response) => response.writeHead(302, { location: "/" }).end());
  expect(got).toEqual(both({ code: "BANK_BROKEN", reason: "REDIRECTED" }));
});

test("chunks that end before the last of them are a lost connection", async () => {
  const got = await asked((_, response) => {
    response.writeHead(200, type).write('{"a":', () => response.socket?.end());
  });
  expect(got).toEqual(both({ code: "BANK_UNREACHABLE" }));
});

test("a server that does not speak TLS, asked over TLS", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = jsonClient("bank", { timeoutMs: 20_000, atOnce: 1, dialect });
  onTestFinished(() => client[Symbol.asyncDispose]());
  onTestFinished(() => void server.close());
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await expect(client.fetch(url, NEVER)).rejects.toMatchObject({ code: "BANK_UNREACHABLE" });
});

test("what is no HTTP", async () => {
  const got = await asked((request) => request.socket.end("\u0000 nonsense\r\n\r\n"));
  expect(got).toEqual(both({ code: "BANK_BROKEN", reason: "NOT_HTTP" }));
});

const HOUR = 3_600_000;
const at = (ms: number) => new Date(ms).toUTCString();

test.each([
  ["seconds", () => ({ "retry-after": "3" }), 3000],
  ["more seconds than there are in a day", () => ({ "retry-after": "999999999" }), 24 * HOUR],
  ["a date by a clock that is an hour ahead", () => clock(HOUR, 7000), 7000],
  ["a date by a clock that is a day behind", () => clock(-24 * HOUR, 7000), 7000],
  ["a date that is past", () => clock(0, -7000), 0],
])("when to come again: %s", async (_, headers, retryAfterMs) => {
  const got = await asked((_request, response) => response.writeHead(503, { ...type, ...headers() }).end("{}"));
  expect(got).toEqual(both({ code: "BANK_BUSY", retryAfterMs }));
});

const clock = (skewMs: number, waitMs: number) => {
  const now = Math.floor(Date.now() / 1000) * 1000 + skewMs;
  return { date: at(now), "retry-after": at(now + waitMs) };
};

// A question may have 30 s, and no call took longer than 10 s: a bank that needs 12 s never answered.
test("a request to a local API may take as long as a question may, unless bank.yaml says otherwise", () => {
  expect(httpOptions({}).parse({ url: "http://bank.example/" }).timeoutMs).toBe(LIMITS.deadlineMs);
  const omop = { kind: "omop", url: "postgres://odan@bank.example/cdm" };
  expect(ADAPTERS.omop.options.parse(omop).timeoutMs).toBe(LIMITS.deadlineMs);
});

test("a request that takes longer than its client allows is BANK_TIMEOUT", async () => {
  const server = createServer((_, response) => void setTimeout(() => response.writeHead(200, type).end("{}"), 200));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await using client = jsonClient("bank", { timeoutMs: 50, atOnce: 2, dialect });
  onTestFinished(() => void server.close());
  await expect(client.fetch(url, NEVER)).rejects.toMatchObject({ code: "BANK_TIMEOUT" });
});
