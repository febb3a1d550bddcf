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

const start = (...args: readonly string[]) => startWith({ ODAN_SIZE: "0.002" }, ...args).child;

/** Starts the sandbox, by default with the gateway; keeps what it prints. */
const startWith = (env: { readonly [name: string]: string }, ...args: readonly string[]) => {
  const child = spawn(process.execPath, ["--import", "tsx", "sandbox/start.ts", ...args], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, ODAN_DATA: join(root, "data"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (part: string) => {
      said[stream] += part;
    });
  }
  return { child, said };
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
  const { child, said } = startWith({}, "--help");
  const [code] = await once(child, "close");
  expect([code, said.stderr]).toEqual([1, "start: wanted no argument or --banks-only, got --help.\n"]);
});

test("settings: defaults, and one line for what cannot be used", () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  expect(readSettings({ ODAN_DATA: join(root, "new/folder"), ODAN_SIZE: " " })).toEqual({
    size: 1,
    graphiql: "1",
    folder: join(root, "new/folder"),
    postgresUrl: null,
    port: null,
  });
  expect(existsSync(join(root, "new/folder"))).toBe(true);
  for (const size of ["0", "-1", "2", "1e-3", "all"]) {
    expect(() => readSettings({ ODAN_DATA: root, ODAN_SIZE: size })).toThrow(
      `ODAN_SIZE: wanted a number above 0 and up to 1, got "${size}". Leave it out for the published size.`,
    );
  }
  for (const port of ["-1", "65536", "http"]) {
    expect(() => readSettings({ ODAN_DATA: root, PORT: port })).toThrow(`PORT: wanted 0 to 65535, got "${port}".`);
  }
  const below = join(file, "below");
  expect(() => readSettings({ ODAN_DATA: below })).toThrow(
    `ODAN_DATA: wanted a folder that can be written, got ${below}: ENOTDIR. Choose another.`,
  );
});

test("a misspelt setting is refused with the nearest name, before the banks are built", async () => {
  for (const [name, near] of [
    ["ODAN_SIZ", "ODAN_SIZE"],
    ["ODAN_CACHE_M", "ODAN_CACHE_MB"],
    ["ODAN_TMM_URI", "ODAN_TMM_URL"],
  ] as const) {
    const { child, said } = startWith({ [name]: "1", ODAN_SIZE: "1", ODAN_DATA: join(root, "never") });
    const [code] = await once(child, "close");
    expect([code, said.stderr]).toEqual([1, `${name} is no setting of Odan. Did you mean ${near}?\n`]);
    expect(said.stdout).not.toContain("built in");
  }
});
