import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "odan-npm-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Entry = { readonly pid: number; readonly parent: number; readonly command: string };

/** The processes of this machine that have not ended. */
const processes = (): readonly Entry[] =>
  execFileSync("ps", ["-eo", "pid=,ppid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, pid, parent, state = "Z", command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      return state.startsWith("Z") ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });

const descendants = (pid: number, all = processes()): readonly Entry[] =>
  all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...descendants(child.pid, all)]);

const isRunning = ({ pid, command }: Entry): boolean =>
  processes().some((entry) => entry.pid === pid && entry.command === command);

/** Runs `npm start` in a process group of its own, as a service manager does, until it prints a line that `awaited` matches. */
const npmStart = async (awaited: RegExp, env: { readonly [name: string]: string }) => {
  const npm: ChildProcess = spawn("npm", ["start"], {
    cwd: ROOT,
    env: { ...process.env, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  for await (const line of createInterface({ input: npm.stdout! })) if (awaited.test(line)) break;
  npm.stdout!.resume();
  const below = descendants(npm.pid!);
  const started = below.find(({ command }) => /sandbox\/start\./.test(command))!;
  onTestFinished(() => {
    npm.kill("SIGKILL");
    for (const entry of below.filter(isRunning)) process.kill(entry.pid, "SIGKILL");
  });
  return { npm: npm.pid!, start: started.pid, below };
};

// The shell between npm and the sandbox took every signal that npm passed on, and nobody watched whether npm was still there.
describe.each(["npm", "start"] as const)("a signal to %s", (target) => {
  test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"] as const)("%s ends gateway and banks", async (signal) => {
    const started = await npmStart(/^Odan answers at /, { ODAN_DATA: folder, ODAN_SIZE: "0.002" });
    expect(
      started.below.filter(({ command }) => /\/(gateway|tmm|cancer|ncbn|rare)\/main\./.test(command)),
    ).toHaveLength(5);
    process.kill(started[target], signal);
    await expect.poll(() => started.below.filter(isRunning), { timeout: 10_000, interval: 200 }).toEqual([]);
  });
});

// Building is hard work: a bank that did nothing else until it was done did not notice that its parent had ended.
test("SIGKILL while the banks are built ends them too", async () => {
  const started = await npmStart(/^tmm: preparing/, { ODAN_DATA: join(folder, "large"), ODAN_SIZE: "1" });
  process.kill(started.start, "SIGKILL");
  await expect.poll(() => started.below.filter(isRunning), { timeout: 10_000, interval: 200 }).toEqual([]);
});
