import type { LoadContext } from "./columns.ts";
import { fold } from "./fold.ts";
import type { Source } from "./source.ts";

/** What stands in the place of an id in a row that sums up others, by how it looks. */
const SUMS = /^(?:総?合?計|小計|総数|件数|人数|平均|(?:grand |sub-?)?total|sums?|count|average|mean)(?: ?[:(].*)?$/i;

/**
 * Refuses ids of donors that are none: words of a footer such as 合計, and ids that look like another one.
 * @throws {BankError} BANK_BROKEN
 */
export const requireIds = async (
  { run, fail }: Pick<LoadContext, "run" | "fail">,
  { source, column }: { readonly source: Source; readonly column: string },
): Promise<void> => {
  const words = await run(`SELECT DISTINCT id FROM ${DONORS} WHERE NOT regexp_matches(id, '[0-9]')`);
  const sum = words.map(([id]) => String(id)).find((id) => SUMS.test(fold(id)));
  if (sum !== undefined) {
    const place = await source.placeOf(column, sum);
    fail(`${place}: wanted the id of a donor, got a word for a sum. donors.except leaves such rows out.`);
  }
  const alike = await lookalike(DONORS, { run });
  if (alike !== null) {
    const place = await source.placeOf(column, alike);
    fail(`${place}: wanted ids that a person can tell apart, got one that looks like another. Write it as that one.`);
  }
};

/**
 * Refuses rows of unknown donors whose id is that of a donor but for its width, blanks, or zeros that a spreadsheet drops or adds:
 * they would be left out though the donor is known. @throws {BankError} BANK_BROKEN
 */
export const requireStrangers = async (
  { run, fail }: Pick<LoadContext, "run" | "fail">,
  table: string,
  { source, column }: { readonly source: Source; readonly column: string },
): Promise<void> => {
  const number = (id: string) => `regexp_extract(${id}, '^0*([0-9]+)([.]0+)?$', 1)`;
  const [row] = await run(
    `SELECT min(s.id) FROM (SELECT DISTINCT id, ${number("id")} AS number FROM ${table} WHERE d IS NULL) s
     JOIN ${DONORS} p ON ${number("p.id")} = s.number WHERE s.number <> ''`,
  );
  const id = row?.[0];
  if (typeof id === "string") {
    const place = await source.placeOf(column, id);
    fail(`${place}: wanted donors as the donors' file has them, got one with other zeros. Set donors.idDigits.`);
  }
  const alike = await lookalike(`(SELECT id FROM ${table} WHERE d IS NULL)`, { run });
  if (alike !== null) {
    const place = await source.placeOf(column, alike);
    fail(`${place}: wanted donors as the donors' file has them, got one that looks like a donor. Write it as there.`);
  }
};

/** An id with signs beyond plain letters that looks like the id of another donor; null: there is none. */
const lookalike = async (from: string, { run }: Pick<LoadContext, "run">): Promise<string | null> => {
  const unusual = await run(`SELECT DISTINCT id FROM ${from} WHERE NOT regexp_matches(id, '^[!-~]*$') ORDER BY id`);
  if (unusual.length === 0) return null;
  const ids = unusual.map(([id]) => ({ id: String(id), folded: fold(String(id)) }));
  const plain = await run(`SELECT id FROM ${DONORS} WHERE id IN (SELECT unnest($1))`, [
    ids.map(({ folded }) => folded),
  ]);
  const held = new Map(plain.map(([id]) => [String(id), String(id)]));
  for (const { id, folded } of ids) {
    if ((held.get(folded) ?? id) !== id) return id;
    if (from === DONORS) held.set(folded, id);
  }
  return null;
};

const DONORS = "stage_donors";
