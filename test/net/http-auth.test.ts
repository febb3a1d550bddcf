import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { BEACON } from "../../adapters/beacon/counts.ts";
import { fhirClient } from "../../adapters/fhir/http.ts";
import { jsonClient } from "../../net/http/json-client.ts";
import { httpLink } from "../../net/http/link.ts";
import type { AuthOptions } from "../../net/http/remote-options.ts";
import type { BankError } from "../../schema/bank-error.ts";
import { openSqon, startCatalogue } from "../adapters/sqon-bank.ts";

const never = () => new AbortController().signal;
const SECRET = "s3cret/with+odd=letters";
const OK = { resourceType: "Library" };
type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const reply = (response: ServerResponse, status: number, body: object): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

const listening = async (answer: Answer): Promise<string> => {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    answer(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

/** A local API that accepts one of these credentials, and records what it received. */
const lettingIn = async (good: Set<string>) => {
  const shown: (string | undefined)[] = [];
  const url = await listening(({ headers: { authorization } }, response) => {
    shown.push(authorization);
    if (good.has(authorization ?? "")) return reply(response, 200, OK);
    reply(response, 401, {
      error: { errorMessage: `who is ${authorization}?` },
      issue: [{ diagnostics: authorization }],
    });
  });
  return { url, shown };
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "odan-auth-"));
  vi.stubEnv("ODAN_TEST_SECRET", SECRET);
  return async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  };
});
const secretFile = (text: string) => writeFile(join(folder, "secret"), text);

/** Asks a server as the clients of either kind do. */
const clients = async (url: string, auth: AuthOptions, timeoutMs = 5000) => {
  const link = await httpLink({ auth, timeoutMs }, { bank: "bank", folder, env: process.env });
  const json = jsonClient("bank", { timeoutMs, atOnce: 8, dialect: BEACON, link });
  const fhir = fhirClient("bank", url, { timeoutMs, atOnce: 8 }, link);
  onTestFinished(async () => void (await Promise.all([json[Symbol.asyncDispose](), fhir[Symbol.asyncDispose]()])));
  return {
    json: (signal = never()) => json.fetch(new URL(url), signal),
    fhir: (signal = never()) => fhir.fetch("", signal, { type: "application/fhir+json", text: "{}" }),
  };
};
const basic = { basic: { user: "odan", password: "env:ODAN_TEST_SECRET" } };

test.each([
  // printf 'odan:s3cret/with+odd=letters' | base64
  ["basic", basic, "Basic b2RhbjpzM2NyZXQvd2l0aCtvZGQ9bGV0dGVycw=="],
  ["a token of the environment", { bearer: "env:ODAN_TEST_SECRET" }, `Bearer ${SECRET}`],
  ["a token in a file", { bearer: "file:secret" }, "Bearer in-a-file"],
])("%s", async (_, auth, header) => {
  await secretFile("in-a-file\n");
  const { url, shown } = await lettingIn(new Set([header]));
  const { json, fhir } = await clients(url, auth);
  expect([await json(), await fhir()]).toEqual([OK, OK]);
  expect(shown).toEqual([header, header]);
});

test("a catalogue is asked with it, from the first request on", async () => {
  const { url: there } = await startCatalogue([]);
  const shown = new Set<string | undefined>();
  const url = await listening(async (request, response, body) => {
    shown.add(request.headers.authorization);
    const answer = await fetch(there, { method: "POST", headers: { "content-type": "application/json" }, body });
    reply(response, answer.status, (await answer.json()) as object);
  });
  const adapter = await openSqon(url, { auth: { bearer: "env:ODAN_TEST_SECRET" } });
  await adapter.release(never());
  expect([...shown]).toEqual([`Bearer ${SECRET}`]);
});

test("a secret in a file that has changed is read when the old one is refused; one that has not is not sent twice", async () => {
  await secretFile("first");
  const good = new Set(["Bearer first"]);
  const { url, shown } = await lettingIn(good);
  const { json } = await clients(url, { bearer: "file:secret" });
  await json();
  good.clear();
  await expect(json()).rejects.toMatchObject({ code: "BANK_REFUSED" });
  expect(shown).toHaveLength(2);
  await secretFile("second");
  good.add("Bearer second");
  expect(await json()).toEqual(OK);
  expect(shown.slice(2)).toEqual(["Bearer first", "Bearer second"]);
});

test.each([
  [
    "a variable that is not set",
    { bearer: "env:ODAN_TEST_NONE" },
    "auth.bearer: wanted the environment variable ODAN_TEST_NONE, got none",
  ],
  ["a file that is not there", { bearer: "file:none" }, "auth.bearer: wanted a readable file, got none"],
  [
    "an empty file",
    { basic: { user: "odan", password: "file:secret" } },
    "auth.basic.password: wanted a secret in the file, got none",
  ],
  [
    "a token of two lines",
    { bearer: "env:ODAN_TEST_LINES" },
    "auth.bearer: wanted a token, one word of ASCII, got something else",
  ],
])("%s is refused in so many words", async (_, auth, message) => {
  await secretFile(" \n");
  vi.stubEnv("ODAN_TEST_LINES", `${SECRET}\nx-more: 1`);
  const context = { bank: "bank", folder, env: process.env };
  await expect(httpLink({ auth, timeoutMs: 1000 }, context)).rejects.toMatchObject({
    code: "BANK_REFUSED",
    message: `[bank] adapter.${message}`,
  });
});

test("what a server says back of a secret is not passed on", async () => {
  const { url } = await lettingIn(new Set());
  for (const auth of [basic, { bearer: "env:ODAN_TEST_SECRET" }]) {
    const { json, fhir } = await clients(url, auth);
    const errors = await Promise.all([json(), fhir()].map((call) => call.catch((error: BankError) => error)));
    for (const error of errors) {
      expect(error).toMatchObject({ code: "BANK_REFUSED", message: expect.stringMatching(/\*\*\*/) });
      expect(String((error as BankError).message)).not.toMatch(/s3cret|b2Rhbj/);
    }
  }
});

/** A server of tokens: each time another one, which `good` holds from then on. */
const tokens = async (good: Set<string>, more: object = { expires_in: 3600 }) => {
  const asked: { readonly authorization: string | undefined; readonly form: object }[] = [];
  const url = await listening(({ headers: { authorization } }, response, body) => {
    asked.push({ authorization, form: Object.fromEntries(new URLSearchParams(body)) });
    const token = `token-${asked.length}`;
    good.add(`Bearer ${token}`);
    reply(response, 200, { access_token: token, token_type: "Bearer", ...more });
  });
  return { tokenUrl: `${url}token?realm=1`, asked };
};
const oauth = (tokenUrl: string, more: object = {}) => ({
  oauth: { tokenUrl, clientId: "odan", clientSecret: "env:ODAN_TEST_SECRET", sendSecret: "header" as const, ...more },
});

test("a token is fetched once for all who wait for it, and kept", async () => {
  const good = new Set<string>();
  const { tokenUrl, asked } = await tokens(good);
  const { url, shown } = await lettingIn(good);
  const { json, fhir } = await clients(url, oauth(tokenUrl, { scope: "counts", audience: "bank" }));
  await Promise.all(Array.from({ length: 20 }, () => [json(), fhir()]).flat());
  await json();
  // RFC 6749, 2.3.1: user and password of a form, before they are joined. printf 'odan:s3cret%2Fwith%2Bodd%3Dletters' | base64
  const authorization = "Basic b2RhbjpzM2NyZXQlMkZ3aXRoJTJCb2RkJTNEbGV0dGVycw==";
  const form = { grant_type: "client_credentials", scope: "counts", audience: "bank" };
  expect(asked).toEqual([{ authorization, form }]);
  expect(new Set(shown)).toEqual(new Set(["Bearer token-1"]));
  expect(shown).toHaveLength(41);
});

test("what a server of tokens adds to a token may have any form", async () => {
  const good = new Set<string>();
  const { tokenUrl } = await tokens(good, { expires_in: "3600", refresh_token: null, scope: ["counts"], id_token: 1 });
  const { url } = await lettingIn(good);
  expect(await (await clients(url, oauth(tokenUrl))).json()).toEqual(OK);
});

test("the secret in the body, for servers that want it there", async () => {
  const good = new Set<string>();
  const { tokenUrl, asked } = await tokens(good);
  const { url } = await lettingIn(good);
  await (await clients(url, oauth(tokenUrl, { sendSecret: "body" }))).json();
  const form = { grant_type: "client_credentials", client_id: "odan", client_secret: SECRET };
  expect(asked).toEqual([{ authorization: undefined, form }]);
});

test("a token that expires is fetched anew before it does", async () => {
  const good = new Set<string>();
  // A tenth of its time is 0.1 s.
  const { tokenUrl, asked } = await tokens(good, { expires_in: 1 });
  const { url, shown } = await lettingIn(good);
  const { json } = await clients(url, oauth(tokenUrl));
  const began = performance.now();
  await json();
  const fetched = performance.now();
  for (;;) {
    const before = performance.now();
    await json();
    if (asked.length > 1) break;
    // It was kept: its time was not over when the question was put.
    expect(before - fetched).toBeLessThan(900);
  }
  expect(performance.now() - began).toBeGreaterThan(899);
  expect(new Set(shown)).toEqual(new Set(["Bearer token-1", "Bearer token-2"]));
});

test("a token that is refused before its time is fetched anew, once for all who had it", async () => {
  const good = new Set<string>();
  const { tokenUrl, asked } = await tokens(good);
  const { url, shown } = await lettingIn(good);
  const { json } = await clients(url, oauth(tokenUrl));
  await json();
  good.clear();
  expect(await Promise.all(Array.from({ length: 8 }, () => json()))).toEqual(Array.from({ length: 8 }, () => OK));
  expect(asked).toHaveLength(2);
  expect(shown.filter((one) => one === "Bearer token-2")).toHaveLength(8);
});

test("where every token is refused, the server of tokens is not asked with each question", async () => {
  const { tokenUrl, asked } = await tokens(new Set());
  const { url } = await lettingIn(new Set());
  const { json } = await clients(url, oauth(tokenUrl));
  for (let i = 0; i < 5; i += 1) await expect(json()).rejects.toMatchObject({ code: "BANK_REFUSED" });
  expect(asked).toHaveLength(1);
});

test.each<[string, Answer, object]>([
  [
    "refuses the secret, and says it back",
    (_, response, body) => reply(response, 400, { error: "invalid_client", error_description: body }),
    { code: "BANK_REFUSED", message: "[bank] oauth, /token: wanted a token, got HTTP 400 (invalid_client)" },
  ],
  [
    "refuses in words of its own",
    (_, response) => reply(response, 401, { error: SECRET }),
    { code: "BANK_REFUSED", message: "[bank] oauth, /token: wanted a token, got HTTP 401" },
  ],
  ["fails", (_, response) => reply(response, 500, {}), { code: "BANK_BROKEN", reason: "SERVER_ERROR" }],
  [
    "leads elsewhere",
    (_, response) => void response.writeHead(302, { location: "/" }).end(),
    { code: "BANK_BROKEN", reason: "REDIRECTED" },
  ],
  [
    "gives no token",
    (_, response) => reply(response, 200, { token_type: "Bearer" }),
    { code: "BANK_BROKEN", reason: "WRONG_FORM" },
  ],
  [
    "gives a token of another kind",
    (_, response) => reply(response, 200, { access_token: "x", token_type: "mac" }),
    { code: "BANK_BROKEN", reason: "WRONG_FORM" },
  ],
  [
    "gives a token that is none",
    (_, response) => reply(response, 200, { access_token: "a\r\nb", token_type: "bearer" }),
    { code: "BANK_REFUSED" },
  ],
  [
    "is busy",
    (_, response) => void response.writeHead(503, { "retry-after": "3" }).end(),
    { code: "BANK_BUSY", retryAfterMs: 3000 },
  ],
  ["resets", (request) => request.socket.resetAndDestroy(), { code: "BANK_UNREACHABLE" }],
  ["says nothing", () => undefined, { code: "BANK_TIMEOUT" }],
])("a server of tokens that %s: the bank is not asked", async (_, answer, wanted) => {
  const { url, shown } = await lettingIn(new Set());
  const { json } = await clients(url, oauth(`${await listening(answer)}token`), 400);
  await expect(json()).rejects.toMatchObject(wanted);
  expect(shown).toEqual([]);
});

test("who leaves while a token is fetched leaves the others what they wait for", async () => {
  const good = new Set<string>();
  let give = () => {};
  const tokenUrl = await listening((_, response) => {
    good.add("Bearer late");
    give = () => reply(response, 200, { access_token: "late", token_type: "Bearer" });
  });
  const { url } = await lettingIn(good);
  const { json } = await clients(url, oauth(tokenUrl));
  const leaver = new AbortController();
  const [left, stays] = [json(leaver.signal), json()];
  await expect.poll(() => good.size).toBe(1);
  leaver.abort(new Error("enough"));
  await expect(left).rejects.toThrow("enough");
  give();
  expect(await stays).toEqual(OK);
});
