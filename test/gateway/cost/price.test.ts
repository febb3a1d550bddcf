import { afterEach, expect, test } from "vitest";
import { openDoor } from "../../../gateway/fairness/door.ts";
import { openFairness } from "../../../gateway/fairness/fairness.ts";
import { ask } from "../../fairness/limited-gateway.ts";
import { fakeSubgraph, memoryLog } from "../fake-subgraph.ts";
import { closeAll, start } from "../started-gateway.ts";

afterEach(closeAll);

/** What a request takes from its asker, in whole units, and how it ends. Next to nothing comes back meanwhile. */
const meter = async () => {
  const banks = ["a", "b", "c", "d", "e"].map((id) => fakeSubgraph(id));
  const rate = { burst: 10_000, perMinute: 1, registeredPerMinute: 1 };
  const fairness = await openFairness({ rate, redisUrl: null, key: Buffer.alloc(32), log: memoryLog().log });
  // A machine that is busy with other tests is no reason to refuse anything.
  const { url } = await start(banks, { fairness: { ...fairness, door: openDoor } });
  const left = async (): Promise<number> => {
    const response = await fetch(`${url}/graphql?query=${encodeURIComponent("{ asker { rate { left } } }")}`);
    return ((await response.json()) as { data: { asker: { rate: { left: number } } } }).data.asker.rate.left;
  };
  return async (query: string): Promise<readonly [price: number, code: unknown]> => {
    const before = await left();
    const { code } = await ask(url, query);
    return [before - (await left()), code];
  };
};

const near = (price: number) => expect.toSatisfy((got: number) => Math.abs(got - price) <= 1, `about ${price}`);

test("a request takes as much of its asker's rate as it costs, also where it is remembered or refused", async () => {
  const priceOf = await meter();
  const question = "{ search(where: { sex: [FEMALE] }) { donors { min } } }";
  expect(await priceOf(question)).toEqual([near(10), null]);
  expect(await priceOf(question)).toEqual([near(10), null]);
  const facets = "facets: [{ by: SEX }, { by: DATA }, { by: USE }]";
  expect(await priceOf(question.replace("where:", `${facets}, where:`))).toEqual([near(26), null]);
  expect(await priceOf("{ limits { depth } }")).toEqual([near(0), null]);
  const long = `{ fields { ${"field ".repeat(3_000)} } }`;
  expect(await priceOf(long)).toEqual([near(17), null]);
  expect(await priceOf(`{ fields { ${"field ".repeat(5_000)} } }`)).toEqual([near(20), "TOO_COSTLY"]);
  expect(await priceOf(`{ fields { ${"fielb ".repeat(3_000)} } }`)).toEqual([near(17), "BAD_REQUEST"]);
  expect(await priceOf("{ nope }")).toEqual([near(1), "BAD_REQUEST"]);
  const many = Array.from({ length: 31 }, (_, i) => `a${i}: limits { depth }`).join(" ");
  expect(await priceOf(`{ ${many} }`)).toEqual([near(1), "TOO_COSTLY"]);
});
