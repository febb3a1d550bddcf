import { spawn } from "node:child_process";
import { createPublicKey, sign, verify } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { snapshotTokens } from "../../gateway/search/snapshot.ts";
import { readKeys } from "../../gateway/secrets/keys.ts";
import { ConfigError } from "../../gateway/settings/config.ts";
import { QuestionError } from "../../schema/question-error.ts";
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
  const { signing, ...secrets } = keys;
  const all = Object.values(secrets).map(([first, ...older]) => {
    expect(older).toEqual([]);
    expect(first).toHaveLength(32);
    return hexOf(first);
  });
  expect(new Set([...all, await readFile(file, "utf8")]).size).toBe(5);
  expect(signing.map(({ type, asymmetricKeyType }) => [type, asymmetricKeyType])).toEqual([["private", "ed25519"]]);
});

const line = (byte: string): string => byte.repeat(32);
const readText = async (text: string) => {
  const file = join(await newFolder(), "gateway.key");
  await writeFile(file, text);
  return readKeys(file);
};

test("every line is a key, in the order of the file; blank lines, comments and repetitions are none", async () => {
  const text = `\uFEFF# since 2026\r\n${line("AB")} # the newest\r\n\r\n  ${line("cd")}\n#${line("ef")}\n${line("ab")}\n`;
  const keys = await readText(text);
  const [newer, older] = [await readText(line("ab")), await readText(line("cd"))];
  for (const use of ["snapshots", "entries", "names", "state"] as const) {
    expect(keys[use]).toEqual([newer[use][0], older[use][0]]);
  }
  expect(keys.signing.map((key) => key.equals(newer.signing[0]))).toEqual([true, false]);
  expect(keys.signing.map((key) => key.equals(older.signing[0]))).toEqual([false, true]);
});

test("what a retired key has signed verifies while it is in the file, and a new signature is the first key's", async () => {
  const [newer, older] = [await readText(line("ab")), await readText(line("cd"))];
  const both = await readText(`${line("ab")}\n${line("cd")}`);
  const editions = new Map([["bbj", { name: "7-abc", ordinal: 7, purges: 2 }]]);
  const token = snapshotTokens(...older.snapshots).write(editions);
  const rotated = snapshotTokens(...both.snapshots);
  expect(rotated.read(token, "snapshot")).toEqual(editions);
  expect(rotated.write(editions)).toBe(snapshotTokens(...newer.snapshots).write(editions));
  expect(() => snapshotTokens(...newer.snapshots).read(token, "snapshot")).toThrow(QuestionError);

  const text = Buffer.from("text");
  expect(verify(null, text, createPublicKey(newer.signing[0]), sign(null, text, both.signing[0]))).toBe(true);
  expect(verify(null, text, createPublicKey(older.signing[0]), sign(null, text, both.signing[0]))).toBe(false);
});

test.each([
  ["short", "ab".repeat(31)],
  ["two on a line", `${line("ab")} ${line("cd")}`],
  ["none", "z".repeat(64)],
])("a wrong line below a good one is refused with its number and without its text: %s", async (_, wrong) => {
  const file = join(await newFolder(), "gateway.key");
  await writeFile(file, `# ours\n${line("ab")}\n\n${wrong}\n`);
  await expect(readKeys(file)).rejects.toThrow(
    new ConfigError(`ODAN_KEY_FILE: wanted 32 bytes in hex in line 4 of ${file}, got something else.`),
  );
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
  ["empty", "", "in FILE, got none"],
  ["a comment", `# ${line("ab")}`, "in FILE, got none"],
  ["short", "ab".repeat(31), "in line 1 of FILE, got something else"],
  ["long", "ab".repeat(33), "in line 1 of FILE, got something else"],
  ["none", "z".repeat(64), "in line 1 of FILE, got something else"],
])("a file that is %s is refused in one line, and left alone", async (_, text, why) => {
  const file = join(await newFolder(), "gateway.key");
  await writeFile(file, text);
  await expect(readKeys(file)).rejects.toThrow(
    new ConfigError(`ODAN_KEY_FILE: wanted 32 bytes in hex ${why.replace("FILE", file)}.`),
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
  expect((await readKeys(file)).entries).toHaveLength(1);
});

test("two gateways that start at once get one key", async () => {
  const file = join(await newFolder(), "gateway.key");
  // Both are up and wait for their stdin to end: they start at once, however long starting takes.
  const script = `import { readKeys } from "./gateway/secrets/keys.ts";
    process.stdout.write("up\\n");
    for await (const _ of process.stdin);
    process.stdout.write(Buffer.from((await readKeys(${JSON.stringify(file)})).entries[0]).toString("hex"));`;
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
  expect(starts.map(({ out }) => out())).toEqual([`up\n${hexOf(entries[0])}`, `up\n${hexOf(entries[0])}`]);
});

test("many in one process get one key", async () => {
  const file = join(await newFolder(), "gateway.key");
  const keys = await Promise.all(Array.from({ length: 20 }, () => readKeys(file)));
  expect(new Set(keys.map(({ entries }) => hexOf(entries[0]))).size).toBe(1);
});
