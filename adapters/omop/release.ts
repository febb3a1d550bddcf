import { bankBroken } from "../kit/failures.ts";
import type { Release } from "../local.ts";
import type { OmopFields } from "./fields.ts";
import type { OmopOptions } from "./options.ts";
import type { Rows } from "./session.ts";
import type { Statement } from "./statement.ts";

type Options = Pick<OmopOptions, "release">;

/** The columns of cdm_source that tell the release. */
export const releaseColumns = ({ release: { version } }: Options): readonly string[] => [
  ...(version === undefined ? [] : [version]),
  "cdm_release_date",
  "source_release_date",
];

/** Asks cdm_source which release the tables hold: one row for each source (version, CDM date, source date). */
export const releaseSql = ({ release }: Options, { table }: Pick<OmopFields, "table">): Statement => {
  const day = (column: string): string => `to_char(c.${column}, 'YYYY-MM-DD')`;
  const version = release.version === undefined ? "NULL" : `c.${release.version}`;
  return {
    sql: `SELECT ${version}, ${day("cdm_release_date")}, ${day("source_release_date")}
      FROM ${table("cdm_source")} c ORDER BY 1, 2, 3`,
    values: [],
  };
};

/**
 * Reads the release that is announced: the one of the options, else `<bank>@<version>`, or the dates where no column holds a
 * version. @throws {BankError} BANK_BROKEN
 */
export const readRelease = (bank: string, { release }: Options, rows: Rows | undefined): Release => {
  if (release.id !== undefined) return { id: `${bank}@${release.id}`, date: release.date ?? "", kind: "ANNOUNCED" };
  const fail = (got: string): never => {
    const remedy = "fill it in, or name the release in bank.yaml: adapter.release: { id, date }";
    throw bankBroken(bank, `cdm_source: wanted a release with its dates, got ${got}: ${remedy}`);
  };
  if (rows === undefined || rows.length === 0) return fail("no row");
  const names = rows.map(([version, cdm, source]) => {
    if (typeof cdm !== "string" || typeof source !== "string") return fail("a row without dates");
    if (release.version === undefined) return cdm === source ? cdm : `${cdm}.${source}`;
    return typeof version === "string" && version.trim() !== "" ? version.trim() : fail(`no ${release.version}`);
  });
  const [date = ""] = rows
    .map(([, cdm]) => String(cdm))
    .sort()
    .reverse();
  return { id: `${bank}@${[...new Set(names)].join("+")}`, date, kind: "ANNOUNCED" };
};
