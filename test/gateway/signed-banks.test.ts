import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { openAskers } from "../../gateway/askers/askers.ts";
import { issueToken } from "../../gateway/askers/issued-tokens.ts";
import { overHttp } from "../../gateway/banks/over-http.ts";
import { ANSWER_HEADER, answerSigner } from "../../net/signing/answer.ts";
import { keyId, publicKey } from "../../net/signing/keys.ts";
import { REQUEST_HEADER, requestSigner, requestVerifier } from "../../net/signing/request.ts";
import type { Proof } from "../../subgraphs/serve/listener.ts";
import { serveSubgraph } from "../../subgraphs/serve/server.ts";
import { type Message, meddler, type Response, send } from "../faults/meddler.ts";
import { smallBank } from "../subgraphs/small-bank.ts";
import { storeInMemory } from "./askers/token-store.ts";
import { memoryLog } from "./fake-subgraph.ts";
import { closeAll, start, toClose } from "./started-gateway.ts";

afterEach(closeAll);

const newKey = (): KeyObject => generateKeyPairSync("ed25519").privateKey;
const publicOf = (key: KeyObject) => publicKey(keyId(key))!;
const GATEWAY = newKey();
const KEYS = { bbj: newKey(), tmm: newKey(), stranger: newKey() };

type Serving = {
  readonly wantsToken?: boolean;
  readonly signs?: KeyObject;
  readonly trusts?: readonly KeyObject[];
  readonly aheadMs?: number;
};

const proofOf = (
  id: string,
  { signs = KEYS.bbj, trusts = [GATEWAY], aheadMs = 0, wantsToken = false }: Serving,
): Proof => ({
  verify: requestVerifier({ bank: id, keys: () => trusts.map(publicOf), wall: () => Date.now() + aheadMs }),
  sign: answerSigner(signs, id),
  wantsToken,
});

/** A bank of so many women as a process of its own, and somebody in the middle who does nothing yet. */
const bankOf = async (id: string, women: number, proof: Proof | undefined, token?: string) => {
  const isToken = (given: string): boolean => given === token;
  const options = { port: 0, host: "127.0.0.1", isToken, fault: () => undefined, proof };
  const served = await serveSubgraph(smallBank(id, women), options);
  toClose(served.close);
  const middle = await meddler(served.url);
  toClose(() => middle[Symbol.asyncDispose]());
  return { url: served.url, middle };
};

type Pinned = { readonly id?: string; readonly bankKeys?: readonly KeyObject[]; readonly by?: KeyObject };

const linkTo = (url: URL, { id = "bbj", bankKeys = [KEYS.bbj], by = GATEWAY }: Pinned = {}) =>
  overHttp([url], { id, signing: { key: by, bankKeys: bankKeys.map(publicOf) } });

const SEARCH = `query($where: Where!) { search(where: $where) {
  banks { bank { id } status donors { min max } problem { code message { en } } } } }`;

const ask = async (url: string, where: object = { sex: ["FEMALE"] }) => {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: SEARCH, variables: { where } }),
  });
  const { data } = await response.json();
  return data.search.banks as readonly {
    readonly bank: { readonly id: string };
    readonly status: string;
    readonly donors: { readonly min: number; readonly max: number | null };
    readonly problem: { readonly code: string; readonly message: { readonly en: string } } | null;
  }[];
};

/** A gateway over one bank behind somebody in the middle. The bank's card is read before anybody meddles. */
const house = async (serving: Serving = {}, pinned: Pinned = {}) => {
  const bank = await bankOf("bbj", 3, proofOf("bbj", serving));
  const { url, lines } = await start([], { banks: [linkTo(bank.middle.url, pinned)] });
  const logged = () => JSON.stringify(lines);
  return { middle: bank.middle, bankUrl: bank.url, ask: async (where?: object) => (await ask(url, where))[0], logged };
};

test("gateway and bank that know each other's keys answer as always", async () => {
  const { ask, logged } = await house();
  expect(await ask()).toMatchObject({ status: "ANSWERED", donors: { min: 3, max: 3 }, problem: null });
  expect(logged()).not.toContain('"level":50');
});

describe("a bank that does not know the gateway", () => {
  test("by its key refuses, and the log says which keys it knows", async () => {
    const bank = await bankOf("bbj", 3, proofOf("bbj", { trusts: [KEYS.stranger] }));
    const { url, lines } = await start([], { banks: [linkTo(bank.middle.url)] });
    expect(await ask(url)).toEqual([]);
    const logged = JSON.stringify(lines);
    expect(logged).toContain(keyId(KEYS.stranger).slice(0, 12));
    expect(logged).toContain(keyId(GATEWAY).slice(0, 12));
    expect(logged).toContain("HTTP 401");
  });

  test("is REFUSED where it is listed already", async () => {
    const trusts = [GATEWAY];
    const { ask } = await house({ trusts });
    trusts[0] = KEYS.stranger;
    expect(await ask()).toMatchObject({ status: "REFUSED", donors: { min: 0, max: 100 } });
  });

  test("answers nobody whose request has no signature", async () => {
    const { bankUrl, middle, ask } = await house();
    const response = await send(bankUrl, {
      headers: { "content-type": "application/json" },
      body: '{"query":"{ lease }"}',
    });
    expect([response.status, response.headers[ANSWER_HEADER]]).toEqual([401, undefined]);
    expect(JSON.parse(response.body).errors[0].extensions.code).toBe("SIGN_IN");
    middle.does.request = ({ headers: { [REQUEST_HEADER]: _, ...headers }, body }) => ({ headers, body });
    expect(await ask()).toMatchObject({ status: "REFUSED" });
  });

  test("refuses one whose clock is wrong, and the gateway's log names the difference", async () => {
    const bank = await bankOf("bbj", 3, proofOf("bbj", { aheadMs: 120_000 }));
    const { lines } = await start([], { banks: [linkTo(bank.middle.url)] });
    expect(JSON.stringify(lines)).toMatch(/got one of 1(19|20|21) s ago.*Set the clocks/);
  });
});

describe("somebody in the middle", () => {
  const answers = (sent: Message) => sent.body.includes("answers(");

  test("who sends a request once more gets no second answer", async () => {
    const { bankUrl, middle, ask } = await house();
    const seen: Message[] = [];
    middle.does.request = (sent) => {
      seen.push(sent);
      return sent;
    };
    expect(await ask()).toMatchObject({ status: "ANSWERED" });
    const [again] = seen.filter(answers);
    const { status, body, headers } = await send(bankUrl, again!);
    expect([status, JSON.parse(body).errors[0].extensions.code]).toEqual([401, "SIGN_IN"]);
    expect(body).toContain("replayed");
    expect(headers[ANSWER_HEADER]).toBeDefined();
  });

  test("who changes the question gets it refused", async () => {
    const { middle, ask, logged } = await house();
    middle.does.request = (sent) => ({ ...sent, body: sent.body.replace("FEMALE", "MALE") });
    expect(await ask()).toMatchObject({ status: "REFUSED", donors: { min: 0, max: 100 } });
    expect(logged()).toContain("wanted that of the body");
  });

  test.each<[string, (got: Response) => Response]>([
    ["the numbers of an answer", (got) => ({ ...got, body: got.body.replace('"min":3,"max":3', '"min":9,"max":9') })],
    ["its status", (got) => ({ ...got, status: 500 })],
    ["nothing but a space", (got) => ({ ...got, body: `${got.body} ` })],
    ["nothing but its signature", ({ headers: { [ANSWER_HEADER]: _, ...headers }, ...got }) => ({ ...got, headers })],
  ])("who changes %s makes the bank BROKEN, and no number is taken", async (_, change) => {
    const { middle, ask, logged } = await house();
    middle.does.response = (got, sent) => (answers(sent) ? change(got) : got);
    expect(await ask()).toMatchObject({
      status: "BROKEN",
      donors: { min: 0, max: 100 },
      problem: { code: "BANK_BROKEN", message: { en: expect.stringContaining("does not bear the bank's signature") } },
    });
    expect(logged()).toContain(`wanted an answer that bbj signed with ${keyId(KEYS.bbj).slice(0, 12)}`);
  });

  test("who gives one question the answer of another makes the bank BROKEN", async () => {
    const { middle, ask, logged } = await house();
    const kept: Response[] = [];
    middle.does.response = (got, sent) => {
      if (!answers(sent)) return got;
      kept.push(got);
      return kept[0]!;
    };
    expect(await ask({ sex: ["FEMALE"] })).toMatchObject({ status: "ANSWERED", donors: { min: 3, max: 3 } });
    expect(await ask({ sex: ["MALE"] })).toMatchObject({ status: "BROKEN", donors: { min: 0, max: 100 } });
    expect(logged()).toContain("got its answer to another request");
  });

  test("who leads a bank's questions to another bank gets neither bank's numbers", async () => {
    const { middle, ask } = await house();
    const other = await bankOf("tmm", 50, proofOf("tmm", { signs: KEYS.tmm }));
    middle.does.target = other.url;
    expect(await ask()).toMatchObject({ status: "REFUSED", donors: { min: 0, max: 100 } });
    const loose = await bankOf("tmm", 50, undefined);
    middle.does.target = loose.url;
    expect(await ask({ sex: ["MALE"] })).toMatchObject({ status: "BROKEN", donors: { min: 0, max: 100 } });
  });

  test("who answers in the bank's place, with another key, makes it BROKEN", async () => {
    const { middle, ask } = await house();
    const impostor = await bankOf("bbj", 50, proofOf("bbj", { signs: KEYS.stranger }));
    middle.does.target = impostor.url;
    expect(await ask()).toMatchObject({ status: "BROKEN", donors: { min: 0, max: 100 } });
  });
});

describe("a bank's id", () => {
  test("that is pinned belongs to nobody else, also where another process claims it first", async () => {
    const impostor = await bankOf("bbj", 50, undefined);
    const bank = await bankOf("bbj", 3, proofOf("bbj", {}));
    const banks = [overHttp([impostor.middle.url]), linkTo(bank.middle.url)];
    const { url, lines } = await start([], { banks });
    expect(await ask(url)).toMatchObject([{ bank: { id: "bbj" }, status: "ANSWERED", donors: { min: 3, max: 3 } }]);
    expect(JSON.stringify(lines)).toContain("wanted one bank of it, got two");
  });

  test("that is pinned is not taken while its bank is away", async () => {
    const impostor = await bankOf("bbj", 50, undefined);
    const { url } = await start([], {
      banks: [overHttp([impostor.middle.url]), linkTo(new URL("http://127.0.0.1:1/"))],
    });
    expect(await ask(url)).toEqual([]);
  });

  test("that is not the pinned one makes the bank BROKEN, under the pinned id", async () => {
    const bank = await bankOf("tmm", 3, undefined);
    const { url } = await start([], { banks: [overHttp([bank.middle.url], { id: "bbj" })] });
    expect(await ask(url)).toMatchObject([{ bank: { id: "bbj" }, status: "BROKEN" }]);
  });
});

describe("an operator", () => {
  const PUBLISH = `mutation { publishRelease(bank: "memory", release: { number: "1", date: "2026-04-01" }) { id } }`;
  const publish = async (url: string, token?: string) => {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers,
      body: JSON.stringify({ query: PUBLISH }),
    });
    const { data, errors } = await response.json();
    return errors?.[0].extensions.code ?? data.publishRelease.id;
  };
  /** A bank behind a gateway that has issued a token to its operator, and one to another bank's. */
  const operated = async (wantsToken: boolean, bankToken = "no") => {
    const store = storeInMemory();
    const [own, other] = [
      await issueToken(store, { tier: "OPERATOR", name: "memory" }),
      await issueToken(store, { tier: "OPERATOR", name: "tmm" }),
    ];
    const token = bankToken === "own" ? own.text : bankToken;
    const bank = await bankOf("memory", 3, proofOf("memory", { wantsToken }), token);
    const { log } = memoryLog();
    const askers = openAskers({ tokens: store, log });
    const { url } = await start([], { banks: [linkTo(bank.middle.url, { id: "memory" })], askers });
    return { url, middle: bank.middle, bankUrl: bank.url, own: own.text, other: other.text };
  };

  test("publishes by the gateway's word, which nobody can give in its place", async () => {
    const { url, bankUrl, middle, own, other } = await operated(false);
    expect(await publish(url)).toBe("OPERATOR_ONLY");
    expect(await publish(url, other)).toBe("NOT_YOUR_BANK");
    const seen: Message[] = [];
    middle.does.request = (sent) => {
      seen.push(sent);
      return sent;
    };
    expect(await publish(url, own)).toBe("memory@1");
    const { headers } = seen.find(({ body }) => body.includes("publishRelease"))!;
    const question = seen.find(({ body }) => body.includes("self"))!;
    // The token of the order with another body, the order with the token of a question, and with none.
    const order = JSON.stringify({ query: PUBLISH });
    for (const token of [headers[REQUEST_HEADER], question.headers[REQUEST_HEADER], undefined]) {
      const { status } = await send(bankUrl, {
        headers: { "content-type": "application/json", ...(token === undefined ? {} : { [REQUEST_HEADER]: token }) },
        body: order,
      });
      expect(status).toBe(401);
    }
    const { token } = await requestSigner(GATEWAY, "memory")(order, false);
    const asked = await send(bankUrl, {
      headers: { "content-type": "application/json", [REQUEST_HEADER]: token },
      body: order,
    });
    expect(JSON.parse(asked.body).errors[0].extensions.code).toBe("OPERATOR_ONLY");
  });

  test("publishes with the bank's own token too, where it has one", async () => {
    const right = await operated(true, "own");
    expect(await publish(right.url, right.own)).toBe("memory@1");
    const wrong = await operated(true);
    expect(await publish(wrong.url, wrong.own)).toBe("OPERATOR_ONLY");
  });

  // A publish had four places for everybody with any token, and 21 minutes for each.
  test("waits for no question and for nobody who is no operator, although the bank answers none of them", async () => {
    const { url, middle, own, other } = await operated(false);
    const hung: Message[] = [];
    middle.does.request = (sent) => {
      if (!sent.body.includes("answers(")) return sent;
      hung.push(sent);
      return new Promise(() => undefined);
    };
    const left = new AbortController();
    const asking = Array.from({ length: 80 }, (_, i) =>
      fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          query: SEARCH,
          variables: { where: { sample: { collectedYear: { from: i, to: 2000 } } } },
        }),
        signal: left.signal,
      }).catch(() => undefined),
    );
    await expect.poll(() => hung.length, { timeout: 20_000 }).toBeGreaterThan(4);
    for (const token of [undefined, other, undefined, other]) await publish(url, token);
    expect(await publish(url, own)).toBe("memory@1");
    left.abort();
    await Promise.all(asking);
  });
});

test("of several addresses, one that signs wrongly is passed over", async () => {
  const good = await bankOf("bbj", 3, proofOf("bbj", {}));
  const bad = await bankOf("bbj", 50, proofOf("bbj", { signs: KEYS.stranger }));
  const signing = { key: GATEWAY, bankKeys: [publicOf(KEYS.bbj)] };
  const { url } = await start([], { banks: [overHttp([bad.middle.url, good.middle.url], { id: "bbj", signing })] });
  for (const sex of ["FEMALE", "MALE"]) {
    expect(await ask(url, { sex: [sex] })).toMatchObject([
      { status: "ANSWERED", donors: { min: sex === "MALE" ? 1 : 3 } },
    ]);
  }
});
