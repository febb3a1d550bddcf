import { once } from "node:events";
import { getPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

const MODULE = new URL("../../net/thread-priority.ts", import.meta.url).href;

/** The nice value of a thread that lowers its priority, as the thread sees it. */
const lowered = async (by: number): Promise<unknown> => {
  const code = `
    const { parentPort } = require("node:worker_threads");
    const { getPriority } = require("node:os");
    import(${JSON.stringify(import.meta.resolve("tsx/esm/api"))}).then(async ({ register }) => {
      register();
      const { lowerThreadPriority } = await import(${JSON.stringify(MODULE)});
      lowerThreadPriority(${by});
      parentPort.postMessage(getPriority(0));
    });`;
  const worker = new Worker(code, { eval: true });
  const [nice] = await once(worker, "message");
  await worker.terminate();
  return nice;
};

test.runIf(process.platform === "linux")("a thread lowers its own priority and no other thread's", async () => {
  const own = getPriority(0);
  expect(await lowered(5)).toBe(Math.min(19, own + 5));
  expect(await lowered(100)).toBe(19);
  expect(getPriority(0)).toBe(own);
});
