import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import type { KeyRing } from "../../gateway/secrets/keys.ts";
import { ConfigError } from "../../gateway/settings/config.ts";
import { openState, StateAway, type StateStore } from "../../gateway/state/state.ts";
import { newFolder } from "../folder.ts";
import { memoryLog } from "./fake-subgraph.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const KEYS: KeyRing = [Buffer.alloc(32, 1)];
/** A change has to be everywhere in less. */
const HEARD = { timeout: 2000, interval: 20 };

const opened = async (data: string, keys: KeyRing = KEYS) => {
  const { log, lines } = memoryLog();
  const state = await openState({ data, stateUrl: null }, keys, log);
  onTestFinished(() => state[Symbol.asyncDispose]());
  return { state, lines };
};

const namesOf = (state: StateStore, kind = "token"): readonly string[] => [...state.entries(kind).keys()];

test("what was written is there in this process, in others that share the folder, and after a start", async () => {
  const data = await newFolder();
  const [one, other] = [await opened(data), await opened(data)];
  expect(one.state.status()).toEqual({ kind: "FILE", copy: "CURRENT" });
  await one.state.write("token", "a", { tier: "REGISTERED", 名: "研究者", n: [1, null] });
  await one.state.write("bank", "a", "another kind");
  expect(one.state.entries("token").get("a")).toEqual({ tier: "REGISTERED", 名: "研究者", n: [1, null] });
  await vi.waitFor(() => expect(other.state.entries("token").get("a")).toBeDefined(), HEARD);
  await other.state.write("token", "b", 1);
  await vi.waitFor(() => expect(namesOf(one.state)).toEqual(["a", "b"]), HEARD);
  const later = await opened(data);
  expect(namesOf(later.state)).toEqual(["a", "b"]);
  expect(later.state.entries("bank").get("a")).toBe("another kind");
  expect(namesOf(later.state, "none")).toEqual([]);
  expect((await stat(join(data, "state.txt"))).mode & 0o777).toBe(0o600);
});

test("a start without a state writes nothing", async () => {
  const data = await newFolder();
  await opened(data);
  expect(await readdir(data)).toEqual([]);
});

test("an older file does not bring back what was removed, nor an older value, and is brought up to date", async () => {
  const data = await newFolder();
  const file = join(data, "state.txt");
  const { state } = await opened(data);
  await state.write("token", "revoked", 1);
  await state.write("token", "changed", 1);
  await copyFile(file, join(data, "backup"));
  await state.write("token", "revoked", null);
  await state.write("token", "changed", 2);
  await state.write("token", "new", 1);
  const newest = await readFile(file, "utf8");
  expect(namesOf(state)).toEqual(["changed", "new"]);
  for (const spoil of [() => copyFile(join(data, "backup"), file), () => rm(file), () => writeFile(file, "rubbish")]) {
    await spoil();
    await vi.waitFor(async () => expect(await readFile(file, "utf8")).toBe(newest), HEARD);
    expect(namesOf(state)).toEqual(["changed", "new"]);
  }
});

test("a removed name may be written again", async () => {
  const { state } = await opened(await newFolder());
  await state.write("token", "a", 1);
  await state.write("token", "a", null);
  await state.write("token", "a", null);
  expect(state.entries("token").has("a")).toBe(false);
  await state.write("token", "a", 2);
  expect(state.entries("token").get("a")).toBe(2);
});

test("entries that no key has signed are ignored and told, and stop a start", async () => {
  const data = await newFolder();
  const file = join(data, "state.txt");
  const { state, lines } = await opened(data);
  await state.write("token", "a", { tier: "REGISTERED" });
  const good = await readFile(file, "utf8");
  const forged = good.replace("REGISTERED", "OPERATOR");
  await writeFile(file, forged);
  await vi.waitFor(async () => expect(await readFile(file, "utf8")).toBe(good), HEARD);
  expect(state.entries("token").get("a")).toEqual({ tier: "REGISTERED" });
  expect(lines).toMatchObject([{ level: 50, alarm: "forged", entries: 1 }]);
  await state[Symbol.asyncDispose]();

  await writeFile(file, forged);
  await expect(opened(data)).rejects.toThrow(
    new ConfigError(
      `${file}: wanted entries that a key of ODAN_KEY_FILE has signed, got 1 others. Restore the key, or remove the file: its tokens are void then.`,
    ),
  );
  await writeFile(file, good);
  await expect(opened(data, [Buffer.alloc(32, 2)])).rejects.toThrow(ConfigError);
  expect(await readFile(file, "utf8")).toBe(good);
});

test.each(["", "{}", "odan state 2\n", "odan state 1\ncut off"])("a file that holds %j stops a start", async (text) => {
  const data = await newFolder();
  await writeFile(join(data, "state.txt"), text);
  await expect(opened(data)).rejects.toThrow(/wanted the state that Odan wrote, got something else/);
  expect(await readFile(join(data, "state.txt"), "utf8")).toBe(text);
});

test("after a start with a newer key first the older one can go", async () => {
  const data = await newFolder();
  const [older, newer] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const before = await opened(data, [older]);
  await before.state.write("token", "a", 1);
  await before.state.write("token", "b", 1);
  await before.state.write("token", "b", null);
  const both = await opened(data, [newer, older]);
  expect(namesOf(both.state)).toEqual(["a"]);
  // The gateway that still has the older key alone is stopped by now.
  await before.state[Symbol.asyncDispose]();
  const after = await opened(data, [newer]);
  expect(namesOf(after.state)).toEqual(["a"]);
});

test("a write that does not reach the disk is rejected, and grants nothing", async () => {
  const data = await newFolder();
  const { state } = await opened(data);
  await mkdir(join(data, "state.txt"));
  await expect(state.write("token", "a", 1)).rejects.toThrow(StateAway);
  expect(namesOf(state)).toEqual([]);
  await rm(join(data, "state.txt"), { recursive: true });
  await state.write("token", "a", 1);
  expect(namesOf(state)).toEqual(["a"]);
});

test("names and values have a longest length", async () => {
  const { state } = await opened(await newFolder());
  await state.write("token", "n".repeat(200), "v".repeat(65_534));
  await expect(state.write("token", "n".repeat(201), 1)).rejects.toThrow(RangeError);
  await expect(state.write("token", "a", "v".repeat(65_535))).rejects.toThrow(RangeError);
});

/** A process that writes `PREFIX-0`, `PREFIX-1`, ... and prints each name once it is written. */
const writer = (data: string, prefix: string, count: number) => {
  const script = `import { openState } from "./gateway/state/state.ts";
    const log = { info() {}, warn() {}, error() {} };
    const state = await openState({ data: ${JSON.stringify(data)}, stateUrl: null }, [Buffer.alloc(32, 1)], log);
    process.stdout.write("up\\n");
    await new Promise((resolve) => process.stdin.once("data", resolve));
    for (let i = 0; i < ${count}; i += 1) {
      await state.write("token", \`${prefix}-\${i}\`, i);
      process.stdout.write(\`${prefix}-\${i}\\n\`);
    }
    process.exit(0);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  return {
    child,
    lines,
    ended: once(child, "close"),
    up: () => expect.poll(() => lines.length, { timeout: 60_000 }).toBe(1),
  };
};

test("processes that write at once lose nothing of one another", async () => {
  const data = await newFolder();
  const writers = ["a", "b", "c"].map((prefix) => writer(data, prefix, 30));
  await Promise.all(writers.map(({ up }) => up()));
  for (const { child } of writers) child.stdin.write("go\n");
  await Promise.all(writers.map(({ ended }) => ended));
  const { state } = await opened(data);
  expect(namesOf(state).toSorted()).toEqual(writers.flatMap(({ lines }) => lines.slice(1)).toSorted());
  expect(state.entries("token").size).toBe(90);
});

test("a process killed while it writes leaves every entry that it said was written, and a file that others write on", async () => {
  const data = await newFolder();
  const said: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    const { child, lines, ended, up } = writer(data, `round${round}`, 100_000);
    await up();
    child.stdin.write("go\n");
    // At another point of a write in each round.
    await expect.poll(() => lines.length, { timeout: 60_000, interval: 3 + round }).toBeGreaterThan(5 + 7 * round);
    child.kill("SIGKILL");
    await ended;
    said.push(...lines.slice(1));
    const { state } = await opened(data);
    for (const name of said) expect(state.entries("token").has(name), name).toBe(true);
    await state.write("token", `after${round}`, 1);
    said.push(`after${round}`);
    await state[Symbol.asyncDispose]();
  }
});
