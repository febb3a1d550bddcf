import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BankError } from "../../schema/bank-error.ts";
import { type CodeField, FIELD_NAMES, type FieldName, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import {
  ageReading,
  binder,
  CODE,
  columnOf,
  encoded,
  isRecordField,
  type LoadContext,
  type Reading,
  readTexts,
  rejectOrphans,
  timeReading,
} from "./columns.ts";
import type { RunSql } from "./engine.ts";
import type { RecordOptions, TabularOptions } from "./options.ts";
import { stageSamples } from "./samples.ts";
import { keeps, openSource, reason, type Source, type SourceContext } from "./source.ts";

/**
 * What each field holds in a loaded release: value number n is `values[n - 1]`, and 0 is a missing value, so that no
 * NULL is left to compare. Numbers ascend, codes are sorted by their bytes. A field that the files do not have is absent.
 */
export type Dictionaries = ReadonlyMap<FieldName, readonly (string | number)[]>;

const RECORDS = { diseases: "DISEASE", programmes: "PROGRAMME", data: "DATA", uses: "USE" } as const;
const ATTRIBUTES = { sex: "SEX", cohort: "COHORT", family: "FAMILY", centre: "CENTRE" } as const;

/** The fields that the options give columns for. */
export const fieldsOf = ({ donors, samples, ...tables }: TabularOptions): readonly FieldName[] => {
  const has: { readonly [F in FieldName]: boolean } = {
    DISEASE: tables.diseases !== undefined,
    PROGRAMME: tables.programmes !== undefined,
    DATA: tables.data !== undefined,
    USE: tables.uses !== undefined,
    SEX: donors.sex !== undefined,
    COHORT: donors.cohort !== undefined,
    FAMILY: donors.family !== undefined,
    CENTRE: donors.centre !== undefined,
    SAMPLE_TYPE: samples.type !== undefined || samples.tubes !== undefined,
    SAMPLE_ORIGIN: samples.origin !== undefined,
    STORAGE: samples.storage !== undefined,
    AGE_AT_COLLECTION: samples.age !== undefined || (donors.birth !== undefined && samples.year !== undefined),
    COLLECTED_YEAR: samples.year !== undefined,
  };
  return FIELD_NAMES.filter((field) => has[field]);
};

/**
 * Loads the files into three kinds of table, all in value numbers: `donors` (d, one column per attribute, and `tubes`, how many samples the donor has), one per record
 * field (d, n; a donor without a record has one row with n = 0) and `samples` (d, one column per field). `d` numbers donors.
 * @throws {BankError} BANK_BROKEN
 */
export const load = async (
  options: TabularOptions,
  mapping: MappedCodes,
  place: { readonly bank: string; readonly folder: string },
  run: RunSql,
): Promise<Dictionaries> => {
  const scratch = await mkdtemp(join(tmpdir(), "odan-"));
  const source: SourceContext = { ...place, run, scratch, encoding: options.encoding };
  const sources = new Map<string, Promise<Source>>();
  const context: LoadContext = {
    run,
    absent: (field) => ["", ...(mapping[field]?.absent ?? [])],
    open(file) {
      const opened = sources.get(file) ?? openSource(source, file);
      sources.set(file, opened);
      return opened;
    },
    fail(message) {
      throw new BankError("BANK_BROKEN", place.bank, message);
    },
  };
  try {
    return await loadTables(options, context);
  } catch (error) {
    if (error instanceof BankError) throw error;
    throw new BankError(
      "BANK_BROKEN",
      place.bank,
      `wanted to load the files of ${options.folder}, got ${reason(error)}`,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

const loadTables = async (options: TabularOptions, context: LoadContext): Promise<Dictionaries> => {
  const { run } = context;
  const { samples } = options;
  const fields = fieldsOf(options);
  const attributes = fields.filter((field) => !isSampleField(field) && !isRecordField(field));
  const ofSamples = fields.filter(isSampleField);
  const dictionaries = new Map<FieldName, readonly (string | number)[]>();
  const read = async (file: string, field: FieldName, reading: Reading = CODE, absent = context.absent(field)) => {
    const table = isRecordField(field) ? `stage_${field}` : isSampleField(field) ? "stage_samples" : "stage_donors";
    dictionaries.set(field, await readTexts(context, { file, table, column: field, reading, absent }));
  };

  await stageDonors(options, context);
  for (const field of attributes) await read(options.donors.file, field);
  await run(`CREATE TABLE donors_alone AS ${encoded("stage_donors", attributes)}`);

  for (const [name, field] of Object.entries(RECORDS)) {
    const records = options[name as keyof typeof RECORDS];
    if (records === undefined) continue;
    await stageRecords(name, field, records, options, context);
    await read(records.file ?? options.donors.file, field);
    await run(
      `CREATE TABLE ${field} AS WITH held AS (SELECT DISTINCT d, n FROM (${encoded(`stage_${field}`, [field])}) AS e(d, n) WHERE n > 0)
       SELECT * FROM held UNION ALL SELECT d, 0 FROM donors_alone WHERE d NOT IN (SELECT d FROM held) ORDER BY d`,
    );
    await run(`DROP TABLE stage_${field}`);
  }

  await stageSamples(options, ofSamples, context);
  const file = samples.file ?? options.donors.file;
  for (const field of ofSamples) {
    if (field === "COLLECTED_YEAR") await read(file, field, timeReading(samples.year ?? ""));
    else if (field !== "AGE_AT_COLLECTION") await read(file, field);
    else if (samples.age === undefined) await read(file, field, ageReading("years"), [""]);
    else await read(file, field, ageReading(typeof samples.age === "string" ? "years" : samples.age.unit));
  }
  await run(`CREATE TABLE samples AS ${encoded("stage_samples", ofSamples)} ORDER BY d`);
  await run(
    `CREATE TABLE donors AS SELECT donors_alone.*, coalesce(tubes, 0)::INTEGER AS tubes FROM donors_alone
     LEFT JOIN (SELECT d, count(*) AS tubes FROM samples GROUP BY d) USING (d) ORDER BY d`,
  );
  for (const table of ["stage_samples", "stage_donors", "donors_alone"]) await run(`DROP TABLE ${table}`);
  return dictionaries;
};

/** stage_donors: d, id, and the texts of the attributes and of `birth`. */
const stageDonors = async ({ donors }: TabularOptions, { run, open, fail }: LoadContext): Promise<void> => {
  const source = await open(donors.file);
  const columns = Object.entries({ ...ATTRIBUTES, birth: "birth" }).flatMap(([name, field]) => {
    const setting = donors[name as keyof typeof ATTRIBUTES | "birth"];
    return setting === undefined ? [] : [`${source.column(columnOf(setting), `donors.${name}`)} AS ${field}`];
  });
  const id = `trim(${source.column(donors.id, "donors.id")}) AS id`;
  await run(
    `CREATE TABLE stage_donors AS SELECT (row_number() OVER ())::INTEGER AS d, ${[id, ...columns].join(", ")} FROM ${source.from}`,
  );
  const [row] = await run("SELECT count(*) > count(DISTINCT id), bool_or(id = '') FROM stage_donors");
  const [twice, nameless] = row ?? [];
  if (nameless) fail(`${donors.file}: wanted an id in every row, got rows without`);
  if (twice) fail(`${donors.file}: wanted one row for each donor, got several for some`);
};

/** stage_<field>: d, id and the text of a code; one row per record. @throws {BankError} for records of unknown donors */
const stageRecords = async (
  name: string,
  field: CodeField,
  records: RecordOptions,
  { donors }: TabularOptions,
  context: LoadContext,
): Promise<void> => {
  const source = await context.open(records.file ?? donors.file);
  const { bind, values } = binder();
  const donor = `trim(${source.column(records.donor ?? donors.id, `${name}.donor`)})`;
  const kept = keeps(source, records.only, name, bind);
  const split = records.split === undefined ? undefined : bind(records.split);
  const codes = typeof records.code === "string" ? [records.code] : records.code;
  const parts = codes.map((code) => {
    const text = source.column(code, `${name}.code`);
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
