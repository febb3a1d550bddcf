import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, test } from "vitest";
import { answerSigner, answerVerifier } from "../../net/signing/answer.ts";
import { digestOf } from "../../net/signing/digest.ts";
import { KeyListError, publicKeys } from "../../net/signing/key-list.ts";
import { keyId, publicJwk, publicKey } from "../../net/signing/keys.ts";
import { replayMemory } from "../../net/signing/replays.ts";
import { type CheckedRequest, requestSigner, requestVerifier } from "../../net/signing/request.ts";

const newKey = () => generateKeyPairSync("ed25519").privateKey;
const publicOf = (key: ReturnType<typeof newKey>) => publicKey(keyId(key))!;
const [GATEWAY, OLDER, BANK, OTHER] = [newKey(), newKey(), newKey(), newKey()];
const BODY = '{"query":"{ lease }"}';
const NOW = Date.parse("2026-11-30T12:00:00Z");

/** A bank's check of requests, by a clock that the test sets; and a gateway whose clock is `skewMs` ahead of it. */
const parties = ({ skewMs = 0, keys = [publicOf(GATEWAY)], by = GATEWAY, audience = "bbj" } = {}) => {
  const clock = { now: NOW };
  const check = requestVerifier({ bank: "bbj", keys: () => keys, wall: () => clock.now });
  const sign = requestSigner(by, audience, () => clock.now + skewMs);
  return { clock, check: (token: string | undefined, body = BODY) => check(token, Buffer.from(body)), sign };
};
const refusalOf = (checked: CheckedRequest) => (checked.ok ? "none" : checked.message);

describe("a request", () => {
  test("that a gateway signed is taken, with its id and what it says of the operator", async () => {
    const { check, sign } = parties();
    const [plain, order] = [await sign(BODY, false), await sign(BODY, true)];
    expect(await check(plain.token)).toEqual({ ok: true, jti: plain.jti, operator: false });
    expect(await check(order.token)).toEqual({ ok: true, jti: order.jti, operator: true });
  });

  test("is taken once", async () => {
    const { clock, check, sign } = parties();
    const { token, jti } = await sign(BODY, false);
    await check(token);
    for (const ms of [0, 10_000, 29_000]) {
      clock.now = NOW + ms;
      expect(await check(token)).toMatchObject({ ok: false, jti, message: expect.stringContaining("replayed") });
    }
  });

  test.each([-5, -4, 0, 4, 5])("is taken from a gateway whose clock is %i s ahead", async (seconds) => {
    const { check, sign } = parties({ skewMs: seconds * 1000 });
    expect(await check((await sign(BODY, false)).token)).toMatchObject({ ok: true });
  });

  test.each([
    [47, "got one of 47 s ahead"],
    [-47, "got one of 47 s ago"],
    [7, "got one of 7 s ahead"],
  ])("of a clock that is %i s ahead is refused, and the refusal names the difference", async (seconds, got) => {
    const { check, sign } = parties({ skewMs: seconds * 1000 });
    const { token, jti } = await sign(BODY, false);
    const checked = await check(token);
    expect(checked).toMatchObject({ ok: false, code: "SIGN_IN", jti });
    expect(refusalOf(checked)).toContain(got);
    expect(refusalOf(checked)).toContain("clocks may differ by 5 s");
  });

  test("is refused after its 30 seconds", async () => {
    const { clock, check, sign } = parties();
    const { token } = await sign(BODY, false);
    clock.now = NOW + 36_000;
    expect(refusalOf(await check(token))).toContain("got one of 36 s ago");
  });

  test("from before the bank's process started is refused: it cannot know what it took then", async () => {
    const { token } = await parties({ skewMs: -8000 }).sign(BODY, false);
    expect(refusalOf(await parties().check(token))).toContain("wanted a request of this process's time");
  });

  test("to another bank is refused, and the refusal signed", async () => {
    const { check, sign } = parties({ audience: "tmm" });
    const { token, jti } = await sign(BODY, false);
    expect(await check(token)).toMatchObject({ ok: false, jti, message: 'aud: wanted bbj, got "tmm"' });
  });

  test("with another body is refused", async () => {
    const { check, sign } = parties();
    expect(refusalOf(await check((await sign(BODY, false)).token, `${BODY} `))).toContain("wanted that of the body");
  });

  test("of an unknown key is refused, and the refusal names both keys, and is not signed", async () => {
    const { check, sign } = parties({ by: OTHER });
    const checked = await check((await sign(BODY, false)).token);
    expect(checked).toMatchObject({ ok: false, jti: null, code: "SIGN_IN" });
    expect(refusalOf(checked)).toContain(keyId(GATEWAY).slice(0, 12));
    expect(refusalOf(checked)).toContain(keyId(OTHER).slice(0, 12));
  });

  test("of every listed key is taken: keys rotate", async () => {
    for (const by of [GATEWAY, OLDER]) {
      const { check, sign } = parties({ by, keys: [publicOf(GATEWAY), publicOf(OLDER)] });
      expect(await check((await sign(BODY, false)).token)).toMatchObject({ ok: true });
    }
  });

  test("without a token, or with something else as one, is refused", async () => {
    const { check, sign } = parties();
    const { token } = await sign(BODY, false);
    const [header, payload, signature] = token.split(".");
    const tokens = [
      undefined,
      "",
      "a.b.c",
      `${header}.${payload}.`,
      `${header}.${payload}.${signature?.toUpperCase()}`,
      `${header}.${payload}`,
      new UnsecuredJWT({ digest: digestOf(BODY) }).setAudience("bbj").setIssuedAt().encode(),
      await new SignJWT({ digest: digestOf(BODY), jti: "0123456789abcdef", iat: NOW / 1000, exp: NOW / 1000 + 30 })
        .setProtectedHeader({ alg: "HS256", typ: "odan-request+jwt", kid: keyId(GATEWAY) })
        .setAudience("bbj")
        .setIssuer("odan-gateway")
        .sign(Buffer.from(keyId(GATEWAY), "base64url")),
    ];
    for (const one of tokens) expect(await check(one), one).toMatchObject({ ok: false, jti: null, code: "SIGN_IN" });
  });

  test.each<[string, object, object]>([
    ["another type", { typ: "JWT" }, {}],
    ["no id", {}, { jti: undefined }],
    ["a short id", {}, { jti: "1" }],
    ["no digest", {}, { digest: undefined }],
    ["no end", {}, { exp: undefined }],
    ["a time that is none", {}, { iat: "now" }],
    ["another issuer", {}, { iss: "bbj" }],
  ])("with %s is refused", async (_, header, claims) => {
    const { check } = parties();
    const all = { iss: "odan-gateway", aud: "bbj", jti: "0123456789abcdef", iat: NOW / 1000, exp: NOW / 1000 + 30 };
    const make = (over: object, more: object) =>
      new SignJWT({ ...all, digest: digestOf(BODY), ...more })
        .setProtectedHeader({ alg: "EdDSA", typ: "odan-request+jwt", kid: keyId(GATEWAY), ...over })
        .sign(GATEWAY);
    expect(await check(await make({}, {}))).toMatchObject({ ok: true });
    expect(await check(await make(header, { jti: "fedcba9876543210", ...claims }))).toMatchObject({ ok: false });
  });
});

describe("an answer", () => {
  const signed = { jti: "0123456789abcdef", status: 200, body: '{"data":{}}' };
  const sign = answerSigner(BANK, "bbj");
  const check = answerVerifier([publicOf(BANK), publicOf(OLDER)], "bbj");

  test("of the bank to this request is taken, by any of its keys", async () => {
    expect(await check(await sign(signed), signed)).toBeNull();
    expect(await check(await answerSigner(OLDER, "bbj")(signed), signed)).toBeNull();
  });

  test.each([
    ["another request", { ...signed, jti: "fedcba9876543210" }, "got its answer to another request"],
    ["another status", { ...signed, status: 400 }, "got another HTTP status (400)"],
    ["another body", { ...signed, body: '{"data":{} }' }, "got another body"],
  ])("to %s than it signed is not", async (_, got, fault) => {
    expect(await check(await sign(signed), got)).toContain(fault);
  });

  test("of another bank, by another key, or without a signature is not", async () => {
    expect(await check(await answerSigner(BANK, "tmm")(signed), signed)).toContain("iss of another party");
    expect(await check(await answerSigner(OTHER, "bbj")(signed), signed)).toContain(
      `got one by ${keyId(OTHER).slice(0, 12)}… (not the bank's)`,
    );
    expect(await check(undefined, signed)).toContain("got one without odan-answer");
    expect(await check("a.b.c", signed)).toContain("got one by");
  });

  test("is no request, and a request no answer", async () => {
    const { token, jti } = await parties({ by: BANK }).sign(signed.body, false);
    expect(await check(token, { ...signed, jti })).toContain("typ of another party");
  });
});

describe("keys", () => {
  test("are read as ids, as JWKs, and as a gateway answers them", () => {
    const [a, b] = [publicJwk(BANK), publicJwk(OTHER)];
    const texts = [
      `${a.x}, ${b.x}`,
      `${a.x}\n${b.x}\n`,
      JSON.stringify([a, b]),
      JSON.stringify({ keys: [a, b] }),
      JSON.stringify({ data: { keys: [a, b] } }),
    ];
    for (const text of texts)
      expect(
        publicKeys(text).map(({ id }) => id),
        text,
      ).toEqual([a.x, b.x]);
    expect(publicKeys(JSON.stringify(a)).map(({ id }) => id)).toEqual([a.x]);
  });

  test.each([
    "",
    "[]",
    "{",
    "abc",
    "A".repeat(43),
    `AQ${"A".repeat(41)}`,
    `${"A".repeat(41)}IA`,
    JSON.stringify({ kty: "RSA" }),
    "[1]",
    "null",
    `${"A".repeat(42)}B`,
  ])("are refused: %j", (text) => expect(() => publicKeys(text)).toThrow(KeyListError));
});

test("a memory of replays holds its time and its bound", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 400 })), { maxLength: 60 }),
      (steps) => {
        let now = 0;
        const memory = replayMemory(1000, 8, { mono: () => now });
        const taken = new Map<number, number>();
        for (const [id, ms] of steps) {
          now += ms;
          const alive = [...taken].filter(([, at]) => now < at + 1000);
          const found = memory.take(String(id));
          const isKnown = alive.some(([known]) => known === id);
          expect(found).toBe(isKnown ? "seen" : alive.length >= 8 ? "full" : "new");
          if (found === "new") taken.set(id, now);
        }
      },
    ),
    { seed: 20_261_130 },
  );
});
