import type { FieldName } from "../../schema/fields.ts";
import { binder, columnOf, type LoadContext, readTexts, rejectOrphans, timeReading } from "./columns.ts";
import type { TabularOptions } from "./options.ts";
import { keeps } from "./source.ts";

const COLUMNS = {
  type: "SAMPLE_TYPE",
  origin: "SAMPLE_ORIGIN",
  storage: "STORAGE",
  age: "AGE_AT_COLLECTION",
  year: "COLLECTED_YEAR",
} as const;
const MOST_TUBES = 10_000;

/** Makes stage_samples: d and the text of each field. @throws {BankError} BANK_BROKEN for samples of unknown donors */
export const stageSamples = async (
  { donors, samples }: TabularOptions,
  fields: readonly FieldName[],
  context: LoadContext,
): Promise<void> => {
  const { run } = context;
  const source = await context.open(samples.file ?? donors.file);
  const { bind, values } = binder();
  const columns = Object.entries(COLUMNS).flatMap(([name, field]) => {
    const setting = samples[name as keyof typeof COLUMNS];
    return setting === undefined ? [] : [`${source.column(columnOf(setting), `samples.${name}`)} AS ${field}`];
  });
  const tubes = Object.entries(samples.tubes ?? {});
  for (const [index, [column]] of tubes.entries()) {
    const text = source.column(column, "samples.tubes");
    const none = `list_contains(${bind(context.absent("SAMPLE_TYPE"))}, trim(${text}))`;
    columns.push(`CASE WHEN ${none} THEN 0 ELSE TRY_CAST(${text} AS INTEGER) END AS tube_${index}`);
  }
  const id = `trim(${source.column(samples.donor ?? donors.id, "samples.donor")}) AS id`;
  const kept = keeps(source, samples.only, "samples", bind);
  await run(
    `CREATE TABLE stage_samples AS SELECT * FROM (SELECT ${[id, ...columns].join(", ")} FROM ${source.from} WHERE ${kept})
     LEFT JOIN (SELECT id, d FROM stage_donors) USING (id)`,
    values,
  );
  await rejectOrphans(context, "stage_samples", source.file);
  if (fields.includes("AGE_AT_COLLECTION") && samples.age === undefined) await ageFromBirth(donors, samples, context);
  if (tubes.length > 0)
    await eachTube(
      source.file,
      tubes.map(([, code]) => code),
      fields,
      context,
    );
};

/**
 * Adds AGE_AT_COLLECTION from the donor's birth and the collection. It is exact where both days are known; else it is
 * the difference of the years, which is one too high for a sample that was collected before the birthday.
 */
const ageFromBirth = async (
  { file: donors, birth }: TabularOptions["donors"],
  { file = donors, year }: TabularOptions["samples"],
  context: LoadContext,
): Promise<void> => {
  if (birth === undefined || year === undefined) return;
  const born = { file: donors, table: "stage_donors", column: "birth", reading: timeReading(birth) };
  const collected = { file, table: "stage_samples", column: "COLLECTED_YEAR", reading: timeReading(year) };
  await readTexts(context, { ...born, absent: context.absent("AGE_AT_COLLECTION") });
  await readTexts(context, { ...collected, absent: context.absent("COLLECTED_YEAR") });
  await context.run(
    `CREATE TABLE stage_aged AS SELECT s.*, coalesce(CAST(
       CASE WHEN b.date IS NOT NULL AND c.date IS NOT NULL THEN datesub('year', b.date, c.date) ELSE c.v - b.v END
     AS VARCHAR), '') AS AGE_AT_COLLECTION
     FROM stage_samples s JOIN stage_donors p ON p.d = s.d JOIN read_birth b ON b.raw = p.birth
     JOIN read_COLLECTED_YEAR c ON c.raw = s.COLLECTED_YEAR`,
  );
  for (const table of ["stage_samples", "read_birth", "read_COLLECTED_YEAR"]) await context.run(`DROP TABLE ${table}`);
  await context.run("ALTER TABLE stage_aged RENAME TO stage_samples");
};

/** Makes one row for each tube: a column of numbers becomes that many samples of the column's code. */
const eachTube = async (
  file: string,
  codes: readonly string[],
  fields: readonly FieldName[],
  { run, fail }: LoadContext,
): Promise<void> => {
  const wrong = codes.map((_, index) => `coalesce(tube_${index} NOT BETWEEN 0 AND ${MOST_TUBES}, TRUE)`);
  const [row] = await run(`SELECT bool_or(${wrong.join(" OR ")}) FROM stage_samples`);
  if (row?.[0]) fail(`${file}: wanted numbers of tubes up to ${MOST_TUBES}, got something else`);
  const { bind, values } = binder();
  const others = fields.filter((field) => field !== "SAMPLE_TYPE").map((field) => `, ${field}`);
  const kinds = codes.map(
    (code, index) => `SELECT d${others.join("")}, SAMPLE_TYPE FROM
      (SELECT *, ${bind(code)} AS SAMPLE_TYPE, unnest(range(tube_${index})) FROM stage_samples)`,
  );
  await run(`CREATE TABLE stage_tubes AS ${kinds.join(" UNION ALL ")}`, values);
  await run("DROP TABLE stage_samples");
  await run("ALTER TABLE stage_tubes RENAME TO stage_samples");
};
