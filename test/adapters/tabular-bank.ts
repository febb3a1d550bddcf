import type { Adapter, MappedCodes } from "../../adapters/adapter.ts";
import { tabular } from "../../adapters/tabular.ts";
import type { CodeField } from "../../schema/fields.ts";
import { writeFiles } from "../folder.ts";
import type { LocalDonor } from "./evaluate.ts";
import { openAdapter } from "./kit-bank.ts";

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

/** Rows of which it is not known whether they count are in doubt. */
export const IN_DOUBT = { only: { status: ["sure"] } } as const;

/** Writes any donors as a bank's export: a donors' file, a file for each kind of record, one of samples, release.json. */
export const writeBank = async (folder: string, donors: readonly LocalDonor[], number = 1): Promise<void> => {
  const one = (donor: LocalDonor, field: CodeField) => donor.values[field]?.[0];
  const records = Object.entries(RECORDS).map(([name, field]) => [
    `${name}.csv`,
    [
      ["id", "code", "status"],
      ...donors.flatMap((donor, id) => [
        ...(donor.values[field] ?? []).map((code) => [id, code, "sure"]),
        ...(donor.inDoubt?.[field] ?? []).map((code) => [id, code, "?"]),
      ]),
    ],
  ]);
  const statusOf = ({ isInDoubt }: { readonly isInDoubt?: boolean }) => (isInDoubt ? "?" : "sure");
  await writeFiles(folder, {
    "donors.csv": [
      ["id", "sex", "cohort", "family", "status"],
      ...donors.map((donor, id) => [
        id,
        one(donor, "SEX"),
        one(donor, "COHORT"),
        one(donor, "FAMILY"),
        statusOf(donor),
      ]),
    ],
    ...Object.fromEntries(records),
    "samples.csv": [
      ["id", "type", "origin", "storage", "age", "year", "status"],
      ...donors.flatMap(({ samples }, id) =>
        samples.map((sample) => [
          id,
          sample.values.SAMPLE_TYPE?.[0],
          sample.values.SAMPLE_ORIGIN?.[0],
          sample.values.STORAGE?.[0],
          sample.age,
          sample.year,
          statusOf(sample),
        ]),
      ),
    ],
    "release.json": JSON.stringify({ number, date: "2026-04-01" }),
  });
};

/** Opens an adapter on a folder. */
export const openTabular = (folder: string, options: unknown = OPTIONS, mapping: MappedCodes = {}): Promise<Adapter> =>
  openAdapter({ kind: tabular, options, mapping, folder });
