import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Adapter, MappedCodes } from "../../adapters/adapter.ts";
import { tabular } from "../../adapters/tabular.ts";
import type { CodeField } from "../../schema/fields.ts";
import type { LocalDonor } from "./evaluate.ts";

const NEVER = new AbortController().signal;
const RECORDS = { diseases: "DISEASE", programmes: "PROGRAMME", data: "DATA", uses: "USE" } as const;

/** The options that fit the files of writeBank. */
export const OPTIONS = {
  kind: "tabular",
  donors: { file: "donors.csv", id: "id", sex: "sex", cohort: "cohort", family: "family" },
  ...Object.fromEntries(Object.keys(RECORDS).map((name) => [name, { file: `${name}.csv`, donor: "id", code: "code" }])),
  samples: {
    file: "samples.csv",
    donor: "id",
    type: "type",
    origin: "origin",
    storage: "storage",
    age: "age",
    year: "year",
  },
} as const;

/** A new folder that goes when the test ends. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "odan-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes texts into a folder; a list of rows becomes a CSV file. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | readonly (readonly unknown[])[] | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const text = Array.isArray(content) ? content.map((row) => row.map(cell).join(",")).join("\n") : content;
    await writeFile(join(folder, name), text as string | Uint8Array);
  }
}

/** Writes any donors as a bank's export: a donors' file, a file for each kind of record, one of samples, release.json. */
export async function writeBank(folder: string, donors: readonly LocalDonor[], number = 1): Promise<void> {
  const one = (donor: LocalDonor, field: CodeField) => donor.values[field]?.[0];
  const records = Object.entries(RECORDS).map(([name, field]) => [
    `${name}.csv`,
    [["id", "code"], ...donors.flatMap((donor, id) => (donor.values[field] ?? []).map((code) => [id, code]))],
  ]);
  await writeFiles(folder, {
    "donors.csv": [
      ["id", "sex", "cohort", "family"],
      ...donors.map((donor, id) => [id, one(donor, "SEX"), one(donor, "COHORT"), one(donor, "FAMILY")]),
    ],
    ...Object.fromEntries(records),
    "samples.csv": [
      ["id", "type", "origin", "storage", "age", "year"],
      ...donors.flatMap(({ samples }, id) =>
        samples.map(({ values, age, year }) => [
          id,
          values.SAMPLE_TYPE?.[0],
          values.SAMPLE_ORIGIN?.[0],
          values.STORAGE?.[0],
          age,
          year,
        ]),
      ),
    ],
    "release.json": JSON.stringify({ number, date: "2026-04-01" }),
  });
}

/** Opens an adapter on a folder; it closes when the test ends. Options are checked as those of bank.yaml are. */
export async function openTabular(
  folder: string,
  options: unknown = OPTIONS,
  mapping: MappedCodes = {},
): Promise<Adapter> {
  const adapter = await tabular.open(
    tabular.options.parse(options),
    mapping,
    { bank: "bank", folder, env: process.env },
    NEVER,
  );
  onTestFinished(() => adapter[Symbol.asyncDispose]());
  return adapter;
}

const cell = (value: unknown): string => {
  const text = value === undefined || value === null ? "" : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
