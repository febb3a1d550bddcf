import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bbjFiles } from "../../sandbox/bbj/files.ts";
import { buildOnce } from "../../sandbox/build-once.ts";
import { population } from "../../sandbox/population.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "odan-bbj-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const rows = async (query: string) => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  return (await connection.runAndReadAll(query)).getRowsJson();
};

test("writes BBJ's release in the bank's own codes, once", async () => {
  const folder = join(root, "bbj");
  expect(await bbjFiles(folder, 0.01)).toBe(true);
  expect(await bbjFiles(folder, 0.01)).toBe(false);
  const donors = [...population("bbj", { size: 0.01 })];
  const table = (name: string): string => `'${join(folder, `${name}.parquet`)}'`;
  const distinct = async (name: string, column: string) =>
    (await rows(`SELECT DISTINCT ${column} FROM ${table(name)} ORDER BY 1`)).flat();

  expect(await rows(`SELECT count(*)::INT, count(DISTINCT donor_id)::INT FROM ${table("donors")}`)).toEqual([
    [2700, 2700],
  ]);
  expect(await distinct("donors", "sex")).toEqual(["1", "2", "9"]);
  expect(await distinct("donors", "cohort")).toEqual(["1", "2"]);
  expect(await distinct("samples", "kind")).toEqual(expect.arrayContaining(["D", "S"]));
  expect(await distinct("samples", "storage")).toEqual(expect.arrayContaining(["4C", "LN", null]));
  expect(await distinct("uses", "use")).toEqual(["AC", "CO", "OV"]);
  expect(await distinct("programmes", "programme")).toEqual(["CG"]);
  expect((await distinct("diseases", "target_disease")).every((code) => Number(code) >= 1 && Number(code) <= 51)).toBe(
    true,
  );
  const samples = donors.flatMap((donor) => donor.samples);
  expect(await rows(`SELECT count(*)::INT, count(year)::INT FROM ${table("samples")}`)).toEqual([
    [samples.length, samples.length],
  ]);
  expect(await rows(`SELECT count(*)::INT FROM ${table("samples")} WHERE kind = 'S' AND year >= 2013`)).toEqual([[0]]);
  expect(await rows(`SELECT donor_id FROM ${table("samples")}`)).toEqual(
    donors.flatMap((donor) => donor.samples.map(() => [donor.id])),
  );
  expect(JSON.parse(await readFile(join(folder, "release.json"), "utf8"))).toEqual({
    number: "2026.1",
    date: "2026-04-01",
  });
});

test("never takes an interrupted build for a whole one, nor one of another seed, size or generator", async () => {
  const folder = join(root, "any");
  const stamp = { generator: 1, format: 1, seed: "a", size: 1 };
  const build = (text: string) => (work: string) => writeFile(join(work, "file"), text);
  const failing = async (work: string): Promise<void> => {
    await build("half")(work);
    throw new Error("disk full");
  };
  await expect(buildOnce(folder, stamp, failing)).rejects.toThrow("disk full");
  await mkdir(`${folder}.building-999999999`);
  expect(await buildOnce(folder, stamp, build("whole"))).toBe(true);
  expect(await buildOnce(folder, stamp, failing)).toBe(false);
  expect(await buildOnce(folder, { ...stamp, size: 0.5 }, build("half the size"))).toBe(true);
  expect(await readFile(join(folder, "file"), "utf8")).toBe("half the size");
  expect((await readdir(root)).filter((name) => name.startsWith("any"))).toEqual(["any"]);
});
