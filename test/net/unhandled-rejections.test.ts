import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { logUnhandledRejections } from "../../net/serve/process-events.ts";
import { memoryLog } from "../gateway/fake-subgraph.ts";

test("a promise that fails unheard is logged, and ends no process", () => {
  const { log, lines } = memoryLog();
  const process = new EventEmitter();
  logUnhandledRejections(process, log);
  expect(process.emit("unhandledRejection", new Error("a fault"))).toBe(true);
  expect(lines).toMatchObject([{ level: 50, err: { message: "a fault" } }]);
});
