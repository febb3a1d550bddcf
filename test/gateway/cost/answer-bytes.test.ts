import { afterEach, describe, expect, test } from "vitest";
import { LIMITS } from "../../../gateway/limits.ts";
import { fakeSubgraph } from "../fake-subgraph.ts";
import { closeAll, start } from "../started-gateway.ts";

afterEach(closeAll);

/** Banks with a text of a megabyte each in their reading of a question. */
const longBanks = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    fakeSubgraph(`bank-${i}`, {
      readings: (questions) =>
        questions.map(() => {
          const says = { en: "x".repeat(2 ** 20), ja: "あ" };
          return { understanding: [{ path: "sex", field: "SEX", verdict: "EXACT", local: [], says }], lostFacets: [] };
        }),
    }),
  );

const ask = async (
  url: string,
  query: string,
  accept = "application/graphql-response+json",
): Promise<[number, string]> => {
  const headers = { "content-type": "application/json", accept };
  const response = await fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query }) });
  return [response.status, await response.text()];
};

const reading = (texts: number, more = "", before = ""): string =>
  `{ reading(where: { sex: [FEMALE] }) { banks ${before} { ${more} understanding { ${Array.from({ length: texts }, (_, i) => `a${i}: says { en }`).join(" ")} } } } }`;

describe("an answer of more bytes than the limit is refused", () => {
  test("on the fast path", async () => {
    const { url } = await start(longBanks(3));
    const [status, text] = await ask(url, reading(5));
    expect([status, text.length > 15 * 2 ** 20]).toEqual([200, true]);
    const [over, refusal] = await ask(url, reading(6));
    expect(over).toBe(400);
    expect(JSON.parse(refusal).errors[0].extensions).toMatchObject({ code: "TOO_COSTLY", limit: LIMITS.answerBytes });
  });

  test("in ordinary execution", async () => {
    const { url } = await start(longBanks(3));
    const slow = "bank { release { id } }";
    expect((await ask(url, reading(5, slow)))[0]).toBe(200);
    const [over, refusal] = await ask(url, reading(6, slow));
    expect(over).toBe(400);
    expect(JSON.parse(refusal).errors[0].extensions).toMatchObject({ code: "TOO_COSTLY", limit: LIMITS.answerBytes });
  });

  test("in parts, of which the last is the error", async () => {
    const { url } = await start(longBanks(3));
    const [status, text] = await ask(url, reading(6, "", "@stream"), "multipart/mixed");
    expect(status).toBe(200);
    expect(text.length).toBeLessThan(LIMITS.answerBytes);
    expect(text).toContain("TOO_COSTLY");
    expect(text.trimEnd().endsWith("-----")).toBe(true);
  });
});
