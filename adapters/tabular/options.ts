import { z } from "zod";
import { fieldOptions } from "../kit/field-options.ts";

const column = z.string().min(1);
const file = z
  .string()
  .regex(
    /\.(parquet|xlsx|[ct]sv(\.gz)?)$/i,
    "wanted a file that ends in .parquet, .xlsx, .csv, .tsv, .csv.gz or .tsv.gz",
  )
  .refine(
    (path) => !/^([/\\]|[a-z]:)|(^|[/\\])\.\.([/\\]|$)|[*?[\]{}]/i.test(path),
    "wanted a plain path inside `folder`",
  );

const encoding = z.enum(["utf-8", "cp932", "euc-jp", "utf-16le", "utf-16be"]);

const format = z.enum([
  "yyyy",
  "yyyy-mm",
  "yyyy/mm",
  "yyyymm",
  "yyyy-mm-dd",
  "yyyy/mm/dd",
  "yyyy.mm.dd",
  "yyyymmdd",
  "yyyy年mm月dd日",
  "era",
  "excel",
  "yy-mm-dd",
  "yy/mm/dd",
  "yymmdd",
]);
const inColumn = column.meta({ description: "The column.", example: "date" });
const dates = z
  .strictObject({
    column: inColumn,
    format: z.union([format, z.array(format).min(1)]).meta({
      description: "How its dates are written, letter by letter; several where the column has them mixed.",
      type: "a format of dates, or a list of them",
      example: "yyyy/mm/dd",
    }),
    century: z
      .union([z.literal(1900), z.literal(2000)])
      .optional()
      .meta({ description: "Century of the formats with two digits of a year.", example: 1900 }),
    epoch: z
      .union([z.literal(1900), z.literal(1904)])
      .optional()
      .meta({ description: "First year of the numbers of `excel`.", default: "`1900`", example: 1904 }),
  })
  .refine(
    ({ format: formats, century }) => [formats].flat().some((each) => /^yy[^y]/.test(each)) === (century !== undefined),
    "wanted `century` (1900 or 2000) with formats of two digits of a year, and with no others",
  );
const time = z.union([column, dates]);
const age = z.union([
  column,
  z.strictObject({ column: inColumn, unit: z.enum(["years", "months", "days"]).describe("Unit of its numbers.") }),
]);

const columnsAndTexts = (does: string) =>
  z
    .record(column, z.array(z.string()).min(1))
    .refine((columns) => Object.keys(columns).length > 0, `wanted columns and the texts to ${does}, got none`)
    .optional();

/** What becomes of the rows of a table. */
const rows = {
  only: columnsAndTexts("keep").meta({
    description:
      'Rows to keep: column, and the texts of which it holds one; `""` is an empty cell. Rows with other texts are in doubt, unless `except` names them.',
    example: { status: ["1", "2"] },
  }),
  except: columnsAndTexts("leave out").meta({
    description: "Rows to leave out: column, and the texts of which it holds one.",
    example: { status: ["疑い", "9"] },
  }),
  skip: z
    .strictObject({ empty: z.boolean().describe("Rows without any text are left out.") })
    .optional()
    .describe("Rows to leave out by their form."),
};

/** Where a table lies in a workbook. */
const sheet = {
  sheet: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "Sheet of an .xlsx file; needed where it has several.", example: "検体" }),
  headerRow: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: "Row of a sheet that names the columns.", default: "`1`", example: 3 }),
};

const SHEET_OF_FILE = "wanted `sheet` and `headerRow` beside a `file` that ends in .xlsx";
const hasSheetOfFile = (table: {
  readonly file?: string | undefined;
  readonly sheet?: string | undefined;
  readonly headerRow?: number | undefined;
}): boolean => (table.sheet === undefined && table.headerRow === undefined) || /\.xlsx$/i.test(table.file ?? "");

const FILE_AND_DONOR = "wanted `file` and `donor` together, or neither: then the columns are those of the donors' file";
const hasBothOrNeither = ({ file, donor }: { readonly file?: unknown; readonly donor?: unknown }): boolean =>
  (file === undefined) === (donor === undefined);

/** Members of every table that may lie in a file of its own. */
const table = {
  file: file.optional().meta({
    description: "The file, with `donor`. Without both the columns are those of the donors' file.",
    example: "diagnoses.csv",
  }),
  ...sheet,
  donor: column
    .optional()
    .meta({ description: "Column of the donor's id, as `donors.id` has it.", example: "donor_id" }),
  ...rows,
};

const records = z
  .strictObject({
    ...table,
    code: z
      .union([column, z.array(column).min(1)])
      .meta({ description: "Column of the code, or several columns.", example: "icd10" }),
    split: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .meta({ description: "Text between several codes in one cell, or several such texts.", example: [";", "、"] }),
  })
  .refine(hasBothOrNeither, FILE_AND_DONOR)
  .refine(hasSheetOfFile, SHEET_OF_FILE);

const fields = fieldOptions(column, "Column of the");

const samples = z
  .strictObject({
    ...table,
    ...fields.samples,
    id: column.optional().meta({
      description:
        "Column of the sample's id: the same sample may stand in several rows. Without it each row is a sample.",
      example: "tube_id",
    }),
    tubes: z
      .record(column, z.string().min(1))
      .refine((tubes) => Object.keys(tubes).length > 0, "wanted columns that count samples, got none")
      .optional()
      .meta({
        description: "Instead of `type`: columns that hold numbers of samples, each with the local code of their type.",
        example: { dna_tubes: "DNA" },
      }),
    age: age.optional().meta({
      description: "Column of the age when the sample was taken.",
      unit: "years, or `unit`",
      example: { column: "age_months", unit: "months" },
    }),
    year: time.optional().meta({
      description: "Column of the day or year when the sample was taken.",
      unit: "years, or `format`",
      example: { column: "taken", format: "yyyy-mm-dd" },
    }),
  })
  .refine(hasBothOrNeither, FILE_AND_DONOR)
  .refine(hasSheetOfFile, SHEET_OF_FILE)
  .refine((table) => table.type === undefined || table.tubes === undefined, {
    message: "wanted `type` (one row, one sample) or `tubes` (columns that count samples), not both",
  })
  .refine((table) => table.id === undefined || table.tubes === undefined, {
    message: "wanted `id` (a sample may stand in several rows) or `tubes` (columns that count samples), not both",
  });

/**
 * The `adapter:` section of a bank that exports files. `folder` is relative to bank.yaml's folder, files to `folder`.
 * `birth` gives ages where samples have no age column (see stage.ts).
 */
export const tabularOptions = z.strictObject({
  kind: z.literal("tabular").describe("Files: Parquet, CSV, TSV or .xlsx."),
  folder: z
    .string()
    .min(1)
    .default(".")
    .meta({ description: "Folder of the files, from the folder of bank.yaml.", example: "export" }),
  encoding: encoding
    .optional()
    .meta({ description: "Of the CSV and TSV files. Others need none.", default: "`utf-8`", example: "cp932" }),
  encodings: z
    .record(file, encoding)
    .optional()
    .meta({ description: "Of single files, where they differ from `encoding`.", example: { "tubes.csv": "cp932" } }),
  tsv: z
    .strictObject({
      quoted: z.boolean().default(false).describe("Quotes around a cell are no part of its text, as always in a CSV."),
    })
    .prefault({})
    .describe("How TSV files are written."),
  xlsx: z
    .strictObject({
      hiddenRows: z
        .enum(["keep", "drop"])
        .default("keep")
        .meta({ description: "Whether rows that are hidden count.", example: "drop" }),
      merged: z.enum(["refuse", "first", "fill"]).default("refuse").meta({
        description:
          "Merged cells below the header, of which the first alone holds a value: they stop the load, stay as they are stored, or all have it.",
        example: "fill",
      }),
    })
    .prefault({})
    .describe("How .xlsx files are read."),
  wholeNumbers: z
    .boolean()
    .default(false)
    .describe(
      "A whole number may be written with a fraction of zeros: 1.0 is 1, in ids, codes and texts of `only` too.",
    ),
  unknownDonors: z.enum(["refuse", "drop", "widen"]).default("refuse").meta({
    description:
      "Rows whose donor is not in the donors' file: they stop the load, are left out (their donors do not count), or make every count a range (their donors may count).",
    example: "drop",
  }),
  donors: z
    .strictObject({
      file: file.meta({
        description: "The file; its name ends in .csv, .tsv, .csv.gz, .tsv.gz, .xlsx or .parquet.",
        example: "donors.csv",
      }),
      ...sheet,
      id: column.meta({
        description: "Column of the donor's id: every row has one, and each only once, but see `repeated`.",
        example: "donor_id",
      }),
      idDigits: z
        .int()
        .min(2)
        .max(30)
        .optional()
        .meta({ description: "Digits of a whole id in every file, for files that lost leading zeros.", example: 8 }),
      repeated: z
        .boolean()
        .default(false)
        .describe("A donor may stand in several rows, which agree in what they say of the donor."),
      ...rows,
      sex: fields.donors.sex,
      cohort: fields.donors.cohort,
      family: fields.donors.family,
      centre: fields.donors.centre,
      birth: time.optional().meta({
        description:
          "Column of the day or year of birth. With `samples.year` it gives ages where there is no `samples.age`.",
        example: { column: "born", format: "yyyy-mm-dd" },
      }),
    })
    .refine(hasSheetOfFile, SHEET_OF_FILE)
    .describe("Donors, one a row."),
  diseases: records.optional().describe("Diagnoses, one a row, or in several columns, or several in a cell."),
  programmes: records.optional().describe("Programmes that a donor takes part in."),
  data: records.optional().describe("Data at hand of a donor."),
  uses: records.optional().describe("Uses that a donor's consent permits."),
  samples: samples.describe("Samples, one a row, or as numbers in columns (`tubes`)."),
});

/** The parsed section: see tabularOptions. */
export type TabularOptions = z.infer<typeof tabularOptions>;

/** A table of records, one donor and one code at a time. */
export type RecordOptions = NonNullable<TabularOptions["diseases"]>;

/** A column that holds a point in time, as it was written in bank.yaml. */
export type TimeOptions = z.infer<typeof time>;
