import { Agent, request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { serveSubgraph } from "../../subgraphs/serve/server.ts";
import { fakeSubgraph, lease } from "../gateway/fake-subgraph.ts";

// The gateway's connection, idle again once its question was answered, held up the end for a minute.
test("told to stop, it answers what it was asked, closes its connections, and closes the bank", async () => {
  let asked = () => {};
  let say = () => {};
  const here = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const bank = fakeSubgraph("a", {
    lease: () => {
      asked();
      return new Promise((resolve) => {
        say = () => resolve(lease("a"));
      });
    },
  });
  const options = { port: 0, host: "127.0.0.1", isToken: () => false, fault: () => undefined };
  const served = await serveSubgraph(bank, options);
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const answered = new Promise<string>((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const sent = request(served.url, { agent, method: "POST", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("end", () => resolve(text));
    });
    sent.once("error", reject).end(JSON.stringify({ query: "{ lease }" }));
  });
  await here;
  let closed = false;
  const closing = served.close().then(() => {
    closed = true;
  });
  say();
  expect(JSON.parse(await answered)).toEqual({ data: { lease: lease("a") } });
  // Far below the minute for which an idle connection is kept.
  await expect.poll(() => closed, { timeout: 20_000 }).toBe(true);
  await closing;
  expect(bank.disposed()).toBe(true);
});
