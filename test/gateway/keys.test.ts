import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ConfigError } from "../../gateway/config.ts";
import { readKeys } from "../../gateway/keys.ts";
import { newFolder } from "../folder.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("the first gateway makes the file, for its owner alone; the next one reads it", async () => {
  const folder = await newFolder();
  const file = join(folder, "deep", "gateway.key");
  const keys = await readKeys(file);
  expect(await readFile(file, "utf8")).toMatch(/^[0-9a-f]{64}$/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, "deep"))).toEqual(["gateway.key"]);
  expect(await readKeys(file)).toEqual(keys);
  expect(keys.snapshots).toHaveLength(32);
  expect(hexOf(keys.entries)).not.toBe(hexOf(keys.snapshots));
});

test("keys come from the file alone: capitals and a line's end make no difference, another secret does", async () => {
  const folder = await newFolder();
  const texts = ["ab".repeat(32), `${"AB".repeat(32)}\n`, "ac".repeat(32)];
  const keys = await Promise.all(
    texts.map(async (text, i) => {
      await writeFile(join(folder, `${i}`), text);
      return readKeys(join(folder, `${i}`));
    }),
  );
  expect(keys[1]).toEqual(keys[0]);
  expect(keys[2]).not.toEqual(keys[0]);
});

test.each([
  ["empty", ""],
  ["short", "ab".repeat(31)],
  ["long", "ab".repeat(33)],
  ["none", "z".repeat(64)],
])("a file that is %s is refused in one line, and left alone", async (_, text) => {
  const file = join(await newFolder(), "gateway.key");
  await writeFile(file, text);
  await expect(readKeys(file)).rejects.toThrow(
    new ConfigError(`ODAN_KEY_FILE: wanted 32 bytes in hex in ${file}, got something else.`),
  );
  expect(await readFile(file, "utf8")).toBe(text);
});

test("a place that cannot hold a file is refused in one line", async () => {
  const folder = await newFolder();
  await writeFile(join(folder, "file"), "");
  await mkdir(join(folder, "folder"));
  await expect(readKeys(join(folder, "file", "gateway.key"))).rejects.toThrow(
    /^ODAN_KEY_FILE: wanted a file that can be read or made, got ENOTDIR for /,
  );
  await expect(readKeys(join(folder, "folder"))).rejects.toThrow(/got EISDIR for /);
});

// A draft was written beside the key at every start, so that a key in a folder that nobody may write to was of no use.
test("a key that is there is read and nothing is written, be its folder writable or not", async () => {
  // A draft beside it would have a name too long for any file system: which fails like a read-only folder, for root too.
  const file = join(await newFolder(), "k".repeat(250));
  await writeFile(file, "ab".repeat(32));
  expect((await readKeys(file)).entries).toHaveLength(32);
});

test("two gateways that start at once get one key", async () => {
  const file = join(await newFolder(), "gateway.key");
  // Both are up and wait for their stdin to end: they start at once, however long starting takes.
  const script = `import { readKeys } from "./gateway/keys.ts";
    process.stdout.write("up\\n");
    for await (const _ of process.stdin);
    process.stdout.write(Buffer.from((await readKeys(${JSON.stringify(file)})).entries).toString("hex"));`;
  const starts = [0, 1].map(() => {
    const args = ["--import", "tsx", "--input-type=module", "-e", script];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    return { child, out: () => out, ended: once(child, "close") };
  });
  await Promise.all(starts.map(({ out }) => expect.poll(out, { timeout: 60_000 }).toBe("up\n")));
  for (const { child } of starts) child.stdin.end();
  expect(await Promise.all(starts.map(({ ended }) => ended))).toEqual([
    [0, null],
    [0, null],
  ]);
  const { entries } = await readKeys(file);
  expect(starts.map(({ out }) => out())).toEqual([`up\n${hexOf(entries)}`, `up\n${hexOf(entries)}`]);
});

test("many in one process get one key", async () => {
  const file = join(await newFolder(), "gateway.key");
  const keys = await Promise.all(Array.from({ length: 20 }, () => readKeys(file)));
  expect(new Set(keys.map(({ entries }) => hexOf(entries))).size).toBe(1);
});
