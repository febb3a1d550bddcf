import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { openAskers } from "../../../gateway/askers/askers.ts";
import { issuedTokens, issueToken, revokeTokens } from "../../../gateway/askers/issued-tokens.ts";
import { newToken } from "../../../gateway/askers/token-text.ts";
import { fakeSubgraph, memoryLog } from "../fake-subgraph.ts";
import { closeAll, start } from "../started-gateway.ts";
import { storeInMemory } from "./token-store.ts";

afterEach(closeAll);

const FILE_TOKEN = "the-word-in-the-operators-file";

const gateway = async () => {
  const tokens = storeInMemory();
  const { log, lines } = memoryLog();
  const askers = openAskers({ tokens, isOperatorToken: (token) => token === FILE_TOKEN, log });
  const { url } = await start([fakeSubgraph("bbj")], { askers, log });
  return { url: `${url}/graphql`, tokens, lines };
};

/** An answer, of which the tests read what is there. */
type Json = {
  readonly data: { readonly asker: { readonly [field: string]: unknown } };
  readonly errors: readonly [{ readonly extensions: { readonly code: string } }];
};
type Reply = {
  readonly status: number | undefined;
  readonly challenge: string | undefined;
  readonly body: string;
  readonly json: Json;
};

/** A request with exactly these headers; fetch would join or refuse some of them. */
const ask = (url: string, authorization: readonly string[], query = "{ asker { tier name expires } }") =>
  new Promise<Reply>((resolve, reject) => {
    const body = JSON.stringify({ query });
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = httpRequest(url, { method: "POST", headers });
    if (authorization.length > 0) sent.setHeader("authorization", [...authorization]);
    sent
      .once("response", async (response) => {
        const got = await text(response);
        const challenge = response.headers["www-authenticate"];
        resolve({ status: response.statusCode, challenge, body: got, json: JSON.parse(got) });
      })
      .once("error", reject)
      .end(body);
  });

const ANONYMOUS = { tier: "ANONYMOUS", name: null, expires: null };

test("without a token the asker is anonymous", async () => {
  const { url } = await gateway();
  expect((await ask(url, [])).json).toEqual({ data: { asker: ANONYMOUS } });
});

test.each(["Bearer", "bearer", "BEARER", "bEaReR "])("a researcher's token counts after %j", async (scheme) => {
  const { url, tokens } = await gateway();
  const { text, token } = await issueToken(tokens, { tier: "REGISTERED", name: "Hanako" });
  expect((await ask(url, [`${scheme} ${text}`])).json).toEqual({
    data: { asker: { tier: "REGISTERED", name: "Hanako", expires: token.expires.toISOString() } },
  });
});

// Such a token was said to be none of this federation.
test("a token is 503 while the gateway has nothing to look it up in; without a token the gateway answers", async () => {
  const { log } = memoryLog();
  let copy: "NONE" | "OLD" = "NONE";
  const state = { status: () => ({ kind: "REDIS", copy }) as const };
  const askers = openAskers({ tokens: { ...storeInMemory(), ...state }, log });
  const { url } = await start([fakeSubgraph("bbj")], { askers, state, log });
  const sent = await ask(`${url}/graphql`, [`Bearer ${newToken()}`]);
  expect([sent.status, sent.json.errors[0].extensions.code]).toEqual([503, "OVERLOADED"]);
  expect((await ask(`${url}/graphql`, [])).json).toEqual({ data: { asker: ANONYMOUS } });
  const ready = async (): Promise<unknown> => (await fetch(`${url}/ready`)).json();
  expect(await ready()).toMatchObject({ status: "ready", state: expect.stringContaining("there is no copy") });
  copy = "OLD";
  expect((await ask(`${url}/graphql`, [`Bearer ${newToken()}`])).status).toBe(401);
  expect(await ready()).toMatchObject({ status: "ready", state: expect.stringContaining("the last copy") });
});

test("an operator's token has the name of the bank, also for a bank that has not joined", async () => {
  const { url, tokens } = await gateway();
  const { text } = await issueToken(tokens, { tier: "OPERATOR", name: "not-yet" });
  expect((await ask(url, [`Bearer ${text}`])).json.data.asker).toMatchObject({ tier: "OPERATOR", name: "not-yet" });
  expect((await ask(url, [`Bearer ${FILE_TOKEN}`])).json.data.asker).toEqual({
    tier: "OPERATOR",
    name: "operator",
    expires: null,
  });
});

// Whoever sends a token that does not count would otherwise work within the limits of nobody in particular, and not know why.
describe("an Authorization that does not count is 401 SIGN_IN, and never anonymous", () => {
  const whole = newToken();
  test.each<[what: string, headers: readonly string[]]>([
    ["a token that nobody issued", [`Bearer ${whole}`]],
    ["a token that is cut", [`Bearer ${whole.slice(0, -1)}`]],
    ["a word", ["Bearer hello"]],
    ["something like a JWT, without an identity provider", ["Bearer eyJhbGciOiJub25lIn0.e30."]],
    ["Basic", ["Basic dXNlcjpwYXNz"]],
    ["an empty header", [""]],
    ["Bearer alone", ["Bearer"]],
    ["Bearer and a space", ["Bearer "]],
    ["a token alone", [whole]],
    ["two tokens in one header", [`Bearer ${whole} ${whole}`]],
    ["two tokens with a comma", [`Bearer ${whole}, Bearer ${whole}`]],
    ["two headers", [`Bearer ${whole}`, `Bearer ${whole}`]],
    ["8 kB of token", [`Bearer ${"x".repeat(8192)}`]],
    ["8 kB of prefix and more", [`Bearer odan_${"x".repeat(8192)}`]],
    ["a tab", [`Bearer\t${whole}`]],
    ["a quoted token", [`Bearer "${whole}"`]],
  ])("%s", async (_, headers) => {
    const { url, lines } = await gateway();
    const { status, challenge, body, json } = await ask(url, headers);
    expect([status, challenge]).toEqual([401, 'Bearer realm="odan", error="invalid_token"']);
    expect(json).toMatchObject({ errors: [{ extensions: { code: "SIGN_IN", at: "Authorization" } }] });
    for (const header of headers.filter((each) => each.length > 10)) {
      const secret = header.replace(/^\w+\s/, "");
      expect(body).not.toContain(secret);
      expect(JSON.stringify(lines)).not.toContain(secret);
    }
    expect(lines).toContainEqual(expect.objectContaining({ msg: "request", status: 401, errorCodes: ["SIGN_IN"] }));
  });

  test("a token of 8 kB is refused for its length, before anything looks at it", async () => {
    const { url } = await gateway();
    for (const token of ["x".repeat(8001), `odan_${"x".repeat(8001)}`, `${"a".repeat(4000)}.${"b".repeat(4000)}.c`]) {
      expect((await ask(url, [`Bearer ${token}`])).body).toContain("wanted a token of at most 8000 characters");
    }
  });

  test("the same with a right token in one of two headers", async () => {
    const { url, tokens } = await gateway();
    const { text } = await issueToken(tokens, { tier: "REGISTERED", name: "Hanako" });
    for (const headers of [
      [`Bearer ${text}`, `Bearer ${whole}`],
      [`Bearer ${whole}`, `Bearer ${text}`],
    ]) {
      expect((await ask(url, headers)).json.errors[0].extensions.code).toBe("SIGN_IN");
    }
  });
});

test("a token in the query string is refused, and not in the log", async () => {
  const { url, tokens, lines } = await gateway();
  const { text } = await issueToken(tokens, { tier: "REGISTERED", name: "Hanako" });
  for (const query of [`access_token=${text}&query={__typename}`, `query={__typename}&access_token=${text}`]) {
    const response = await fetch(`${url}?${query}`);
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain(text);
  }
  expect(JSON.stringify(lines)).not.toContain(text);
});

test("an expired token is TOKEN_EXPIRED, a revoked one SIGN_IN at once", async () => {
  const { url, tokens } = await gateway();
  const before = new Date(Date.now() - 2 * 86_400_000);
  const expired = await issueToken(tokens, { tier: "REGISTERED", name: "late", days: 1 }, before);
  const { status, challenge, json } = await ask(url, [`Bearer ${expired.text}`]);
  expect([status, challenge, json.errors[0].extensions.code]).toEqual([
    401,
    expect.stringContaining("invalid_token"),
    "TOKEN_EXPIRED",
  ]);
  const good = await issueToken(tokens, { tier: "REGISTERED", name: "good" });
  expect((await ask(url, [`Bearer ${good.text}`])).status).toBe(200);
  await revokeTokens(
    tokens,
    issuedTokens(tokens).map(({ id }) => id),
  );
  expect((await ask(url, [`Bearer ${good.text}`])).json.errors[0].extensions.code).toBe("SIGN_IN");
});

test("the token of another federation is unknown", async () => {
  const { url } = await gateway();
  const { text } = await issueToken(storeInMemory(), { tier: "OPERATOR", name: "bbj" });
  expect((await ask(url, [`Bearer ${text}`])).json.errors[0].extensions.code).toBe("SIGN_IN");
});

describe("who may publish", () => {
  const PUBLISH = (bank: string) =>
    `mutation { publishRelease(bank: "${bank}", release: { number: "2", date: "2026-04-01" }) { id } }`;
  const codeOf = async (url: string, token: string | null, bank = "bbj") => {
    const { status, json } = await ask(url, token === null ? [] : [`Bearer ${token}`], PUBLISH(bank));
    return [status, json.errors[0].extensions.code];
  };

  test("nobody without a token, no researcher, and no operator of another bank, before the bank is asked", async () => {
    const { url, tokens } = await gateway();
    const tokenOf = async (tier: "REGISTERED" | "OPERATOR", name: string) =>
      (await issueToken(tokens, { tier, name })).text;
    expect(await codeOf(url, null)).toEqual([401, "OPERATOR_ONLY"]);
    expect(await codeOf(url, await tokenOf("REGISTERED", "bbj"))).toEqual([401, "OPERATOR_ONLY"]);
    expect(await codeOf(url, await tokenOf("OPERATOR", "tmm"))).toEqual([403, "NOT_YOUR_BANK"]);
    expect(await codeOf(url, await tokenOf("OPERATOR", "bb"))).toEqual([403, "NOT_YOUR_BANK"]);
    expect(await codeOf(url, await tokenOf("OPERATOR", "tmm"), "tmm")).toEqual([200, "UNKNOWN_BANK"]);
  });

  const audits = (lines: readonly { readonly [key: string]: unknown }[]) =>
    lines
      .filter(({ audit }) => audit !== undefined)
      .map(({ level, audit, bank, asker, code }) => ({ level, audit, bank, asker, code }));

  test("each refusal is an audit line with the bank and the asker, and never the token", async () => {
    const { url, tokens, lines } = await gateway();
    const { text, token } = await issueToken(tokens, { tier: "OPERATOR", name: "tmm" });
    const unknown = newToken();
    await codeOf(url, null);
    await codeOf(url, unknown);
    await codeOf(url, text);
    const line = { level: 40, audit: "publishRelease", bank: "bbj" };
    expect(audits(lines)).toEqual([
      { ...line, asker: "ip:127.0.0.1", code: "OPERATOR_ONLY" },
      { ...line, asker: "ip:127.0.0.1", code: "SIGN_IN" },
      { ...line, asker: `token:${token.id}`, code: "NOT_YOUR_BANK" },
    ]);
    for (const secret of [unknown, text]) expect(JSON.stringify(lines)).not.toContain(secret.slice(5));
  });

  test("a wrong token is told by its bank, however the document names it", async () => {
    const { url, lines } = await gateway();
    const wrong = [`Bearer ${newToken()}`];
    await ask(
      url,
      wrong,
      `mutation { one: publishRelease(release: { number: "2", date: "2026-04-01" }, bank: "tmm") { id } }`,
    );
    await ask(url, wrong, "mutation { publishRelease");
    await ask(url, wrong, "{ asker { tier } }");
    const headers = { "content-type": "application/json", authorization: wrong[0]! };
    const query = "mutation($b: ID!) { publishRelease(bank: $b) { id } }";
    await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables: { b: "x".repeat(100) } }) });
    expect(audits(lines).map(({ bank }) => bank)).toEqual(["tmm", "?", "x".repeat(40)]);
  });

  test("after five refusals in a minute the rest are TOO_MANY_REQUESTS, and the right token is not held up", async () => {
    const { url, tokens, lines } = await gateway();
    const { text } = await issueToken(tokens, { tier: "OPERATOR", name: "bbj" });
    const codes: unknown[] = [];
    for (let i = 0; i < 8; i++) codes.push(await codeOf(url, i % 2 === 0 ? null : newToken()));
    expect(codes).toEqual([
      [401, "OPERATOR_ONLY"],
      [401, "SIGN_IN"],
      [401, "OPERATOR_ONLY"],
      [401, "SIGN_IN"],
      [401, "OPERATOR_ONLY"],
      ...Array.from({ length: 3 }, () => [429, "TOO_MANY_REQUESTS"]),
    ]);
    // Five, and one for all that follow in this minute.
    expect(audits(lines)).toHaveLength(6);
    const { status, json } = await ask(url, [`Bearer ${text}`], PUBLISH("bbj"));
    expect([status, json.errors?.[0].extensions.code]).not.toEqual([429, "TOO_MANY_REQUESTS"]);
    expect((await ask(url, [`Bearer ${newToken()}`])).status).toBe(401);
  });
});
