import { z } from "zod";
import { fieldOptions } from "../kit/field-options.ts";

const column = z.string().min(1);
const file = z
  .string()
  .regex(/\.(parquet|csv|tsv)$/i, "wanted a file that ends in .parquet, .csv or .tsv")
  .refine(
    (path) => !/^([/\\]|[a-z]:)|(^|[/\\])\.\.([/\\]|$)|[*?[\]{}]/i.test(path),
    "wanted a plain path inside `folder`",
  );

const format = z.enum(["yyyy", "yyyy-mm-dd", "yyyy/mm/dd", "yyyymmdd"]);
const time = z.union([column, z.strictObject({ column, format })]);
const age = z.union([column, z.strictObject({ column, unit: z.enum(["years", "months", "days"]) })]);

/** Rows to keep: column -> the accepted texts (`""` is an empty cell). */
const only = z
  .record(column, z.array(z.string()).min(1))
  .refine((columns) => Object.keys(columns).length > 0, "wanted columns and the texts to keep, got none")
  .optional();

const FILE_AND_DONOR = "wanted `file` and `donor` together, or neither: then the columns are those of the donors' file";
const hasBothOrNeither = ({ file, donor }: { readonly file?: unknown; readonly donor?: unknown }): boolean =>
  (file === undefined) === (donor === undefined);

/** Members of every table that may lie in a file of its own. */
const table = { file: file.optional(), donor: column.optional(), only };

const records = z
  .strictObject({
    ...table,
    code: z.union([column, z.array(column).min(1)]),
    split: z.string().min(1).optional(),
  })
  .refine(hasBothOrNeither, FILE_AND_DONOR);

const samples = z
  .strictObject({
    ...table,
    ...fieldOptions(column).samples,
    tubes: z
      .record(column, z.string().min(1))
      .refine((tubes) => Object.keys(tubes).length > 0, "wanted columns that count samples, got none")
      .optional(),
    age: age.optional(),
    year: time.optional(),
  })
  .refine(hasBothOrNeither, FILE_AND_DONOR)
  .refine((table) => table.type === undefined || table.tubes === undefined, {
    message: "wanted `type` (one row, one sample) or `tubes` (columns that count samples), not both",
  });

/**
 * The `adapter:` section of a bank that exports files. `folder` is relative to bank.yaml's folder, files to `folder`.
 * - `donors`: one row per donor. `birth` gives ages where samples have no age column (see stage.ts).
 * - `diseases`, `programmes`, `data`, `uses`: records; one row each, or several `code` columns, or cells to `split`.
 * - `samples`: one row per sample, or `tubes`: a column's number is that many samples of the local code named.
 * - `age` is in years unless `unit` says otherwise, `year` is `yyyy` unless `format` says otherwise.
 * - `encoding`: of CSV and TSV files; utf-8 when absent. Cells of a CSV may be quoted; those of a TSV only with
 *   `tsv: { quoted: true }`, else a quote is part of the text.
 */
export const tabularOptions = z.strictObject({
  kind: z.literal("tabular"),
  folder: z.string().min(1).default("."),
  encoding: z.enum(["utf-8", "cp932", "euc-jp", "utf-16le", "utf-16be"]).optional(),
  tsv: z.strictObject({ quoted: z.boolean().default(false) }).prefault({}),
  donors: z.strictObject({
    file,
    id: column,
    sex: column.optional(),
    cohort: column.optional(),
    family: column.optional(),
    centre: column.optional(),
    birth: time.optional(),
  }),
  diseases: records.optional(),
  programmes: records.optional(),
  data: records.optional(),
  uses: records.optional(),
  samples,
});

/** The parsed section: see tabularOptions. */
export type TabularOptions = z.infer<typeof tabularOptions>;

/** A table of records, one donor and one code at a time. */
export type RecordOptions = NonNullable<TabularOptions["diseases"]>;

/** A column that holds a point in time, as it was written in bank.yaml. */
export type TimeOptions = z.infer<typeof time>;

/** Every file that the options name, each once: together they are a release. */
export const filesOf = (options: TabularOptions): readonly string[] => {
  const tables = [options.donors, options.diseases, options.programmes, options.data, options.uses, options.samples];
  return [...new Set(tables.flatMap((table) => table?.file ?? []))];
};
