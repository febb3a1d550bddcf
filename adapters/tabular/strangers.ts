import type { LoadContext } from "./columns.ts";
import { requireStrangers } from "./lookalikes.ts";
import type { Source } from "./source.ts";

/**
 * Rows of a staged table whose donor is not in the donors' file: they stop the load, are left out, or widen every count, since
 * their donors may be counted or not. @param column that of the donor's id in the source; `kind`: what a row is
 * @throws {BankError} BANK_BROKEN
 */
export const settleStrangers = async (
  { run, fail, unknownDonors }: LoadContext,
  table: string,
  kind: "records" | "samples",
  { source, column }: { readonly source: Source; readonly column: string },
): Promise<void> => {
  const [first] = await run(`SELECT min(id) FROM ${table} WHERE d IS NULL`);
  const id = first?.[0];
  if (typeof id !== "string") return;
  if (unknownDonors === "refuse") {
    const place = await source.placeOf(column, id);
    fail(`${place}: wanted donors of the donors' file only, got others. unknownDonors says what becomes of them.`);
  }
  await requireStrangers({ run, fail }, table, { source, column });
  if (unknownDonors === "widen") {
    await run(`INSERT INTO strangers SELECT id, ${kind === "samples" ? "1" : "0"} FROM ${table} WHERE d IS NULL`);
  }
  await run(`DELETE FROM ${table} WHERE d IS NULL`);
};

/** How many donors and samples there may be beside those of the donors' file. */
export const strangersIn = async ({ run }: Pick<LoadContext, "run">): Promise<{ donors: number; samples: number }> => {
  const [row = []] = await run("SELECT count(DISTINCT id), coalesce(sum(samples), 0) FROM strangers");
  await run("DROP TABLE strangers");
  return { donors: Number(row[0]), samples: Number(row[1]) };
};
