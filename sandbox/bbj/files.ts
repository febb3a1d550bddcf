import { lstat, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { DuckDBAppender } from "@duckdb/node-api";
import { buildOnce, isBuilt } from "../build-once.ts";
import type { RecordedDonor, RecordedSample, SampleType, Sex, Storage } from "../donor.ts";
import { records, stampOf } from "../population.ts";
import { RELEASES, type ReleaseNumber } from "../releases.ts";
import { yielding } from "../yielding.ts";

/** Raised when the shape of the files changes. */
const FORMAT = 1;

/**
 * Writes BBJ's release into a folder as Parquet files, unless it is there; true if it was written. The codes are the bank's
 * own, as its export has them: sex 1, 2 and 9 for "not known", kinds of sample D, S and T.
 *
 * Each release lies whole in a folder beside it (bbj.release-2), and `folder` is a link to one of them, which is replaced in
 * one step: a reader finds all files of one release, and release.json shows whether another one replaced it meanwhile.
 */
export const bbjFiles = async (folder: string, size: number, release: ReleaseNumber = 1): Promise<boolean> => {
  const target = `${folder}.release-${release}`;
  await makeRoomForLink(folder);
  const built = await buildOnce(target, stampOf(FORMAT, size, release), async (work) => {
    await writeBbjFiles(work, yielding(records("bbj", { size, release })));
    await writeFile(join(work, "release.json"), `${JSON.stringify(RELEASES[release])}\n`);
  });
  await link(folder, basename(target));
  return built;
};

/** Whether a folder holds BBJ's release as it would be written now. */
export const isBbjThere = async (folder: string, size: number, release: ReleaseNumber): Promise<boolean> => {
  const target = `${folder}.release-${release}`;
  return (await linkOf(folder)) === basename(target) && isBuilt(target, stampOf(FORMAT, size, release));
};

const linkOf = (path: string): Promise<string | null> => readlink(path).catch(() => null);

/** Moves the files of release 1 beside the folder where an older version wrote them into it. */
const makeRoomForLink = async (folder: string): Promise<void> => {
  const found = await lstat(folder).catch(() => null);
  if (found?.isDirectory() !== true) return;
  const aside = `${folder}.release-1`;
  await rm(aside, { recursive: true, force: true });
  await rename(folder, aside);
};

/** Replaces the link by renaming a new one over it. `target` is relative, so that link and target can be moved together. */
const link = async (path: string, target: string): Promise<void> => {
  if ((await linkOf(path)) === target) return;
  const fresh = `${path}.link-${process.pid}`;
  await rm(fresh, { force: true });
  await symlink(target, fresh, "junction");
  await rename(fresh, path);
};

const TABLES = {
  donors: "donor_id VARCHAR, sex VARCHAR, cohort VARCHAR, birth_year SMALLINT",
  diseases: "donor_id VARCHAR, target_disease VARCHAR",
  samples: "donor_id VARCHAR, kind VARCHAR, age SMALLINT, year SMALLINT, storage VARCHAR",
  data: "donor_id VARCHAR, data VARCHAR",
  uses: "donor_id VARCHAR, use VARCHAR",
  programmes: "donor_id VARCHAR, programme VARCHAR",
} as const;
type Table = keyof typeof TABLES;
const TABLE_NAMES = Object.keys(TABLES) as Table[];

/** Writes the six files of any donors, in the order in which they come. Codes that BBJ does not have are an error. */
export const writeBbjFiles = async (
  folder: string,
  donors: Iterable<RecordedDonor> | AsyncIterable<RecordedDonor>,
): Promise<void> => {
  // Loaded here because a start that finds the files there does not need it.
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const into = {} as Record<Table, DuckDBAppender>;
    for (const table of TABLE_NAMES) {
      await connection.run(`CREATE TABLE ${table} (${TABLES[table]})`);
      into[table] = await connection.createAppender(table);
    }
    for await (const donor of donors) append(into, donor);
    for (const table of TABLE_NAMES) {
      into[table].closeSync();
      const file = join(folder, `${table}.parquet`).replaceAll("'", "''");
      await connection.run(`COPY ${table} TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
      await connection.run(`DROP TABLE ${table}`);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
};

const append = (into: Record<Table, DuckDBAppender>, donor: RecordedDonor): void => {
  row(into.donors, donor.id, codeOf(SEXES, donor.sex ?? "OTHER"), enrolment(donor), donor.birthYear);
  for (const target of donor.diagnoses) row(into.diseases, donor.id, target);
  for (const kind of donor.data) row(into.data, donor.id, kind);
  for (const use of donor.uses) row(into.uses, donor.id, codeOf(USES, use));
  for (const programme of donor.programmes) row(into.programmes, donor.id, codeOf(PROGRAMMES, programme));
  for (const sample of donor.samples) appendSample(into.samples, donor.id, sample);
};

const appendSample = (into: DuckDBAppender, donor: string, { type, age, year, storage }: RecordedSample): void =>
  row(into, donor, type && codeOf(KINDS, type), age, year, storage && codeOf(STORES, storage));

const SEXES: { readonly [S in Sex]: string } = { MALE: "1", FEMALE: "2", OTHER: "9" };
const KINDS: { readonly [T in SampleType]?: string } = { DNA: "D", SERUM: "S", TISSUE_FROZEN: "T" };
const STORES: { readonly [S in Storage]?: string } = { PLUS_4: "4C", MINUS_80: "M80", LN2: "LN" };
const USES = { ACADEMIC: "AC", COMMERCIAL: "CO", OVERSEAS: "OV" } as const;
const PROGRAMMES: Readonly<Record<string, string>> = { "PROGRAMME:CONTROL_GROUP": "CG" };

const codeOf = <K extends string>(codes: { readonly [Key in K]?: string }, value: K): string => {
  const code = codes[value];
  if (code === undefined) throw new RangeError(`BBJ has no code for ${value}`);
  return code;
};

/** Cohort 2 was enrolled from 2013 on; without any year nothing is known. */
const enrolment = (donor: RecordedDonor): string | null => {
  const years = donor.samples.map(({ year }) => year).filter((year) => year !== null);
  if (years.length === 0) return null;
  return Math.min(...years) <= 2008 ? "1" : "2";
};

const row = (into: DuckDBAppender, ...values: readonly (string | number | null)[]): void => {
  for (const value of values) {
    if (value === null) into.appendNull();
    else if (typeof value === "number") into.appendSmallInt(value);
    else into.appendVarchar(value);
  }
  into.endRow();
};
