import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";

/** A process that serves until a signal stops it: `begin` runs before, `close` at the signal. */
const serving = (begin: string, close: string): ChildProcess => {
  const program = `
    import { once } from "node:events";
    import { stopWithProcess } from "./net/serve/process-events.ts";
    const log = { info() {}, error: ({ err }) => console.error(err.message), flush() {} };
    setInterval(() => {}, 60_000);
    ${begin}
    stopWithProcess({ announce: async () => {}, close: async () => { ${close} } }, log);
    console.log("serving");
  `;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
};

// It served on without a parent: `disconnect` had come while it was still starting.
test("a process whose parent has gone before it serves ends", async () => {
  const child = serving('process.send("here"); await once(process, "disconnect");', "");
  const ended = once(child, "exit");
  await once(child, "message");
  child.disconnect();
  expect(await ended).toEqual([0, null]);
});

// With unhandled rejections logged, as both servers do, it went on for the 20 s that closing may take, then did not say why.
test("a process that fails to close says why, and ends at once with 1", async () => {
  const child = serving("", 'throw new Error("the bank is stuck");');
  const ended = once(child, "exit");
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await once(child.stdout!, "data");
  const began = performance.now();
  child.kill("SIGTERM");
  expect(await ended).toEqual([1, null]);
  expect(said).toBe("the bank is stuck\n");
  expect(performance.now() - began).toBeLessThan(15_000);
});
