import type { FieldName } from "../../schema/fields.ts";
import { DONOR_KEYS, namedFields, SAMPLE_KEYS } from "../kit/field-options.ts";
import {
  AGE_BASE,
  binder,
  columnOf,
  type LoadContext,
  NO_AGE,
  type Reading,
  readTexts,
  timesIn,
  WRONG_AGE,
} from "./columns.ts";
import type { Dictionaries } from "./dictionaries.ts";
import type { SqlValue } from "./engine.ts";
import { idOf, oneForEach } from "./ids.ts";
import { requireIds } from "./lookalikes.ts";
import { tubesIn } from "./numbers.ts";
import type { RecordOptions, TabularOptions } from "./options.ts";
import { DOUBT, DROPPED, KEPT, partsOf, rowsOf, standing } from "./rows.ts";
import type { Source } from "./source.ts";
import { settleStrangers } from "./strangers.ts";
import { placeOfTable } from "./tables.ts";

const MOST_TUBES = 10_000;

type Setting = Parameters<typeof columnOf>[0];

/** The columns of a section as the texts of their fields. */
const texts = (source: Source, section: string, named: ReturnType<typeof namedFields<Setting>>): readonly string[] =>
  named.map(({ field, key, said }) => `${source.column(columnOf(said), `${section}.${key}`)} AS ${field}`);

/** stage_donors: d, id, and the texts of the attributes and of `birth`. @throws {BankError} BANK_BROKEN */
export const stageDonors = async ({ donors }: TabularOptions, context: LoadContext): Promise<void> => {
  const { run, open, fail } = context;
  const source = await open(placeOfTable(donors, { donors }));
  const { bind, values } = binder();
  const status = await standing(source, donors, "donors", { run, bind });
  const named = namedFields<Setting>(DONOR_KEYS, donors);
  const columns = [
    ...texts(source, "donors", named),
    ...(donors.birth === undefined ? [] : [`${source.column(columnOf(donors.birth), "donors.birth")} AS birth`]),
    `${idOf(source.column(donors.id, "donors.id"), donors.idDigits)} AS id`,
    `${status} AS status`,
  ];
  await run(
    `CREATE TABLE stage_donors AS SELECT * FROM (SELECT ${columns.join(", ")} FROM ${source.from}) WHERE status > ${DROPPED}`,
    values,
  );
  const [row] = await run("SELECT bool_or(id = '') FROM stage_donors");
  if (row?.[0]) {
    fail(
      `${await source.placeOf(donors.id, "")}: wanted an id in every row, got none. skip: { empty: true } leaves out empty rows.`,
    );
  }
  const fields = [...named.map(({ field }) => field), ...(donors.birth === undefined ? [] : ["birth"])];
  if (donors.repeated)
    await oneForEach(context, { name: "stage_donors", key: "id", columns: fields, most: ["status"] }, source.file);
  const [counted] = await run("SELECT count(*) > count(DISTINCT id) FROM stage_donors");
  if (counted?.[0]) {
    fail(`${source.file}: wanted one row for each donor, got several for some. Set donors.repeated, if that is meant.`);
  }
  await requireIds(context, { source, column: donors.id });
  await run("CREATE TABLE stage_next AS SELECT (row_number() OVER ())::INTEGER AS d, * FROM stage_donors");
  await run("DROP TABLE stage_donors");
  await run("ALTER TABLE stage_next RENAME TO stage_donors");
};

/** The id of a row's donor where the donors' file has none of it: that of others is not kept, since there are millions. */
const STRANGER = "CASE WHEN d IS NULL THEN id END";

/** stage_<field>: d, id and the text of a code; one row per record. @throws {BankError} for records of unknown donors */
export const stageRecords = async (
  { field, key, ...records }: RecordOptions & { readonly field: FieldName; readonly key: string },
  { donors }: TabularOptions,
  context: LoadContext,
): Promise<void> => {
  const source = await context.open(placeOfTable(records, { donors }));
  const { bind, values } = binder();
  const donor = idOf(source.column(records.donor ?? donors.id, `${key}.donor`), donors.idDigits);
  const status = await standing(source, rowsOf(records, donors), key, { run: context.run, bind });
  const parts = [records.code].flat().map((code) => {
    const cell = partsOf(source, code, { setting: `${key}.code`, split: records.split }, bind);
    return `SELECT id, CASE WHEN status = ${KEPT} THEN cell ELSE '${DOUBT}' || cell END AS ${field}
      FROM (SELECT ${donor} AS id, ${status} AS status, ${cell} AS cell FROM ${source.from}) WHERE status > ${DROPPED}`;
  });
  await context.run(
    `CREATE TABLE stage_${field} AS SELECT d, ${STRANGER} AS id, ${field}
     FROM (${parts.join(" UNION ALL ")}) LEFT JOIN (SELECT id, d FROM stage_donors) USING (id)`,
    values,
  );
  const column = records.donor ?? donors.id;
  await settleStrangers(context, `stage_${field}`, "records", { source, column });
};

/** The donors with the days between which each was born, as read_birth has them. */
const BORN = `SELECT id, d, since AS born_since, until AS born_until FROM stage_donors JOIN read_birth ON raw = birth`;
const BIRTH_DAYS = ["born_since", "born_until"];

/**
 * stage_samples: d and the text of each field. Returns the fields that were read for it, whose `read_<field>` is there.
 * @throws {BankError} BANK_BROKEN for samples of unknown donors
 */
export const stageSamples = async (
  options: TabularOptions,
  fields: readonly FieldName[],
  context: LoadContext,
): Promise<Dictionaries> => {
  const { donors, samples } = options;
  const reckoned = isAgeReckoned(options);
  if (reckoned) await readBirth(options, context);
  const source = await context.open(placeOfTable(samples, { donors }));
  const { bind, values } = binder();
  const tubes = Object.entries(samples.tubes ?? {});
  const named = namedFields<Setting>(SAMPLE_KEYS, samples);
  const status = await standing(source, rowsOf(samples, donors), "samples", { run: context.run, bind });
  const columns = [
    `${idOf(source.column(samples.donor ?? donors.id, "samples.donor"), donors.idDigits)} AS id`,
    ...texts(source, "samples", named),
    ...tubes.map(([column], index) => `${source.column(column, "samples.tubes")} AS tube_${index}`),
    ...(samples.id === undefined ? [] : [`${idOf(source.column(samples.id, "samples.id"), undefined)} AS sample`]),
    `${status} AS status`,
  ];
  await context.run(
    `CREATE TABLE stage_samples AS SELECT * REPLACE (${STRANGER} AS id) FROM (SELECT ${columns.join(", ")} FROM ${source.from})
     LEFT JOIN (${reckoned ? BORN : "SELECT id, d FROM stage_donors"}) USING (id) WHERE status > ${DROPPED}`,
    values,
  );
  if (reckoned) await context.run("DROP TABLE read_birth");
  if (samples.id !== undefined)
    await eachSampleOnce(
      source,
      samples.id,
      { columns: named.map(({ field }) => field), most: ["d", "id", "status", ...(reckoned ? BIRTH_DAYS : [])] },
      context,
    );
  const read = reckoned ? await ageFromBirth(options, context) : new Map();
  if (tubes.length > 0) await eachTube(source, tubes, fields, context);
  await settleStrangers(context, "stage_samples", "samples", { source, column: samples.donor ?? donors.id });
  return read;
};

/** Makes the rows of a sample one row, which counts for sure where one of them does. @throws {BankError} BANK_BROKEN */
const eachSampleOnce = async (
  source: Source,
  id: string,
  { columns, most }: { readonly columns: readonly string[]; readonly most: readonly string[] },
  context: LoadContext,
): Promise<void> => {
  const [row] = await context.run("SELECT bool_or(sample = '') FROM stage_samples");
  if (row?.[0]) context.fail(`${await source.placeOf(id, "")}: wanted the id of a sample in every row, got none`);
  const [shared] = await context.run("SELECT 1 FROM stage_samples GROUP BY sample HAVING min(d) < max(d) LIMIT 1");
  if (shared !== undefined) context.fail(`${source.file}: wanted one donor for each sample, got several for some`);
  await oneForEach(context, { name: "stage_samples", key: "sample", columns, most }, source.file);
};

/** A staged table by another query over it. */
const restage = async ({ run }: LoadContext, sql: string, values: readonly SqlValue[] = []): Promise<void> => {
  await run(`CREATE TABLE stage_next AS ${sql}`, values);
  await run("DROP TABLE stage_samples");
  await run("ALTER TABLE stage_next RENAME TO stage_samples");
};

/** Whether ages are reckoned from the donor's birth and the collection. */
const isAgeReckoned = ({ donors, samples }: TabularOptions): boolean =>
  donors.birth !== undefined && samples.year !== undefined && samples.age === undefined;

/** read_birth: the days of each text of the donors' birth. */
const readBirth = async ({ donors }: TabularOptions, context: LoadContext): Promise<void> => {
  const { birth } = donors;
  if (birth === undefined) return;
  const source = await context.open(placeOfTable(donors, { donors }));
  await readTexts(context, {
    table: "stage_donors",
    column: "birth",
    reading: timesIn(birth),
    absent: context.absent("AGE_AT_COLLECTION"),
    placeOf: (text) => source.placeOf(columnOf(birth), text),
  });
};

/**
 * Adds AGE_AT_COLLECTION from the donor's birth and the collection, as reckonedAge of columns.ts reads it. It is exact where
 * both days are known; where one is known by its year alone it may be one of two. Leaves read_COLLECTED_YEAR, and
 * returns its values.
 */
const ageFromBirth = async ({ donors, samples }: TabularOptions, context: LoadContext): Promise<Dictionaries> => {
  const { year } = samples;
  if (year === undefined) return new Map();
  const source = await context.open(placeOfTable(samples, { donors }));
  const years = await readTexts(context, {
    table: "stage_samples",
    column: "COLLECTED_YEAR",
    reading: timesIn(year),
    absent: context.absent("COLLECTED_YEAR"),
    placeOf: (text) => source.placeOf(columnOf(year), text),
  });
  const least = "greatest(0, (c.since - s.born_until) // 10000)";
  const most = "(c.until - s.born_since) // 10000";
  await restage(
    context,
    `SELECT s.* EXCLUDE (born_since, born_until), (CASE WHEN s.born_since IS NULL OR c.since IS NULL THEN ${NO_AGE}
       WHEN c.until < s.born_since THEN ${WRONG_AGE} ELSE ${AGE_BASE} * ${least} + ${most} END)::INTEGER AS AGE_AT_COLLECTION
     FROM stage_samples s JOIN read_COLLECTED_YEAR c ON c.raw = s.COLLECTED_YEAR`,
  );
  return new Map([["COLLECTED_YEAR", years]]);
};

/** Makes one row for each tube: a column of numbers becomes that many samples of the column's code. */
const eachTube = async (
  source: Source,
  tubes: readonly (readonly [column: string, code: string])[],
  fields: readonly FieldName[],
  context: LoadContext,
): Promise<void> => {
  const others = ["id", "status", ...fields.filter((field) => field !== "SAMPLE_TYPE")]
    .map((field) => `, ${field}`)
    .join("");
  const absent = context.absent("SAMPLE_TYPE");
  const numbers: (readonly number[])[] = [];
  for (const [index, [name]] of tubes.entries()) {
    const column = `tube_${index}`;
    const placeOf = (text: string) => source.placeOf(name, text);
    const found = await readTexts(context, { table: "stage_samples", column, reading: TUBES, absent, placeOf });
    numbers.push([0, ...found.map(Number)]);
  }
  const kinds = tubes.map(
    (_, index) => `SELECT d${others}, $${2 * index + 1} AS SAMPLE_TYPE FROM
      (SELECT *, unnest(range($${2 * index + 2}[n + 1])) FROM stage_samples JOIN read_tube_${index} ON raw = tube_${index})`,
  );
  const values = tubes.flatMap(([, code], index) => [code, numbers[index] ?? []]);
  await restage(context, kinds.join(" UNION ALL "), values);
  for (const index of tubes.keys()) await context.run(`DROP TABLE read_tube_${index}`);
};

const TUBES: Reading = {
  wanted: `numbers of tubes up to ${MOST_TUBES}`,
  among: () => (text) => {
    const number = tubesIn(text);
    return number === null || number > MOST_TUBES ? null : { value: number };
  },
};
