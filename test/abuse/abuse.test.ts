import { afterEach, expect, test } from "vitest";
import { FAULTS } from "../../schema/faults.ts";
import { fakeSubgraph } from "../gateway/fake-subgraph.ts";
import { closeAll, start } from "../gateway/started-gateway.ts";
import { REQUESTS } from "./requests.ts";
import { send } from "./send.ts";

afterEach(closeAll);

test("every request at the edge of the limits is served or refused with its code", async () => {
  // As many values as a bank of the sandbox has in all its fields.
  const programmes = Array.from({ length: 72 }, (_, i) => `PROGRAMME:P${i}`);
  const { url } = await start(["a", "b", "c", "d", "e"].map((id) => fakeSubgraph(id, { programmes })));
  expect(REQUESTS.length).toBeGreaterThan(60);
  expect(new Set(REQUESTS.map(({ name }) => name)).size).toBe(REQUESTS.length);
  const replies = [];
  for (const { name, shot, refused } of REQUESTS) {
    const { status, code } = await send({ url }, shot(1));
    replies.push({ name, status, code, wanted: refused });
  }
  const wrong = replies.filter(({ status, code, wanted }) =>
    wanted === null
      ? status !== 200 || code !== null
      : (status !== FAULTS[wanted].status && status !== 200) || code !== wanted,
  );
  expect(wrong).toEqual([]);
});
