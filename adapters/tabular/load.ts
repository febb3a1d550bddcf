import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BankError } from "../../schema/bank-error.ts";
import { FIELD_NAMES, type FieldName, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import { bankBroken } from "../kit/failures.ts";
import { DONOR_KEYS, namedFields, SAMPLE_KEYS } from "../kit/field-options.ts";
import {
  agesIn,
  codeReading,
  columnOf,
  encoded,
  isRecordField,
  type LoadContext,
  NO_AGE,
  RECKONED_AGE,
  type Reading,
  readTexts,
  timesIn,
} from "./columns.ts";
import { type Dictionaries, MISSING, NONE_SURE } from "./dictionaries.ts";
import type { RunSql } from "./engine.ts";
import { withEpochs } from "./epochs.ts";
import { fold, foldIcd10 } from "./fold.ts";
import type { RecordOptions, TabularOptions } from "./options.ts";
import type { TablePlace } from "./relation.ts";
import { reason } from "./relation.ts";
import { codeOf, IN_DOUBT, KEPT } from "./rows.ts";
import { sourcesOf } from "./source.ts";
import type { Value } from "./span.ts";
import { stageDonors, stageRecords, stageSamples } from "./stage.ts";
import { strangersIn } from "./strangers.ts";
import { placeOfTable, placesOfTables } from "./tables.ts";
import { requireWarranted } from "./warrants.ts";

/** How the options spell the records of a donor. */
export const RECORD_KEYS = { diseases: "DISEASE", programmes: "PROGRAMME", data: "DATA", uses: "USE" } as const;

/** The fields that the options give columns for. */
export const fieldsOf = (options: TabularOptions): readonly FieldName[] => {
  const { donors, samples } = options;
  const sections = [
    namedFields(RECORD_KEYS, options),
    namedFields(DONOR_KEYS, donors),
    namedFields(SAMPLE_KEYS, samples),
  ];
  const named = new Set(sections.flat().map(({ field }) => field));
  if (samples.tubes !== undefined) named.add("SAMPLE_TYPE");
  if (donors.birth !== undefined && samples.year !== undefined) named.add("AGE_AT_COLLECTION");
  return FIELD_NAMES.filter((field) => named.has(field));
};

/**
 * What loading has found: the values of each field; whether the donors, or the samples, have a column `sure`, since some of them
 * are in doubt; and how many donors and samples there may be that stand in rows of donors who are not in the donors' file.
 */
export type Loaded = {
  readonly dictionaries: Dictionaries;
  readonly doubtful: { readonly donors: boolean; readonly samples: boolean };
  readonly strangers: { readonly donors: number; readonly samples: number };
};

/**
 * Loads the files into three kinds of table, all in value numbers: `donors` (d, one column per attribute, and `tubes`, the
 * number of the donor's samples), one per record field (d, n; a donor without a record has one row with n = 0) and `samples`
 * (d, one column per field). `d` numbers donors. @throws {BankError} BANK_BROKEN
 */
export const load = async (
  options: TabularOptions,
  mapping: MappedCodes,
  place: { readonly bank: string; readonly folder: string },
  run: RunSql,
): Promise<Loaded> => {
  const fail = (message: string): never => {
    throw bankBroken(place.bank, message);
  };
  const scratch = await mkdtemp(join(tmpdir(), "odan-"));
  const sources = sourcesOf(options, { ...place, run, scratch });
  try {
    // All are read at once; whoever needs one waits for it.
    for (const table of placesOfTables(options)) sources.open(table).catch(() => undefined);
    const { open } = sources;
    const context = { run, ...mappedReadings(mapping), open, fail, unknownDonors: options.unknownDonors };
    const loaded = await loadTables(await withEpochs(options, context), context);
    await requireWarranted(mapping, loaded.dictionaries, context);
    return loaded;
  } catch (error) {
    if (error instanceof BankError) throw error;
    return fail(`wanted to load the files of ${options.folder}, got ${reason(error)}`);
  } finally {
    await sources.close();
    await rm(scratch, { recursive: true, force: true });
  }
};

/** How the mapping lets cells be read. */
export const mappedReadings = (mapping: MappedCodes): Pick<LoadContext, "absent" | "codes"> => ({
  absent: (field) => ["", ...(mapping[field]?.absent ?? [])],
  codes: (field) => codeReading(mapping[field]?.codes ?? [], mapping[field]?.spelling === "any" ? foldIcd10 : fold),
});

const loadTables = async (options: TabularOptions, context: LoadContext): Promise<Loaded> => {
  const { run } = context;
  const { donors, samples } = options;
  const fields = fieldsOf(options);
  const attributes = fields.filter((field) => !isSampleField(field) && !isRecordField(field));
  const ofSamples = fields.filter(isSampleField);
  const dictionaries = new Map<FieldName, readonly Value[]>();
  const read = async (at: TablePlace, field: FieldName, said?: ReturnType<typeof numberColumn>) => {
    const table = isRecordField(field) ? `stage_${field}` : isSampleField(field) ? "stage_samples" : "stage_donors";
    const { reading = context.codes(field), absent = context.absent(field), column, type } = said ?? {};
    const placeOf = async (text: string) =>
      column === undefined ? `${at.file}, ${field}` : (await context.open(at)).placeOf(column, text);
    dictionaries.set(field, await readTexts(context, { table, column: field, reading, absent, placeOf, ...type }));
  };

  await stageDonors(options, context);
  await run("CREATE TABLE strangers (id VARCHAR, samples INTEGER)");
  for (const field of attributes) await read(placeOfTable(donors, options), field);
  const ofDonor = await sureColumn("stage_donors", run);
  await run(`CREATE TABLE donors_alone AS ${encoded("stage_donors", attributes, ofDonor)}`);

  for (const { field, key, said } of namedFields<RecordOptions>(RECORD_KEYS, options)) {
    await stageRecords({ field, key, ...said }, options, context);
    await read(placeOfTable(said, options), field);
    const held = `SELECT DISTINCT d, n FROM (${encoded(`stage_${field}`, [field])}) AS e(d, n) WHERE n > 0`;
    const inDoubt = dictionaries.get(field)!.filter((value) => codeOf(value).isInDoubt).length;
    const noneSure = `UNION ALL SELECT DISTINCT d, ${NONE_SURE} FROM held WHERE d NOT IN (SELECT d FROM held WHERE n > ${inDoubt})`;
    await run(
      `CREATE TABLE ${field} AS WITH held AS (${held})
       SELECT * FROM held ${inDoubt === 0 ? "" : noneSure}
       UNION ALL SELECT d, ${MISSING} FROM donors_alone WHERE d NOT IN (SELECT d FROM held) ORDER BY d`,
    );
    await run(`DROP TABLE stage_${field}`);
  }

  const before = await stageSamples(options, ofSamples, context);
  for (const [field, values] of before) dictionaries.set(field, values);
  for (const field of ofSamples) {
    if (!before.has(field)) await read(placeOfTable(samples, options), field, numberColumn(field, samples));
  }
  const ofSample = await sureColumn("stage_samples", run);
  await run(`CREATE TABLE samples AS ${encoded("stage_samples", ofSamples, ofSample)} ORDER BY d`);
  await run(
    `CREATE TABLE donors AS SELECT donors_alone.*, coalesce(tubes, 0)::INTEGER AS tubes FROM donors_alone
     LEFT JOIN (SELECT d, count(*) AS tubes FROM samples GROUP BY d) USING (d) ORDER BY d`,
  );
  for (const table of ["stage_samples", "stage_donors", "donors_alone"]) await run(`DROP TABLE ${table}`);
  const doubtful = { donors: ofDonor.length > 0, samples: ofSample.length > 0 };
  return { dictionaries, doubtful, strangers: await strangersIn(context) };
};

/** The column that tells rows that surely count from those in doubt, where there are any of these. */
const sureColumn = async (table: string, run: RunSql): Promise<readonly string[]> => {
  const [row] = await run(`SELECT bool_or(status = ${IN_DOUBT}) FROM ${table}`);
  return row?.[0] ? [`status = ${KEPT} AS sure`] : [];
};

/** How a number of samples is read; an age that was reckoned when it was staged has no column, and no marks of "no value". */
export const numberColumn = (
  field: FieldName,
  { age, year = "" }: TabularOptions["samples"],
):
  | {
      readonly reading: Reading;
      readonly column?: string;
      readonly absent?: readonly string[];
      readonly type?: { readonly type: "INTEGER" };
    }
  | undefined => {
  if (field === "COLLECTED_YEAR") return { reading: timesIn(year), column: columnOf(year) };
  if (field !== "AGE_AT_COLLECTION") return undefined;
  if (age === undefined) return { reading: RECKONED_AGE, absent: [String(NO_AGE)], type: { type: "INTEGER" } };
  return { reading: agesIn(typeof age === "string" ? "years" : age.unit), column: columnOf(age) };
};
