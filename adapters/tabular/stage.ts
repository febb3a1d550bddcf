import type { FieldName } from "../../schema/fields.ts";
import { DONOR_KEYS, namedFields, SAMPLE_KEYS } from "../kit/field-options.ts";
import { binder, columnOf, type LoadContext, readTexts, timesIn } from "./columns.ts";
import type { RecordOptions, TabularOptions } from "./options.ts";
import { keeps, type Source } from "./source.ts";

const MOST_TUBES = 10_000;

type Setting = Parameters<typeof columnOf>[0];

/** The columns of a section as the texts of their fields. */
const texts = (source: Source, section: string, named: ReturnType<typeof namedFields<Setting>>): readonly string[] =>
  named.map(({ field, key, said }) => `${source.column(columnOf(said), `${section}.${key}`)} AS ${field}`);

/** stage_donors: d, id, and the texts of the attributes and of `birth`. @throws {BankError} BANK_BROKEN */
export const stageDonors = async ({ donors }: TabularOptions, { run, open, fail }: LoadContext): Promise<void> => {
  const source = await open(donors.file);
  const columns = [
    "(row_number() OVER ())::INTEGER AS d",
    ...texts(source, "donors", namedFields(DONOR_KEYS, donors)),
    ...(donors.birth === undefined ? [] : [`${source.column(columnOf(donors.birth), "donors.birth")} AS birth`]),
    `trim(${source.column(donors.id, "donors.id")}) AS id`,
  ];
  await run(`CREATE TABLE stage_donors AS SELECT ${columns.join(", ")} FROM ${source.from}`);
  const [row] = await run("SELECT count(*) > count(DISTINCT id), bool_or(id = '') FROM stage_donors");
  const [twice, nameless] = row ?? [];
  if (nameless) fail(`${donors.file}: wanted an id in every row, got rows without`);
  if (twice) fail(`${donors.file}: wanted one row for each donor, got several for some`);
};

/** stage_<field>: d, id and the text of a code; one row per record. @throws {BankError} for records of unknown donors */
export const stageRecords = async (
  { field, key, ...records }: RecordOptions & { readonly field: FieldName; readonly key: string },
  { donors }: TabularOptions,
  context: LoadContext,
): Promise<void> => {
  const source = await context.open(records.file ?? donors.file);
  const { bind, values } = binder();
  const donor = `trim(${source.column(records.donor ?? donors.id, `${key}.donor`)})`;
  const kept = keeps(source, records.only, key, bind);
  const split = records.split === undefined ? undefined : bind(records.split);
  const parts = [records.code].flat().map((code) => {
    const text = source.column(code, `${key}.code`);
    const cell = split === undefined ? text : `unnest(string_split(${text}, ${split}))`;
    return `SELECT ${donor} AS id, ${cell} AS ${field} FROM ${source.from} WHERE ${kept}`;
  });
  await context.run(
    `CREATE TABLE stage_${field} AS SELECT d, id, ${field}
     FROM (${parts.join(" UNION ALL ")}) LEFT JOIN (SELECT id, d FROM stage_donors) USING (id)`,
    values,
  );
  await rejectOrphans(context, `stage_${field}`, source.file);
};

/** stage_samples: d and the text of each field. @throws {BankError} BANK_BROKEN for samples of unknown donors */
export const stageSamples = async (
  { donors, samples }: TabularOptions,
  fields: readonly FieldName[],
  context: LoadContext,
): Promise<void> => {
  const source = await context.open(samples.file ?? donors.file);
  const { bind, values } = binder();
  const tubes = Object.entries(samples.tubes ?? {});
  const absent = tubes.length === 0 ? "" : bind(context.absent("SAMPLE_TYPE"));
  const columns = [
    `trim(${source.column(samples.donor ?? donors.id, "samples.donor")}) AS id`,
    ...texts(source, "samples", namedFields(SAMPLE_KEYS, samples)),
    ...tubes.map(([column], index) => {
      const text = source.column(column, "samples.tubes");
      const none = `list_contains(${absent}, trim(${text}))`;
      return `CASE WHEN ${none} THEN 0 ELSE TRY_CAST(regexp_extract(trim(${text}), '^(\\d{1,5})(\\.0+)?$', 1) AS INTEGER) END AS tube_${index}`;
    }),
  ];
  const kept = keeps(source, samples.only, "samples", bind);
  await context.run(
    `CREATE TABLE stage_samples AS SELECT * FROM (SELECT ${columns.join(", ")} FROM ${source.from} WHERE ${kept})
     LEFT JOIN (SELECT id, d FROM stage_donors) USING (id)`,
    values,
  );
  await rejectOrphans(context, "stage_samples", source.file);
  if (fields.includes("AGE_AT_COLLECTION") && samples.age === undefined) await ageFromBirth(donors, samples, context);
  const codes = tubes.map(([, code]) => code);
  if (codes.length > 0) await eachTube(source.file, codes, fields, context);
};

/** Stops where rows of a staged table belong to no donor. @throws {BankError} BANK_BROKEN */
const rejectOrphans = async ({ run, fail }: LoadContext, table: string, file: string): Promise<void> => {
  const orphans = await run(`SELECT 1 FROM ${table} WHERE d IS NULL LIMIT 1`);
  if (orphans.length > 0) fail(`${file}: wanted donors of the donors' file only, got others`);
};

/** A staged table by another query over it. */
const restage = async ({ run }: LoadContext, sql: string, values: readonly string[] = []): Promise<void> => {
  await run(`CREATE TABLE stage_next AS ${sql}`, values);
  await run("DROP TABLE stage_samples");
  await run("ALTER TABLE stage_next RENAME TO stage_samples");
};

/**
 * Adds AGE_AT_COLLECTION from the donor's birth and the collection. It is exact where both days are known; where one is known by
 * its year alone it may be one of two, which is a half. A sample of somebody who was not born yet has no age, and is refused.
 */
const ageFromBirth = async (
  { file: donors, birth }: TabularOptions["donors"],
  { file = donors, year }: TabularOptions["samples"],
  context: LoadContext,
): Promise<void> => {
  if (birth === undefined || year === undefined) return;
  const [bornIn, takenIn] = await Promise.all([context.open(donors), context.open(file)]);
  await readTexts(context, {
    table: "stage_donors",
    column: "birth",
    reading: timesIn(birth),
    absent: context.absent("AGE_AT_COLLECTION"),
    placeOf: (text) => bornIn.placeOf(columnOf(birth), text),
  });
  await readTexts(context, {
    table: "stage_samples",
    column: "COLLECTED_YEAR",
    reading: timesIn(year),
    absent: context.absent("COLLECTED_YEAR"),
    placeOf: (text) => takenIn.placeOf(columnOf(year), text),
  });
  const day = (column: string) => `(DATE '1970-01-01' + ${column})`;
  const least = `CASE WHEN c.until < b.since THEN -1 ELSE datesub('year', ${day("b.until")}, ${day("c.since")}) END`;
  const most = `CASE WHEN c.until < b.since THEN -1 ELSE datesub('year', ${day("b.since")}, ${day("c.until")}) END`;
  await restage(
    context,
    `SELECT s.*, CASE WHEN b.since IS NULL OR c.since IS NULL THEN '' ELSE concat(${least}, ':', ${most}) END
       AS AGE_AT_COLLECTION
     FROM stage_samples s JOIN stage_donors p ON p.d = s.d JOIN read_birth b ON b.raw = p.birth
     JOIN read_COLLECTED_YEAR c ON c.raw = s.COLLECTED_YEAR`,
  );
  for (const table of ["read_birth", "read_COLLECTED_YEAR"]) await context.run(`DROP TABLE ${table}`);
};

/** Makes one row for each tube: a column of numbers becomes that many samples of the column's code. */
const eachTube = async (
  file: string,
  codes: readonly string[],
  fields: readonly FieldName[],
  context: LoadContext,
): Promise<void> => {
  const wrong = codes.map((_, index) => `coalesce(tube_${index} NOT BETWEEN 0 AND ${MOST_TUBES}, TRUE)`);
  const [row] = await context.run(`SELECT bool_or(${wrong.join(" OR ")}) FROM stage_samples`);
  if (row?.[0]) context.fail(`${file}: wanted numbers of tubes up to ${MOST_TUBES}, got something else`);
  const others = fields.filter((field) => field !== "SAMPLE_TYPE").map((field) => `, ${field}`);
  const kinds = codes.map(
    (_, index) => `SELECT d${others.join("")}, SAMPLE_TYPE FROM
      (SELECT *, $${index + 1} AS SAMPLE_TYPE, unnest(range(tube_${index})) FROM stage_samples)`,
  );
  await restage(context, kinds.join(" UNION ALL "), codes);
};
