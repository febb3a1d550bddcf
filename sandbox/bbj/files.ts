import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DuckDBAppender, DuckDBInstance } from "@duckdb/node-api";
import { buildOnce, type Stamp } from "../build-once.ts";
import type { RecordedDonor, RecordedSample, SampleType, Sex, Storage } from "../donor.ts";
import { GENERATOR, population, recorded, SEED } from "../population.ts";

/** Raised when the shape of the files changes. */
const FORMAT = 1;

const RELEASE = { number: "2026.1", date: "2026-04-01" };

/**
 * Writes BBJ's release as Parquet files into a folder, unless they are there already; true if it had to. The codes are
 * the bank's own, as its export has them: sex 1, 2 and 9 for "not known", kinds of sample D, S and T.
 */
export const bbjFiles = (folder: string, size: number): Promise<boolean> => {
  const stamp: Stamp = { generator: GENERATOR, format: FORMAT, seed: SEED, size };
  return buildOnce(folder, stamp, async (work) => {
    await writeBbjFiles(work, donorsOf(size));
    await writeFile(join(work, "release.json"), `${JSON.stringify(RELEASE)}\n`);
  });
};

function* donorsOf(size: number): Generator<RecordedDonor> {
  for (const donor of population("bbj", { size })) yield recorded("bbj", donor);
}

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
export const writeBbjFiles = async (folder: string, donors: Iterable<RecordedDonor>): Promise<void> => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const into = {} as Record<Table, DuckDBAppender>;
    for (const table of TABLE_NAMES) {
      await connection.run(`CREATE TABLE ${table} (${TABLES[table]})`);
      into[table] = await connection.createAppender(table);
    }
    for (const donor of donors) append(into, donor);
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
