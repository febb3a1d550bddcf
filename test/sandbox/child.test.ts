import { ChildProcess } from "node:child_process";
import { expect, test } from "vitest";
import { giveOrder } from "../../sandbox/child.ts";

// Each order left two listeners behind; Node warned of them with the sixth.
test("an order leaves nothing behind in the process that it was given to", async () => {
  const child = new ChildProcess();
  child.send = (_: unknown, told: unknown) => {
    queueMicrotask(() => child.emit("message", { problem: null }));
    return typeof told === "function";
  };
  for (let i = 0; i < 20; i++) await giveOrder(child, { fault: "none" });
  expect(["message", "disconnect", "error"].map((name) => child.listenerCount(name))).toEqual([0, 0, 0]);
});
