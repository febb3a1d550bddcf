import { setImmediate } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { isTurnOver } from "../../net/turns.ts";
import { fakeSubgraph } from "../gateway/fake-subgraph.ts";
import { closeAll } from "../gateway/started-gateway.ts";
import { connection, post, startLimited } from "./limited-gateway.ts";

afterEach(closeAll);

const AMPLE = { burst: 1_000_000, perMinute: 1_000_000, registeredPerMinute: 1_000_000 };

/** A request of searches that nobody has asked before. */
const searches = (...years: readonly number[]): string => {
  const fields = years.map((to) => `y${to}: search(where: { sample: { collectedYear: { to: ${to} } } }) { complete }`);
  return post(JSON.stringify({ query: `{ ${fields.join(" ")} }` }));
};

/** Makes every turn of the event loop as long as turns may be, until it is told to stop. */
const takeAllTurns = (): (() => void) => {
  let over = false;
  const take = async (): Promise<void> => {
    while (!over) {
      await setImmediate();
      isTurnOver();
      const until = performance.now() + 12;
      while (performance.now() < until);
    }
  };
  void take();
  return () => {
    over = true;
  };
};

// Ten clients that spent their bursts at once held a small question up for more than a second.
test("a small question goes before the searches of a costly request that came first", async () => {
  const bank = fakeSubgraph("a");
  const { url } = await startLimited([bank], AMPLE);
  const { socket, text } = connection(url);
  const stop = takeAllTurns();
  socket.write(searches(...Array.from({ length: 12 }, (_, i) => 1000 + i)) + searches(9000));
  await expect.poll(() => text().split("200 OK").length - 1, { timeout: 10_000 }).toBe(2);
  stop();
  const counted = bank.asked.filter(({ field }) => field === "answers");
  expect(counted).toHaveLength(13);
  // Of the costly one those go on that have their turn while the small one is read; without an order all twelve would.
  expect(counted.findIndex(({ question }) => JSON.stringify(question).includes("9000"))).toBeLessThanOrEqual(3);
});

test("a short request waits for the reading of at most one long document", async () => {
  const { url } = await startLimited([fakeSubgraph("a")], AMPLE);
  const order: string[] = [];
  const send = (name: string, query: string, from: string): void => {
    const { socket } = connection(url, from);
    socket.write(post(JSON.stringify({ query })));
    socket.on("data", () => order.includes(name) || order.push(name));
  };
  const stop = takeAllTurns();
  const limits = "{ limits { depth } }";
  for (let i = 0; i < 10; i++) send(`long ${i}`, `${limits} #${"x".repeat(50_000)}`, `127.0.0.${2 + i}`);
  // Connections are accepted in the order in which they came.
  send("short", limits, "127.0.0.1");
  await expect.poll(() => order.length, { timeout: 30_000 }).toBe(11);
  stop();
  expect(order.indexOf("short")).toBeLessThanOrEqual(2);
});
