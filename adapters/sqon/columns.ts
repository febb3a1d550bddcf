import { FIELD_KEYS, FIELD_NAMES, FIELDS, type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import { namedFields } from "../kit/field-options.ts";
import type { FieldCapability, Unit } from "../local.ts";
import type { SqonOptions } from "./options.ts";

/**
 * Where a document keeps a field, and what its values may be.
 * - `marks`: values that mean "no value".
 * - `all`: every code that the data can hold, where the mapping warrants it.
 */
export type Column = {
  readonly field: FieldName;
  readonly path: string;
  readonly many: boolean;
  readonly marks: readonly string[];
  readonly all: readonly string[] | undefined;
};
export type Columns = ReadonlyMap<FieldName, Column>;

/** The columns of the two kinds of documents; a sample's field on a donor's document lies below `nested`. */
export type Catalogue = {
  readonly donors: Columns;
  readonly nested: string | undefined;
  readonly samples: Columns;
};

/** Lays out which field stands where. */
export const catalogueOf = (options: SqonOptions, mapping: MappedCodes): Catalogue => {
  const { samples: nested } = options.donors;
  const columns = (fields: SqonOptions["donors"]["fields"], below: string | undefined): Columns =>
    new Map(
      namedFields<string>(FIELD_KEYS, fields).map(({ field, said: name }) => {
        const path = below !== undefined && isSampleField(field) ? `${below}.${name}` : name;
        return [field, column(field, path, mapping)];
      }),
    );
  return {
    donors: columns(options.donors.fields, nested),
    nested,
    samples: columns(options.samples?.fields ?? {}, undefined),
  };
};

/** What can be asked. Of several values at once SQON cannot say "another one than these": `rest` needs them all by name. */
export const capabilitiesOf = ({ donors, samples }: Catalogue, mapping: MappedCodes) => {
  const fields: { [F in FieldName]?: FieldCapability } = {};
  for (const field of FIELD_NAMES) {
    const on: Unit[] = [];
    if (donors.has(field)) on.push("DONORS");
    if (samples.has(field)) on.push("SAMPLES");
    const all = (donors.get(field) ?? samples.get(field))?.all;
    if (on.length === 0) continue;
    const codes = isNumberField(field) ? [] : (mapping[field]?.codes ?? []);
    const plain = codes.every(isPlain);
    fields[field] = {
      on,
      rest: !FIELDS[field].many || (all !== undefined && plain),
      several: true,
      ...(plain ? {} : { codes: new Set(codes.filter(isPlain)) }),
    };
  }
  return fields;
};

/** Stands among values for "no value". */
export const MISSING = "__missing__";

/** Arranger reads some texts as more than values: a star is any text, `set_id:` a saved set. */
export const isPlain = (code: string): boolean =>
  code !== MISSING && !code.includes("*") && !code.startsWith("set_id:");

const column = (field: FieldName, path: string, mapping: MappedCodes): Column => {
  const { codes = [], absent = [], complete = false } = isNumberField(field) ? {} : (mapping[field] ?? {});
  const marks = [...new Set(["", ...absent])];
  const all = complete ? codes.filter((code) => !marks.includes(code)) : undefined;
  return { field, path, many: FIELDS[field].many, marks, all };
};
