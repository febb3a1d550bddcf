import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CompactEncrypt, exportSPKI, generateKeyPair, importJWK } from "jose";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import type { Asker } from "../../../gateway/askers/asker.ts";
import { openAskers } from "../../../gateway/askers/askers.ts";
import { jwtReader } from "../../../gateway/askers/jwt.ts";
import type { KeyTimes } from "../../../gateway/askers/provider-keys.ts";
import { Refusal } from "../../../schema/refusal.ts";
import { memoryLog } from "../fake-subgraph.ts";
import { closeAll, start } from "../started-gateway.ts";
import { AUDIENCE, type Changes, claims, ISSUER, newKey, type ProviderKey, signed, startProvider } from "./provider.ts";

afterEach(closeAll);

const ALGORITHMS = ["RS256", "ES256", "EdDSA"];
const TIMES: KeyTimes = { timeoutMs: 300, cooldownMs: 0, retryMs: 0, freshMs: 600_000, longestMs: 86_400_000 };

/** A reader before a provider with one key. `read` gives the asker, or the code of the refusal. */
const provider = async ({ alg = "ES256", times = TIMES }: { alg?: string; times?: KeyTimes } = {}) => {
  const key = await newKey("k1", alg);
  const { log, lines } = memoryLog();
  const server = await startProvider([key]);
  const options = { issuer: ISSUER, audiences: ["other", AUDIENCE], keysUrl: server.url, algorithms: ALGORITHMS };
  const reader = jwtReader({ ...options, toleranceS: 30 }, log, times);
  onTestFinished(() => reader[Symbol.asyncDispose]());
  const read = async (token: string): Promise<Asker | string> => {
    try {
      return await reader.read(token);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (token.length > 60) expect(JSON.stringify([error.message, error.says])).not.toContain(token.slice(10, 60));
      return error.code;
    }
  };
  return { key, server, read, lines, options };
};

const HANAKO = { tier: "REGISTERED", id: "jwt:https://id.example/#u-1", name: "Hanako Sato", banks: [], token: null };

test.each(ALGORITHMS)("a JWT signed with %s makes a registered researcher, never an operator", async (alg) => {
  const { key, read } = await provider({ alg });
  const payload = claims({ tier: "OPERATOR", banks: ["bbj"] });
  expect(await read(await signed(key, payload))).toEqual({ ...HANAKO, expires: new Date(payload.exp! * 1000) });
});

test("without a name the subject is the name; a name is cut and cleaned", async () => {
  const { key, read } = await provider();
  expect(await read(await signed(key, claims({ name: undefined })))).toMatchObject({ name: "u-1" });
  expect(await read(await signed(key, claims({ name: 5 })))).toMatchObject({ name: "u-1" });
  const name = `a\nb\u202e${"x".repeat(200)}`;
  expect(await read(await signed(key, claims({ name })))).toMatchObject({ name: `a b ${"x".repeat(76)}` });
});

const now = () => Math.floor(Date.now() / 1000);

describe("what does not count", () => {
  test.each<[what: string, changes: Changes, code: string]>([
    ["another audience", { aud: "elsewhere" }, "SIGN_IN"],
    ["a longer audience", { aud: `${AUDIENCE}2` }, "SIGN_IN"],
    ["no audience", { aud: undefined }, "SIGN_IN"],
    ["another issuer", { iss: "https://id.example" }, "SIGN_IN"],
    ["no issuer", { iss: undefined }, "SIGN_IN"],
    ["no subject", { sub: undefined }, "SIGN_IN"],
    ["an empty subject", { sub: "" }, "SIGN_IN"],
    ["a subject that is no text", { sub: { toString: "x" } }, "SIGN_IN"],
    ["a subject of 300 characters", { sub: "x".repeat(300) }, "SIGN_IN"],
    ["no end", { exp: undefined }, "SIGN_IN"],
    ["an end that is no number", { exp: "9999999999" }, "SIGN_IN"],
    ["an end that no calendar has", { exp: 1e300 }, "SIGN_IN"],
    ["an end in the past", { exp: now() - 60 }, "TOKEN_EXPIRED"],
    ["a beginning in the future", { nbf: now() + 120 }, "SIGN_IN"],
  ])("%s", async (_, changes, code) => {
    const { key, read } = await provider();
    expect(await read(await signed(key, claims(changes)))).toBe(code);
  });

  test.each([
    ["exp", { exp: now() - 10 }],
    ["nbf", { nbf: now() + 20 }],
  ] satisfies [string, Changes][])("half a minute of difference between the clocks does, in %s", async (_, changes) => {
    const { key, read } = await provider();
    expect(await read(await signed(key, claims(changes)))).toMatchObject({ tier: "REGISTERED" });
  });

  test.each(["logout+jwt", "dpop+jwt", "secevent+jwt", "", "JOSE"])("the type %j", async (typ) => {
    const { key, read } = await provider();
    expect(await read(await signed(key, claims(), { typ }))).toBe("SIGN_IN");
  });

  test.each(["JWT", "jwt", "at+jwt", "application/at+jwt"])("the type %s does", async (typ) => {
    const { key, read } = await provider();
    expect(await read(await signed(key, claims(), { typ }))).toMatchObject({ tier: "REGISTERED" });
  });

  const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

  test("no signature (alg: none), however it is spelt", async () => {
    const { read, server } = await provider();
    for (const alg of ["none", "None", "NONE", ""]) {
      for (const signature of ["", "x"])
        expect(await read(`${base64({ alg })}.${base64(claims())}.${signature}`)).toBe("SIGN_IN");
    }
    expect(server.asked(), "no key was fetched for it").toBe(0);
  });

  test("HS256 with the public key as the secret", async () => {
    const { key, read } = await provider({ alg: "RS256" });
    const publicKey = await importJWK(key.jwk, "RS256");
    if (publicKey instanceof Uint8Array) throw new Error("wanted a public key");
    const secrets = [await exportSPKI(publicKey), JSON.stringify(key.jwk), key.jwk.n ?? ""];
    for (const secret of secrets) {
      const head = `${base64({ alg: "HS256", kid: "k1" })}.${base64(claims())}`;
      const mac = createHmac("sha256", secret).update(head).digest("base64url");
      expect(await read(`${head}.${mac}`)).toBe("SIGN_IN");
    }
  });

  test("an algorithm that is not set, although the key fits", async () => {
    const { read } = await provider({ alg: "RS256" });
    const other = await newKey("k1", "PS256");
    expect(await read(await signed(other))).toBe("SIGN_IN");
  });

  test("another key under the same id, another payload under the same signature, a cut signature", async () => {
    const { key, read } = await provider();
    expect(await read(await signed(await newKey("k1")))).toBe("SIGN_IN");
    const [head, , signature] = (await signed(key)).split(".");
    expect(await read(`${head}.${base64(claims({ sub: "admin" }))}.${signature}`)).toBe("SIGN_IN");
    expect(await read((await signed(key)).slice(0, -4))).toBe("SIGN_IN");
  });

  test("a key id that the provider does not have", async () => {
    const { key, read } = await provider();
    expect(await read(await signed({ ...key, kid: "k9" }))).toBe("SIGN_IN");
  });

  test("an extension that is not understood (crit), and an unencoded payload", async () => {
    const { key, read } = await provider();
    const [, payload, signature] = (await signed(key)).split(".");
    for (const header of [{ crit: ["odd"], odd: 1 }, { crit: ["b64"], b64: false }, { crit: [] }]) {
      expect(await read(`${base64({ alg: "ES256", kid: "k1", ...header })}.${payload}.${signature}`)).toBe("SIGN_IN");
    }
  });

  test("an encrypted token (JWE), and other things with dots", async () => {
    const { options, read } = await provider();
    const { publicKey } = await generateKeyPair("RSA-OAEP-256");
    const plain = new TextEncoder().encode(JSON.stringify(claims()));
    const jwe = await new CompactEncrypt(plain)
      .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256GCM" })
      .encrypt(publicKey);
    const { log } = memoryLog();
    await using askers = openAskers({ jwt: { ...options, toleranceS: 30 }, log });
    const codeOf = async (token: string): Promise<unknown> => {
      const headers = { authorization: `Bearer ${token}` };
      const arrival = { socket: { remoteAddress: "192.0.2.1" }, headers, headersDistinct: {}, url: "/graphql" };
      try {
        return await askers.of(arrival);
      } catch (error) {
        return error instanceof Refusal ? error.code : error;
      }
    };
    for (const token of [jwe, "a.b.c.d", "..", "a.b", `${"x".repeat(9000)}.y.z`])
      expect(await codeOf(token)).toBe("SIGN_IN");
    for (const token of ["e30.e30.", "a.b.c", `${base64([])}.e30.x`, `${base64(null)}.e30.x`]) {
      expect(await read(token), token).toBe("SIGN_IN");
    }
  });
});

describe("the provider's keys", () => {
  test("are fetched once for all who wait, and kept", async () => {
    const { key, server, read } = await provider();
    const token = await signed(key);
    await Promise.all(Array.from({ length: 20 }, () => read(token)));
    await read(token);
    expect(server.asked()).toBe(1);
  });

  test("rotate: a new one is fetched when it is first used, and one that was withdrawn no longer counts", async () => {
    const { key, server, read } = await provider();
    const next = await newKey("k2");
    expect(await read(await signed(key))).toMatchObject({ tier: "REGISTERED" });
    server.publish([key, next]);
    expect(await read(await signed(next))).toMatchObject({ tier: "REGISTERED" });
    expect(await read(await signed(key))).toMatchObject({ tier: "REGISTERED" });
    server.publish([next]);
    expect(await read(await signed(await newKey("k3")))).toBe("SIGN_IN");
    expect(await read(await signed(key))).toBe("SIGN_IN");
  });

  test("are asked for at most once in the cooldown, whatever ids tokens name", async () => {
    const { key, server, read } = await provider({ times: { ...TIMES, cooldownMs: 60_000 } });
    expect(await read(await signed(key))).toMatchObject({ tier: "REGISTERED" });
    for (let i = 0; i < 20; i++) expect(await read(await signed({ ...key, kid: `guess-${i}` }))).toBe("SIGN_IN");
    expect(server.asked()).toBe(1);
  });

  test.each<[how: string, serve: (server: Awaited<ReturnType<typeof startProvider>>) => void | Promise<void>]>([
    ["has gone", (server) => server.close()],
    ["never answers", (server) => server.answerWith(() => undefined)],
    ["answers 500", (server) => server.answerWith((_, response) => void response.writeHead(500).end())],
    [
      "redirects",
      (server) => server.answerWith((_, response) => void response.writeHead(302, { location: "/" }).end()),
    ],
    ["sends a page", (server) => server.answerWith((_, response) => void response.end("<html>"))],
    ["sends no key set", (server) => server.answerWith((_, response) => void response.end('{"keys":5}'))],
    [
      "sends members that are no keys",
      (server) => server.answerWith((_, response) => void response.end('{"keys":[5]}')),
    ],
    [
      "sends a megabyte",
      (server) => server.answerWith((_, response) => void response.end(`{"keys":[${" ".repeat(1e6)}]}`)),
    ],
  ])(
    "while the provider %s: known ones go on, others are SIGN_IN_UNAVAILABLE, and the log says it once",
    async (_, serve) => {
      const { key, server, read, lines } = await provider();
      expect(await read(await signed(key))).toMatchObject({ tier: "REGISTERED" });
      await serve(server);
      const other: ProviderKey = await newKey("k2");
      const [known, unknown] = [await signed(key), await signed(other)];
      for (let i = 0; i < 3; i++) expect(await read(unknown)).toBe("SIGN_IN_UNAVAILABLE");
      expect(await read(known)).toMatchObject({ tier: "REGISTERED" });
      expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
        [40, "the identity provider did not give its keys"],
      ]);
      expect(JSON.stringify(lines)).not.toContain(unknown.slice(20, 60));
    },
  );

  test("are not waited for again right after a failure, and the log says when the provider is back", async () => {
    const { key, server, read, lines } = await provider({ times: { ...TIMES, timeoutMs: 200, retryMs: 1000 } });
    server.answerWith(() => undefined);
    const token = await signed(key);
    expect(await read(token)).toBe("SIGN_IN_UNAVAILABLE");
    const before = performance.now();
    for (let i = 0; i < 10; i++) expect(await read(token)).toBe("SIGN_IN_UNAVAILABLE");
    expect(performance.now() - before).toBeLessThan(1000);
    expect(server.asked()).toBe(1);
    server.publish([key]);
    await expect.poll(() => read(token), { timeout: 5000 }).toMatchObject({ tier: "REGISTERED" });
    expect(lines.map(({ msg }) => msg)).toEqual([
      "the identity provider did not give its keys",
      "the identity provider is back",
    ]);
  });

  test("that are old are fetched anew while they serve; those that are very old are not used", async () => {
    const { key, server, read } = await provider({ times: { ...TIMES, freshMs: 50, longestMs: 400 } });
    const token = await signed(key);
    expect(await read(token)).toMatchObject({ tier: "REGISTERED" });
    await sleep(60);
    server.publish([]);
    expect(await read(token)).toMatchObject({ tier: "REGISTERED" });
    await expect.poll(() => read(token), { timeout: 5000 }).toBe("SIGN_IN");
    server.publish([key]);
    await expect.poll(() => read(token), { timeout: 5000 }).toMatchObject({ tier: "REGISTERED" });
    server.answerWith((_, response) => void response.writeHead(503).end());
    await expect.poll(() => read(token), { timeout: 5000 }).toBe("SIGN_IN_UNAVAILABLE");
  });
});

test("over HTTP: a JWT signs in, an expired one is 401 TOKEN_EXPIRED, and a provider that is away 503 with Retry-After", async () => {
  const { key, server, options } = await provider();
  const { log, lines } = memoryLog();
  const askers = openAskers({ jwt: { ...options, toleranceS: 30 }, log });
  const { url } = await start([], { askers, log });
  const ask = async (token: string) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const body = JSON.stringify({ query: "{ asker { tier name } }" });
    const response = await fetch(`${url}/graphql`, { method: "POST", headers, body });
    const { data, errors } = await response.json();
    return [response.status, data?.asker ?? errors[0].extensions.code, response.headers.get("retry-after")];
  };
  server.answerWith((_, response) => void response.writeHead(500).end());
  const token = await signed(key);
  expect(await ask(token)).toEqual([503, "SIGN_IN_UNAVAILABLE", "5"]);
  server.publish([key]);
  await expect
    .poll(() => ask(token), { timeout: 20_000, interval: 500 })
    .toEqual([200, { tier: "REGISTERED", name: "Hanako Sato" }, null]);
  expect(await ask(await signed(key, claims({ exp: now() - 60 })))).toEqual([401, "TOKEN_EXPIRED", null]);
  expect(JSON.stringify(lines)).not.toContain(token.slice(20, 60));
}, 30_000);
