import { isNumberField } from "../../schema/fields.ts";
import type { FieldCoverage, MappedCodes } from "../adapter.ts";
import { binder } from "./columns.ts";
import type { RunSql } from "./engine.ts";
import { lookup, trimmed } from "./fold.ts";
import { idOf } from "./ids.ts";
import { mappedReadings } from "./load.ts";
import type { Place } from "./places.ts";
import { DROPPED, IN_DOUBT, partsOf, standing } from "./rows.ts";
import type { Source } from "./source.ts";

/** Most values, and most places of wrong cells, that are told of one field. */
export const MOST_TOLD = 10;

/** Tables `cells` (one row per code of a cell) and `classes` (what each distinct text is). */
export const readCells = async (place: Place, source: Source, mapping: MappedCodes, run: RunSql): Promise<void> => {
  const { section, key, columns, rows, split, idDigits } = place;
  const { bind, values } = binder();
  const donor = idOf(source.column(place.donor, `${section}.donor`), idDigits);
  const status = await standing(source, rows, section, { run, bind });
  const parts = columns.map((column, at) => {
    const raw = partsOf(source, column, { setting: `${section}.${key}`, split }, bind);
    return `SELECT ${donor} AS donor, ${raw} AS raw, ${status} AS status, row, ${at} AS nth FROM ${numbered(source)}`;
  });
  await run(
    `CREATE TABLE cells AS SELECT donor, raw AS t, status > ${DROPPED} AS kept, status = ${IN_DOUBT} AS doubt, row, nth
     FROM (${parts.join(" UNION ALL ")})`,
    values,
  );
  const texts = (await run("SELECT DISTINCT t FROM cells")).map(([t]) => String(t));
  const classes = classesOf(texts, place, mapping);
  await run("CREATE TABLE classes (t VARCHAR, code VARCHAR, class VARCHAR)");
  for (let at = 0; at < texts.length; at += TEXTS_AT_ONCE) {
    const some = texts.slice(at, at + TEXTS_AT_ONCE);
    const found = some.map((each) => classes(each));
    await run("INSERT INTO classes SELECT unnest($1), unnest($2), unnest($3)", [
      some,
      found.map(([code]) => code),
      found.map(([, name]) => name),
    ]);
  }
};

const TEXTS_AT_ONCE = 50_000;

/** What a text is read as, the text of a code or number, and what that is to the mapping. */
const classesOf = (texts: readonly string[], { field, reading }: Place, mapping: MappedCodes) => {
  const { absent, codes } = mappedReadings(mapping);
  const none = lookup(absent(field));
  const recorded = texts.map(trimmed).filter((each) => none(each) === undefined);
  const read = (reading ?? codes(field)).among(recorded);
  const mapped = new Set(mapping[field]?.codes);
  return (raw: string): readonly [code: string, name: "absent" | "bad" | "mapped" | "unmapped"] => {
    const cell = trimmed(raw);
    if (none(cell) !== undefined) return ["", "absent"];
    const meaning = read(cell);
    if (meaning === null) return [cell, "bad"];
    const code = String(meaning.value);
    return [code, isNumberField(field) || mapped.has(code) ? "mapped" : "unmapped"];
  };
};

/** How much of the cells the mapping understands; a record in doubt may mean nothing. */
export const coverageOf = async ({ field }: Place, run: RunSql): Promise<FieldCoverage> => {
  const rows = await run(
    `SELECT CASE WHEN NOT kept THEN 'dropped' WHEN doubt AND class = 'mapped' THEN 'unmapped' ELSE class END AS c, count(*), count(DISTINCT donor)
     FROM cells JOIN classes USING (t) GROUP BY c`,
  );
  const tallies = new Map(rows.map(([c, n, d]) => [String(c), { rows: Number(n), donors: Number(d) }]));
  const tally = (name: string) => tallies.get(name) ?? { rows: 0, donors: 0 };
  const values = await run(
    `SELECT code, count(*) AS n, count(DISTINCT donor) FROM cells JOIN classes USING (t)
     WHERE kept AND class = 'unmapped' GROUP BY code ORDER BY n DESC, code LIMIT ${MOST_TOLD}`,
  );
  return {
    field,
    mapped: tally("mapped"),
    unmapped: tally("unmapped"),
    absent: tally("absent"),
    dropped: tally("dropped"),
    values: values.map(([value, n, d]) => ({ value: String(value), rows: Number(n), donors: Number(d) })),
  };
};

/** The lines in which rows begin, as far as the file has lines. */
export const linesOf = async ({ lineOf }: Source, rows: readonly unknown[]): Promise<ReadonlyMap<number, number>> => {
  const lines = new Map<number, number>();
  for (const row of new Set(rows.map(Number))) {
    const line = await lineOf(row);
    if (line !== null) lines.set(row, line);
  }
  return lines;
};

/** The rows of a file, numbered from 1 in its order. */
export const numbered = ({ from }: Source): string => `(SELECT *, row_number() OVER () AS row FROM ${from})`;
