import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Current } from "../../subgraphs/releases/authority.ts";
import type { About } from "../../subgraphs/releases/edition.ts";
import { stateFile, stateInMemory } from "../../subgraphs/releases/state-file.ts";
import { newFolder } from "../folder.ts";

const state = (ordinal: number): Current<About> => ({
  edition: { name: `${ordinal}-abc`, ordinal, purges: 0 },
  about: {
    release: { id: "small@1", date: "2026-04-01", kind: "ANNOUNCED" },
    size: { donors: 100, samples: null },
  },
});

test("what was written last is read, by another process as well, and no draft is left", async () => {
  const folder = join(await newFolder(), "releases");
  const file = join(folder, "small.json");
  expect(await stateFile(file).read()).toBeNull();
  await stateFile(file).write(state(1));
  await stateFile(file).write(state(2));
  expect(await stateFile(file).read()).toEqual(state(2));
  expect(await readdir(folder)).toEqual(["small.json"]);
});

test("a draft that a crash left half written changes nothing", async () => {
  const file = join(await newFolder(), "small.json");
  await stateFile(file).write(state(1));
  await writeFile(`${file}.next`, '{"edition":{"na');
  expect(await stateFile(file).read()).toEqual(state(1));
  await stateFile(file).write(state(2));
  expect(await stateFile(file).read()).toEqual(state(2));
});

describe("a file that holds something else is not guessed at", () => {
  test.each([
    ["nothing", ""],
    ["half of it", JSON.stringify(state(1)).slice(0, 40)],
    ["other JSON", "{}"],
    ["an ordinal of 0", JSON.stringify(state(0))],
    ["a bound below 0", JSON.stringify(state(1)).replace("100", "-1")],
    ["more than it should", JSON.stringify({ ...state(1), more: true })],
  ])("%s", async (_, text) => {
    const file = join(await newFolder(), "small.json");
    await writeFile(file, text);
    await expect(stateFile(file).read()).rejects.toThrow(
      `${file}: wanted the state that Odan wrote, got something else. Restore it, or remove it and publish the release anew.`,
    );
    expect(await readFile(file, "utf8")).toBe(text);
  });
});

test("a write that fails keeps what was there", async () => {
  const file = join(await newFolder(), "small.json");
  await stateFile(file).write(state(1));
  await mkdir(`${file}.next`);
  await expect(stateFile(file).write(state(2))).rejects.toThrow("EISDIR");
  expect(await stateFile(file).read()).toEqual(state(1));
});

test("in memory it lives as long as the process", async () => {
  const memory = stateInMemory();
  expect(await memory.read()).toBeNull();
  await memory.write(state(1));
  expect(await memory.read()).toEqual(state(1));
});
