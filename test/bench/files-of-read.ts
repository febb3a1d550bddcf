import { createWriteStream } from "node:fs";
import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { tabular } from "../../adapters/tabular.ts";
import { alternate } from "./rounds.ts";

const ROUNDS = 5;
/** Diagnoses, and samples, of size 1. */
const ROWS = 2_000_000;
const DONORS = 500_000;

/**
 * How many times as long a bank of CSV files takes to open, up to the capabilities that follow from its data, as DuckDB takes to read
 * the same files into tables of its own, by its own guesses. Of size 1 they hold two million diagnoses and two million samples.
 */
export const filesOfRead = async (size: number): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), "odan-bench-"));
  try {
    await writeExport(folder, size);
    const { ours, own } = await alternate(ROUNDS, { ours: () => opened(folder), own: () => read(folder) });
    return ours / own;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const FILES = ["donors", "diagnoses", "samples"] as const;

const read = async (folder: string): Promise<number> => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const started = performance.now();
  for (const file of FILES) await connection.run(`CREATE TABLE ${file} AS FROM '${join(folder, file)}.csv'`);
  const took = performance.now() - started;
  connection.closeSync();
  instance.closeSync();
  return took;
};

const OPTIONS = {
  kind: "tabular",
  donors: { file: "donors.csv", id: "donor_id", sex: "sex", birth: { column: "born", format: "yyyy-mm-dd" } },
  diseases: { file: "diagnoses.csv", donor: "donor_id", code: "icd10" },
  samples: {
    file: "samples.csv",
    donor: "donor_id",
    type: "kind",
    storage: "storage",
    year: { column: "day", format: "yyyy-mm-dd" },
  },
};

const opened = async (folder: string): Promise<number> => {
  const options = tabular.options.parse(OPTIONS);
  const started = performance.now();
  const context = { bank: "bench", folder, env: {} };
  const adapter = await tabular.open(options, {}, context, new AbortController().signal);
  const took = performance.now() - started;
  await adapter[Symbol.asyncDispose]();
  return took;
};

/** Files of invented rows. */
const writeExport = async (folder: string, size: number): Promise<void> => {
  const donors = Math.ceil(DONORS * size);
  const rows = Math.ceil(ROWS * size);
  const random = generator();
  const below = (most: number): number => Math.floor(random() * most);
  const two = (most: number): string => String(1 + below(most)).padStart(2, "0");
  const donor = (number: number): string => `D${String(number).padStart(7, "0")}`;
  const day = (from: number, years: number): string => `${from + below(years)}-${two(12)}-${two(28)}`;
  const code = (): string => `${"ABCDEFGHIJKLMN"[below(14)]}${two(99)}.${below(10)}`;
  const write = async (file: (typeof FILES)[number], head: string, count: number, row: (at: number) => string) => {
    const pieces = function* () {
      yield `${head}\n`;
      for (let at = 0; at < count; at += 1000) {
        yield Array.from({ length: Math.min(1000, count - at) }, (_, more) => `${row(at + more)}\n`).join("");
      }
    };
    const path = join(folder, `${file}.csv`);
    await pipeline(Readable.from(pieces()), createWriteStream(path));
    // Files that are new count as half written.
    await utimes(path, 0, 0);
  };
  await write("donors", "donor_id,sex,born", donors, (at) => `${donor(at)},${1 + (at % 2)},${day(1930, 60)}`);
  await write("diagnoses", "donor_id,icd10,day", rows, () => `${donor(below(donors))},${code()},${day(2000, 24)}`);
  await write("samples", "tube,donor_id,kind,day,storage", rows, (at) => {
    return `T${at},${donor(below(donors))},${"SPD"[below(3)]},${day(2000, 24)},-80`;
  });
};

/** The same numbers from 0 to 1 each time. */
const generator = (): (() => number) => {
  let seed = 1;
  return () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed / 0x80000000;
  };
};
