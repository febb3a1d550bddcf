import { FIELD_KEYS, FIELD_NAMES, FIELDS, type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import { namedFields } from "../kit/field-options.ts";
import type { FieldCapability, Unit } from "../local.ts";
import { type ValueKind, valueKind } from "./field-types.ts";
import type { SqonOptions } from "./options.ts";

/**
 * Where a document keeps a field, and what its values may be.
 * - `marks`: values that mean "no value".
 * - `codes`: the mapped codes that the field can hold and SQON can ask for.
 * - `all`: every code that the data can hold, where the mapping warrants it.
 */
export type Column = {
  readonly field: FieldName;
  readonly path: string;
  readonly kind: ValueKind;
  readonly many: boolean;
  readonly marks: readonly string[];
  readonly codes: readonly string[];
  readonly all: readonly string[] | undefined;
};
export type Columns = ReadonlyMap<FieldName, Column>;

/**
 * The columns of the two kinds of documents.
 * - `nested`: the field that holds a donor's samples; a sample's field on a donor's document lies below it.
 * - `pivot`: what makes conditions on samples hold for one and the same sample; undefined: nothing does.
 */
export type Catalogue = {
  readonly donors: Columns;
  readonly nested: string | undefined;
  readonly pivot: string | undefined;
  readonly samples: Columns;
};

/** The types of each kind of documents' fields, where the server tells them. */
export type Types = { readonly [U in Unit]?: ReadonlyMap<string, string> | undefined };

/** Lays out which field stands where. */
export const catalogueOf = (options: SqonOptions, mapping: MappedCodes, types: Types): Catalogue => {
  const { samples: nested } = options.donors;
  const columns = (fields: SqonOptions["donors"]["fields"], unit: Unit, below: string | undefined): Columns =>
    new Map(
      namedFields<string>(FIELD_KEYS, fields).map(({ field, said: name }) => {
        const path = below !== undefined && isSampleField(field) ? `${below}.${name}` : name;
        return [field, column(field, path, valueKind(types[unit]?.get(path)), mapping)];
      }),
    );
  return {
    donors: columns(options.donors.fields, "DONORS", nested),
    nested,
    pivot: nested,
    samples: columns(options.samples?.fields ?? {}, "SAMPLES", undefined),
  };
};

/**
 * What can be asked of the fields that hold what they promise. Of several values at once SQON cannot say "another one than
 * these": `rest` needs them all by name.
 * @param holds whether a field was proven for a kind of documents
 */
export const capabilitiesOf = (
  { donors, samples }: Catalogue,
  mapping: MappedCodes,
  holds: (unit: Unit, field: FieldName) => boolean,
) => {
  const fields: { [F in FieldName]?: FieldCapability } = {};
  for (const field of FIELD_NAMES) {
    const columns = { DONORS: donors.get(field), SAMPLES: samples.get(field) };
    const on = (["DONORS", "SAMPLES"] as const).filter((unit) => columns[unit] !== undefined && holds(unit, field));
    const asked = on.map((unit) => columns[unit]!);
    if (asked.length === 0) continue;
    const codes = isNumberField(field) ? [] : (mapping[field]?.codes ?? []);
    const sayable = codes.filter((code) =>
      asked.every((each) => each.codes.includes(code) || each.marks.includes(code)),
    );
    const plain = sayable.length === codes.length;
    fields[field] = {
      on,
      rest: asked.every((each) => !each.many || (each.all !== undefined && plain)),
      several: true,
      // A field cannot hold a code of a system that does not fit its type.
      ...(plain ? {} : { codes: new Set(sayable) }),
      ...(plain || mapping[field]?.tree === undefined ? {} : { exhaustive: true as const }),
    };
  }
  return fields;
};

/** Stands among values for "no value". */
export const MISSING = "__missing__";

/** Arranger reads texts that hold one of these as more than values: any text, a saved set, "no value". */
export const isPlain = (code: string): boolean => ![MISSING, "*", "set_id:"].some((special) => code.includes(special));

/** Whether a field of this kind can hold a code. Asked for another one the search engine refuses the whole search. */
export const canHold = (kind: ValueKind, code: string): boolean => {
  if (kind === "truth") return code === "true" || code === "false";
  if (kind === "whole") return /^-?(0|[1-9]\d{0,8})$/.test(code);
  if (kind === "decimal") return /^-?\d{1,9}(\.\d{1,6})?$/.test(code);
  return kind !== "days" && kind !== "moments" && kind !== "none" && isPlain(code);
};

const column = (field: FieldName, path: string, kind: ValueKind, mapping: MappedCodes): Column => {
  const { codes = [], absent = [], complete = false } = isNumberField(field) ? {} : (mapping[field] ?? {});
  const marks = [...new Set(["", ...absent])].filter((mark) => canHold(kind, mark));
  const held = codes.filter((code) => canHold(kind, code) && !marks.includes(code));
  const isAll = complete && codes.every((code) => held.includes(code) || marks.includes(code));
  return { field, path, kind, many: FIELDS[field].many, marks, codes: held, all: isAll ? held : undefined };
};
