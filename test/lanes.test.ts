import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { newFolder, writeFiles } from "./folder.ts";
import { filesOf, LANES, SUITES, suiteOf } from "./lanes.ts";

test("every test file runs in a lane, and every suite has a file of its own", () => {
  const all = filesOf(null);
  const run = new Set(Object.values(LANES).flatMap(filesOf));
  expect(all.filter((file) => !run.has(file))).toEqual([]);
  expect(SUITES.filter((suite) => !all.some((file) => suiteOf(file) === suite))).toEqual([]);
});

test("docs/testing.md says what runs in which lane", async () => {
  const lines = (await readFile("docs/testing.md", "utf8")).split("\n").filter((line) => line.startsWith("| `test/"));
  const rows = lines.map((line) => line.split("|").map((cell) => cell.trim()));
  expect(rows.map(([, files, short, long]) => [files, short, long])).toEqual(
    SUITES.map((suite) => [`\`${suite.files}\``, suite[LANES.short] ?? "-", suite[LANES.long] ?? "-"]),
  );
  // How long it took, in each lane that runs it.
  const seconds = rows.map(([, , short, long, ...took]) => [short, long].map((what, i) => [what === "-", took[i]]));
  for (const [isLeftOut, took] of seconds.flat()) expect(took).toMatch(isLeftOut ? /^-$/ : /^[\d,]+ s$/);
});

test("docs/testing.md names files and scripts that are there", async () => {
  const text = await readFile("docs/testing.md", "utf8");
  const { scripts } = JSON.parse(await readFile("package.json", "utf8")) as { scripts: object };
  const named = [...text.matchAll(/`((?:test|\.ci|docs)\/[\w./-]+)`/g)].map(([, file]) => file!);
  expect(named.filter((file) => !existsSync(file) && !filesOf(null).some((test) => test.startsWith(file)))).toEqual([]);
  const run = [...text.matchAll(/npm (?:run )?(?:-s )?(test(?::long)?|chaos|soak|bench)\b/g)].map(([, name]) => name!);
  expect(run.filter((name) => !(name in scripts))).toEqual([]);
});

test.each([
  ["short", 20_000],
  ["long", 200_000],
])("a run in mode %s has the volumes of its lane", async (mode, cases) => {
  const args = ["list", "--config", "test/vitest.config.ts", "--mode", mode, "test/law/law.test.ts"];
  const { stdout } = await promisify(execFile)(process.execPath, ["node_modules/vitest/vitest.mjs", ...args]);
  expect(stdout).toContain(`the law holds for ${cases} populations`);
});

/** What `.ci/count.mjs` prints of these runs, and its exit status. */
const count = async (...runs: readonly (readonly [report: object | null, status: number])[]) => {
  const folder = await newFolder();
  const paths = runs.map((_, i) => join(folder, `${i}.json`));
  const written = runs.flatMap(([report], i) => (report === null ? [] : [[`${i}.json`, JSON.stringify(report)]]));
  await writeFiles(folder, Object.fromEntries(written));
  const args = runs.flatMap(([, status], i) => [paths[i]!, String(status)]);
  return new Promise<string>((resolve) => {
    const child = execFile(process.execPath, [".ci/count.mjs", ...args], (_, stdout) =>
      resolve(`${stdout.trim()}, exit ${child.exitCode}`),
    );
  });
};
const report = (...files: readonly (readonly string[])[]) => ({
  testResults: files.map((statuses) => ({
    status: statuses.length > 0 && statuses.every((status) => status !== "failed") ? "passed" : "failed",
    assertionResults: statuses.map((status) => ({ status })),
  })),
});

test("the last line of .ci/run sums both runs", async () => {
  const good = report(["passed", "passed"], ["passed", "skipped"]);
  expect(await count([good, 0], [good, 0])).toBe("6 passed, 0 failed, exit 0");
  expect(await count([good, 0], [report(["passed", "failed"], []), 1])).toBe("4 passed, 2 failed, exit 1");
  expect(await count([null, 1], [good, 0])).toBe("3 passed, 1 failed, exit 1");
  expect(await count([good, 1], [good, 0])).toBe("6 passed, 1 failed, exit 1");
  expect(await count([good, 0], [report(), 0])).toBe("3 passed, 1 failed, exit 1");
});
