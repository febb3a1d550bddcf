import { bankBroken } from "../kit/failures.ts";
import type { Release } from "../local.ts";
import type { OmopFields } from "./fields.ts";
import type { OmopOptions } from "./options.ts";
import type { Rows } from "./session.ts";
import type { Statement } from "./statement.ts";

/** Asks cdm_source which release the tables hold: one row for each source (version, CDM date, source date). */
export const releaseSql = ({ release }: OmopOptions, { table }: OmopFields): Statement => {
  const day = (column: string): string => `to_char(${column}, 'YYYY-MM-DD')`;
  return {
    sql: `SELECT ${release.version ?? "NULL"}, ${day("cdm_release_date")}, ${day("source_release_date")}
      FROM ${table("cdm_source")} ORDER BY 1, 2, 3`,
    values: [],
  };
};

/** Reads the release: `<bank>@<version>`, or the dates where no column holds a version. @throws {BankError} BANK_BROKEN */
export const readRelease = (bank: string, { release }: OmopOptions, rows: Rows | undefined): Release => {
  const fail = (got: string): never => {
    throw bankBroken(bank, `cdm_source: wanted a release with its dates, got ${got}`);
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
