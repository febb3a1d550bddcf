import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADAPTERS } from "../../adapters/index.ts";
import { bbjFiles, isBbjThere } from "../../sandbox/bbj/files.ts";
import type { BankId, Donor } from "../../sandbox/donor.ts";
import { donorsIn, POPULATIONS, population, records } from "../../sandbox/population.ts";
import { changeOf, RELEASES, type ReleaseNumber, releaseOf } from "../../sandbox/releases.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { mappedCodes } from "../../subgraphs/serve/open.ts";
import { EVERY } from "../adapters/questions.ts";

const BANKS = Object.keys(POPULATIONS) as BankId[];
const SIZE: { readonly [Bank in BankId]: number } = { tmm: 0.03, bbj: 0.01, ncbn: 0.02, cancer: 0.2, rare: 1 };
const NEVER = new AbortController().signal;

describe("release 2", () => {
  test("has lost one donor in 500 and won one for every 200", () => {
    const published = BANKS.map((bank) => [bank, donorsIn(bank, 1, 1), donorsIn(bank, 1, 2)]);
    expect(published).toEqual([
      ["tmm", 150_000, 150_450],
      ["bbj", 270_000, 270_810],
      ["ncbn", 100_000, 100_300],
      ["cancer", 13_650, 13_691],
      ["rare", 5_500, 5_517],
    ]);
    expect(changeOf(150_000, 1)).toEqual({ withdrawn: 300, added: 750 });
    expect(changeOf(5_500, 0.0001)).toEqual({ withdrawn: 0, added: 1 });
  });

  test.each(BANKS)("of %s is release 1 without those who withdrew, and new donors", (bank) => {
    const size = SIZE[bank];
    const [first, second] = ([1, 2] as const).map((release) => [...population(bank, { size, release })]) as [
      Donor[],
      Donor[],
    ];
    const before = new Map(first.map((donor) => [donor.id, donor]));
    const ids = new Set(second.map(({ id }) => id));
    const { withdrawn, added } = changeOf(POPULATIONS[bank].donors, size);
    expect([first.length, second.length]).toEqual([donorsIn(bank, size, 1), donorsIn(bank, size, 2)]);
    expect(ids.size).toBe(second.length);
    expect(first.filter(({ id }) => !ids.has(id))).toHaveLength(withdrawn);
    expect(second.filter(({ id }) => !before.has(id))).toHaveLength(added);
    for (const donor of second) {
      const was = before.get(donor.id) ?? donor;
      expect({ ...donor, family: was.family }).toEqual(was);
    }
    expect([...population(bank, { size, release: 2 })]).toEqual(second);
    const other = [...population(bank, { size, release: 2, seed: "another" })];
    expect(other.map(({ id }) => id)).not.toEqual(second.map(({ id }) => id));
    const records2 = new Map([...records(bank, { size, release: 2 })].map((record) => [record.id, record]));
    for (const { family: _, ...record } of records(bank, { size })) {
      expect(records2.get(record.id) ?? record).toMatchObject(record);
    }
  });

  test.each(["tmm", "rare"] as const)("of %s says of every family only what the bank still holds", (bank) => {
    const donors = [...population(bank, { size: bank === "tmm" ? 0.1 : 1, release: 2 })];
    const families = new Map<string, Donor[]>();
    for (const donor of donors.filter(({ household }) => household !== null)) {
      const { id } = donor.household!;
      families.set(id, [...(families.get(id) ?? []), donor]);
    }
    const first = [...population(bank, { size: bank === "tmm" ? 0.1 : 1 })];
    const before = new Map(first.map(({ id, family }) => [id, family]));
    const changed = donors.filter(({ id, family }) => (before.get(id) ?? family) !== family);
    expect(changed.length).toBeGreaterThan(0);
    for (const family of families.values()) {
      const roles: readonly string[] = family.map(({ household }) => household!.role);
      const complete = ["CHILD", "MOTHER", "FATHER"].every((role) => roles.includes(role));
      const told = new Set(family.map((donor) => donor.family));
      expect(told.has("TRIO") && !complete, family[0]!.id).toBe(false);
      expect(told.has("NONE"), family[0]!.id).toBe(family.length === 1);
    }
  });

  test("keeps TMM's rare cells as rare as they are", () => {
    const held = (release: ReleaseNumber) =>
      [...population("tmm", { size: 0.01, release })].filter(({ diagnoses }) => diagnoses.includes("ICD10:G10")).length;
    expect(held(1)).toBe(3);
    expect(held(2)).toBeLessThanOrEqual(3);
  });

  test("is 1 where none is said, and nothing but 1 and 2", () => {
    expect([releaseOf(undefined), releaseOf("1"), releaseOf("2")]).toEqual([1, 1, 2]);
    for (const text of ["0", "3", "", "2.0"])
      expect(() => releaseOf(text)).toThrow(`wanted release 1 or 2, got ${text}`);
  });
});

describe("BBJ's folder", () => {
  const size = 0.002;
  let root: string;
  let folder: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "odan-releases-"));
    folder = join(root, "bbj");
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  test("holds one release at a time, and the adapter notices which", { timeout: 60_000 }, async () => {
    const file = "subgraphs/banks/bbj/bank.yaml";
    const mapping = parseMapping(await readFile(file, "utf8"), file, { ODAN_DATA: root });
    const options = ADAPTERS.tabular.options.parse(mapping.yaml.adapter);
    expect(await bbjFiles(folder, size)).toBe(true);
    const adapter = await ADAPTERS.tabular.open(
      options,
      mappedCodes(mapping),
      { bank: "bbj", folder: ".", env: process.env },
      NEVER,
    );
    const counted = async () => {
      const release = await adapter.release(NEVER);
      const [got] = await adapter.count([{ donors: EVERY, samples: EVERY }], release, NEVER);
      return [release.id, release.date, got];
    };
    const truth = (release: ReleaseNumber) => {
      const samples = [...population("bbj", { size, release })].flatMap((donor) => donor.samples).length;
      const donors = donorsIn("bbj", size, release);
      return [
        `bbj@${RELEASES[release].number}`,
        RELEASES[release].date,
        { donors: { min: donors, max: donors }, samples: { min: samples, max: samples } },
      ];
    };
    expect(await counted()).toEqual(truth(1));
    expect(await isBbjThere(folder, size, 2)).toBe(false);
    expect(await bbjFiles(folder, size, 2)).toBe(true);
    expect(await isBbjThere(folder, size, 2)).toBe(true);
    expect(await counted()).toEqual(truth(2));
    expect(await bbjFiles(folder, size, 1)).toBe(false);
    expect(await counted()).toEqual(truth(1));
    await adapter[Symbol.asyncDispose]();
    expect((await readdir(root)).sort()).toEqual(["bbj", "bbj.release-1", "bbj.release-2"]);
  });

  test("is whole at every moment of a change", async () => {
    const seen = new Set<string>();
    let changing = true;
    const reading = (async () => {
      while (changing) {
        seen.add(JSON.parse(await readFile(join(folder, "release.json"), "utf8")).number);
        await stat(join(folder, "samples.parquet"));
      }
    })();
    for (let change = 0; change < 50; change++) await bbjFiles(folder, size, change % 2 === 0 ? 2 : 1);
    changing = false;
    await reading;
    expect([...seen].sort()).toEqual([RELEASES[1].number, RELEASES[2].number]);
  });

  test("of before there were two releases is taken over as it is", async () => {
    const old = join(root, "old");
    await mkdir(old);
    await rename(join(root, "bbj.release-1"), join(old, "bbj"));
    expect(await bbjFiles(join(old, "bbj"), size)).toBe(false);
    expect(await isBbjThere(join(old, "bbj"), size, 1)).toBe(true);
    expect((await readdir(old)).sort()).toEqual(["bbj", "bbj.release-1"]);
  });
});
