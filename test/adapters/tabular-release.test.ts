import { appendFile, rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import { newFolder, writeFiles } from "../folder.ts";
import { question } from "./questions.ts";
import { openTabular } from "./tabular-bank.ts";

const NEVER = new AbortController().signal;
const OPTIONS = {
  kind: "tabular",
  donors: { file: "donors.csv", id: "id" },
  samples: { file: "samples.csv", donor: "id", type: "kind" },
};

const opened = async () => {
  const folder = await newFolder();
  await writeFiles(folder, { "donors.csv": "id\n1\n2\n", "samples.csv": "id,kind\n1,P\n" });
  return { folder, adapter: await openTabular(folder, OPTIONS) };
};
const samplesOf = async (adapter: Adapter): Promise<unknown> => {
  const [got] = await adapter.count([question([])], await adapter.release(NEVER), NEVER);
  return got instanceof Error ? got.message : got?.samples.max;
};

// The release was known by sizes and times: the old number came as that of the new file.
test.each(["in place", "by another file"])(
  "a file replaced %s, of the same size and time, is another release",
  async (how) => {
    const { folder, adapter } = await opened();
    const before = await adapter.release(NEVER);
    const time = new Date("2026-04-01T00:00:00Z");
    const path = join(folder, "samples.csv");
    const fresh = how === "in place" ? path : `${path}.new`;
    await writeFile(fresh, "id,kind\n\n\n\n\n");
    await utimes(fresh, time, time);
    if (fresh !== path) await rename(fresh, path);
    const now = await adapter.release(NEVER);
    expect([now.date, now.id === before.id]).toEqual([before.date, false]);
    expect(await samplesOf(adapter)).toBe(0);
  },
);

test("the same bytes are the same release, whenever they were written", async () => {
  const [one, other] = [await opened(), await opened()];
  expect(await one.adapter.release(NEVER)).toEqual(await other.adapter.release(NEVER));
  await writeFiles(one.folder, { "samples.csv": "id,kind\n1,P\n" });
  expect(await one.adapter.release(NEVER)).toEqual(await other.adapter.release(NEVER));
});

test("a file that is being written makes the bank busy, and a release once it has been as it is for a second", async () => {
  const { folder, adapter } = await opened();
  await appendFile(join(folder, "samples.csv"), "2,P\n2");
  await expect(adapter.release(NEVER)).rejects.toMatchObject({
    code: "BANK_BUSY",
    message: "[bank] the files: wanted them unchanged for a second, got new ones",
    retryAfterMs: expect.any(Number),
  });
  await writeFiles(folder, { "samples.csv": "id,kind\n1,P\n2,P\n2,D\n" });
  expect(await samplesOf(adapter)).toBe(3);
});

test("a bank opens once its files have been as they are for a second", async () => {
  const folder = await newFolder();
  await writeFiles(folder, { "donors.csv": "id\n1\n" });
  await writeFile(join(folder, "samples.csv"), "id,kind\n");
  const opening = openTabular(folder, OPTIONS);
  await appendFile(join(folder, "samples.csv"), "1,P\n");
  expect(await samplesOf(await opening)).toBe(1);
});
