import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A process of Odan, and what it has printed so far: it arrives some time after it was written. */
export type StartedProcess = ReturnType<typeof startProcess>;

/**
 * Starts a program of the repository, such as `["gateway/main.ts"]`, as a process that is killed when the test ends.
 * @param env beside it the process knows PATH, any free port, and logs warnings
 */
export const startProcess = (args: readonly string[], env: { readonly [name: string]: string } = {}) => {
  const child = spawn(process.execPath, ["--import", "tsx", ...args], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"], PORT: "0", LOG_LEVEL: "warn", LANG: "C", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  return { child, out: () => out, err: () => err, ended: once(child, "close") };
};
