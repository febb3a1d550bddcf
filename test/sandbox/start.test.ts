import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { readSettings } from "../../sandbox/settings.ts";

const root = mkdtempSync(join(tmpdir(), "odan-start-"));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

const start = (...args: readonly string[]) => {
  const child = spawn(process.execPath, ["--import", "tsx", "sandbox/start.ts", ...args], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, ODAN_DATA: join(root, "data"), ODAN_SIZE: "0.002" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  return child;
};

/** Waits until both banks are ready; gives the Beacon's URL. */
const ready = async (child: ChildProcess): Promise<string> => {
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    lines.push(line);
    if (["tmm", "bbj"].every((bank) => lines.some((one) => new RegExp(`^${bank}: (built|ready) in`).test(one)))) break;
  }
  return /^tmm: .*(http:\S+)/m.exec(lines.join("\n"))![1]!;
};
const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

test("builds the banks once, serves them, and ends with all its processes on SIGTERM", {
  timeout: 20_000,
}, async () => {
  const child = start("--banks-only");
  const url = await ready(child);
  expect(await answers(url)).toBe(true);
  expect(existsSync(join(root, "data/bbj/samples.parquet"))).toBe(true);
  child.kill("SIGTERM");
  await once(child, "exit");
  expect(await answers(url)).toBe(false);
});

test("leaves no server behind when it is killed outright", { timeout: 20_000 }, async () => {
  const child = start("--banks-only");
  const url = await ready(child);
  expect(await answers(url)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  for (let waited = 0; waited < 40 && (await answers(url)); waited++) await sleep(50);
  expect(await answers(url)).toBe(false);
});

test("an argument that it does not know is one line and exit code 1", { timeout: 20_000 }, async () => {
  const child = start("--help");
  let said = "";
  child.stderr!.on("data", (part) => {
    said += part;
  });
  const [code] = await once(child, "close");
  expect([code, said]).toEqual([1, "start: wanted no argument or --banks-only, got --help.\n"]);
});

test("settings: defaults, and one line for what cannot be used", () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  expect(readSettings({ ODAN_DATA: join(root, "new/folder"), ODAN_SIZE: " " })).toEqual({
    size: 1,
    folder: join(root, "new/folder"),
  });
  expect(existsSync(join(root, "new/folder"))).toBe(true);
  for (const size of ["0", "-1", "2", "1e-3", "all"]) {
    expect(() => readSettings({ ODAN_DATA: root, ODAN_SIZE: size })).toThrow(
      `ODAN_SIZE: wanted a number above 0 and up to 1, got "${size}". Leave it out for the published size.`,
    );
  }
  const below = join(file, "below");
  expect(() => readSettings({ ODAN_DATA: below })).toThrow(
    `ODAN_DATA: wanted a folder that can be written, got ${below}: ENOTDIR. Choose another.`,
  );
});
