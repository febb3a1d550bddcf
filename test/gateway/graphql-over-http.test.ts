import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeSubgraph } from "./fake-subgraph.ts";
import { closeAll, type Started, start } from "./started-gateway.ts";

/** The audits of the GraphQL-over-HTTP specification. Their names begin with MUST, SHOULD or MAY. */
let gateway: Started;
beforeAll(async () => {
  gateway = await start([fakeSubgraph("a")]);
});
afterAll(closeAll);

const audits = serverAudits({ url: () => `${gateway.url}/graphql`, fetchFn: fetch });

test.each(audits.map((audit) => [audit.name, audit] as const))("%s", async (_, audit) => {
  const result = await audit.fn();
  expect(result.status, "reason" in result ? result.reason : "").toBe("ok");
});

test("there are as many audits as ever", () => {
  expect(audits).toHaveLength(61);
});
