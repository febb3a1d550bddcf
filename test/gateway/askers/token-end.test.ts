import { afterEach, expect, test } from "vitest";
import { openAskers } from "../../../gateway/askers/askers.ts";
import { issueToken, revokeTokens } from "../../../gateway/askers/issued-tokens.ts";
import { memoryLog } from "../fake-subgraph.ts";
import { threeBanks } from "../held-banks.ts";
import { closeAll, start } from "../started-gateway.ts";
import { storeInMemory } from "./token-store.ts";

afterEach(closeAll);

const FOLLOW = "subscription { search(where: {}) { answers { bank { id } } last } }";

/** A subscription to three banks that are held back, by a researcher. `events` are those that have come. */
const follow = async () => {
  const tokens = storeInMemory();
  const { log, lines } = memoryLog();
  const banks = threeBanks();
  const { url } = await start(banks, { askers: openAskers({ tokens, log }), log });
  const { text, token } = await issueToken(tokens, { tier: "REGISTERED", name: "Hanako" });
  const headers = { "content-type": "application/json", accept: "text/event-stream", authorization: `Bearer ${text}` };
  const response = await fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query: FOLLOW }) });
  let received = "";
  const read = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) received += chunk;
  })();
  const events = () => [...received.matchAll(/^data: (\{.+)$/gm)].map(([, json]) => JSON.parse(json!));
  return { banks, tokens, token, lines, events, ended: () => read };
};

test("a subscription ends at its next event once its token is revoked", async () => {
  const { banks, tokens, token, lines, events, ended } = await follow();
  const [a, b] = banks;
  a.release();
  await expect.poll(() => events().length).toBe(1);
  await revokeTokens(tokens, [token.id]);
  b.release();
  await ended();
  expect(events()).toMatchObject([
    { data: { search: { answers: [{ bank: { id: "a" } }], last: false } } },
    { errors: [{ extensions: { code: "SIGN_IN" } }] },
  ]);
  expect(events()[1]).not.toHaveProperty("data");
  expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});

test("it goes on to its end while the token counts", async () => {
  const { banks, events, ended } = await follow();
  for (const bank of banks) bank.release();
  await ended();
  expect(events().at(-1)).toMatchObject({ data: { search: { last: true } } });
  expect(events().some((event) => "errors" in event)).toBe(false);
});
