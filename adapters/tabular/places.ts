import type { FieldName } from "../../schema/fields.ts";
import { DONOR_KEYS, namedFields, SAMPLE_KEYS } from "../kit/field-options.ts";
import { columnOf, type Reading, timesIn } from "./columns.ts";
import { numberColumn, RECORD_KEYS } from "./load.ts";
import type { RecordOptions, TabularOptions } from "./options.ts";
import type { TablePlace } from "./relation.ts";
import { type RowOptions, rowsOf } from "./rows.ts";
import { placeOfTable } from "./tables.ts";

/**
 * Columns that hold the values of a field, and how they are read. `section`: its name below `adapter`. `key`: of the columns
 * below that. `donor`: the column of the donor's id. `alone`: the columns are the field itself, and not a part of what it is
 * reckoned from.
 */
export type Place = {
  readonly field: FieldName;
  readonly section: string;
  readonly key: string;
  readonly table: TablePlace;
  readonly donor: string;
  readonly columns: readonly string[];
  /** Which of its rows count, and digits of its ids. */
  readonly rows: RowOptions;
  readonly idDigits: number | undefined;
  readonly split: RecordOptions["split"];
  /** Null: the mapped codes. */
  readonly reading: Reading | null;
  readonly alone: boolean;
};

type Setting = Parameters<typeof columnOf>[0];

/** Every place that the options name, but for columns that count samples. */
export const placesOf = (options: TabularOptions): readonly Place[] => {
  const { donors, samples } = options;
  const { idDigits } = donors;
  const ofDonors = {
    table: placeOfTable(donors, options),
    donor: donors.id,
    rows: donors,
    idDigits,
    split: undefined,
    alone: true,
  };
  const ofSamples = {
    ...ofDonors,
    section: "samples",
    table: placeOfTable(samples, options),
    donor: samples.donor ?? donors.id,
    rows: rowsOf(samples, donors),
  };
  const attributes = namedFields<string>(DONOR_KEYS, donors).map(({ field, key, said }) => ({
    ...ofDonors,
    ...{ field, key, section: "donors", columns: [said], reading: null },
  }));
  const records = namedFields<RecordOptions>(RECORD_KEYS, options).map(({ field, key, said }) => ({
    ...ofDonors,
    ...{ field, section: key, key: "code", columns: [said.code].flat(), reading: null },
    ...{
      table: placeOfTable(said, options),
      donor: said.donor ?? donors.id,
      rows: rowsOf(said, donors),
      split: said.split,
    },
  }));
  const columns = namedFields<Setting>(SAMPLE_KEYS, samples).map(({ field, key, said }) => ({
    ...ofSamples,
    ...{ field, key, columns: [columnOf(said)], reading: numberColumn(field, samples)?.reading ?? null },
  }));
  return [...attributes, ...births(options).map((birth) => ({ ...ofDonors, ...birth })), ...records, ...columns];
};

/** The donors' birth, where ages are reckoned from it. */
const births = ({ donors: { birth }, samples }: TabularOptions) =>
  birth === undefined || samples.age !== undefined || samples.year === undefined
    ? []
    : [
        {
          field: "AGE_AT_COLLECTION",
          section: "donors",
          key: "birth",
          columns: [columnOf(birth)],
          reading: timesIn(birth),
          alone: false,
        } as const,
      ];
