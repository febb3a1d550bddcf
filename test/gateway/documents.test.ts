import { queryObjects } from "node:v8";
import { Source } from "graphql";
import { afterEach, expect, test } from "vitest";
import { fakeSubgraph } from "./fake-subgraph.ts";
import { closeAll, start } from "./started-gateway.ts";

afterEach(closeAll);

/** Every document that was parsed holds on to its text, and so does every complaint about one. */
const texts = (): number => queryObjects(Source, { format: "count" });

// Yoga kept the last 1024 documents and as many complaints, of up to 256 KB each: a parsed one takes hundreds of times its text.
test("documents are kept as long as they are short and few", async () => {
  const { url } = await start([fakeSubgraph("bbj")]);
  const send = async (query: string): Promise<number> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query }) });
    await response.text();
    return response.status;
  };
  const ask = (i: number, length: number): string => `{ search(where: {}) { a${i}: complete } }`.padEnd(length);
  const before = texts();
  for (let i = 0; i < 100; i++) expect(await send(ask(i, 4000))).toBe(200);
  expect(texts() - before).toBeGreaterThan(10);
  expect(texts() - before).toBeLessThan(40);
  const full = texts();
  for (let i = 0; i < 50; i++) {
    await send(ask(i, 20_000));
    await send(`{${ask(i, 4000)}`);
  }
  expect(texts() - full).toBeLessThan(10);
});
