import type { FieldName } from "../../schema/fields.ts";
import type { MappedCodes, MappedField } from "../adapter.ts";
import type { CodeColumn, Write } from "./columns.ts";
import { isNumberColumn, isRecordTable, type OmopFields } from "./fields.ts";
import type { Rows } from "./session.ts";
import { binder, type Statement } from "./statement.ts";

/** Fields whose texts are read before they are compared, each with the texts that its column holds. */
export type Dictionaries = ReadonlyMap<FieldName, readonly string[]>;

/** Finds every text of those fields: one row (field, text) each. Null where no field needs it. */
export const dictionarySql = (fields: OmopFields, mapping: MappedCodes, patterns: boolean): Statement | null => {
  const { bind, statement } = binder();
  const parts = textsOf(fields).flatMap(({ field, code, from, where }) =>
    code.type !== "text" || readerOf(mapping[field], patterns) === null
      ? []
      : [`SELECT DISTINCT ${bind(field, "text")}, ${code.raw(bind)} FROM ${from} WHERE ${where(bind)}`],
  );
  return parts.length === 0 ? null : statement(parts.join("\nUNION ALL "));
};

/** Reads the rows of dictionarySql. */
export const readDictionaries = (rows: Rows): Dictionaries => {
  const found = new Map<FieldName, string[]>();
  for (const [field, text] of rows) {
    if (typeof text !== "string") continue;
    const name = String(field) as FieldName;
    const texts = found.get(name) ?? [];
    found.set(name, texts);
    texts.push(text);
  }
  return found;
};

/** The fields, where each local code stands for the texts that are read as it. */
export const withDictionaries = (
  fields: OmopFields,
  found: Dictionaries,
  mapping: MappedCodes,
  patterns: boolean,
): OmopFields => {
  const spelled = (field: FieldName, code: CodeColumn): CodeColumn => {
    const read = code.type === "text" ? readerOf(mapping[field], patterns) : null;
    if (read === null) return code;
    const values = new Map<string, string[]>(code.none.map((mark) => [mark, [mark]]));
    for (const text of found.get(field) ?? []) {
      const local = code.none.includes(text) ? undefined : read(text);
      if (local !== undefined) values.set(local, [...(values.get(local) ?? []), text]);
    }
    return { ...code, values };
  };
  return {
    ...fields,
    donor: new Map(
      [...fields.donor].map(([field, place]) => [
        field,
        isRecordTable(place) ? { ...place, code: spelled(field, place.code) } : spelled(field, place),
      ]),
    ),
    sample: new Map(
      [...fields.sample].map(([field, place]) => [field, isNumberColumn(place) ? place : spelled(field, place)]),
    ),
  };
};

/** A column of codes and the rows that hold it. */
type Place = { readonly field: FieldName; readonly code: CodeColumn; readonly from: string; readonly where: Write };

const textsOf = ({ donor, sample, table }: OmopFields): readonly Place[] => [
  ...[...donor].map(([field, place]) => {
    if (isRecordTable(place)) return { field, code: place.code, from: place.from, where: place.where };
    return { field, code: place, from: `${table("person")} p`, where: EVERY };
  }),
  ...[...sample].flatMap(([field, code]) =>
    isNumberColumn(code) ? [] : [{ field, code, from: `${table("specimen")} s`, where: EVERY }],
  ),
];

const EVERY: Write = () => "TRUE";

/** Which local code a text is read as; undefined: none. */
type Reader = (text: string) => string | undefined;

/** Null where texts are compared as they stand. */
const readerOf = (mapped: MappedField | undefined, patterns: boolean): Reader | null => {
  if (mapped === undefined) return null;
  if (mapped.spelling === "cm") return categoryReader(mapped.codes);
  return patterns && mapped.codes.some((code) => code.endsWith("*")) ? patternReader(mapped.codes) : null;
};

/** ICD-10-CM: the category that a code begins with, with or without the dot. */
const categoryReader = (codes: readonly string[]): Reader => {
  const known = new Set(codes);
  return (text) => {
    const category = /^([A-Z]\d[\dA-Z])(?:\.?[\dA-Z]{1,4})?$/.exec(text.trim().toUpperCase())?.[1];
    return category !== undefined && known.has(category) ? category : undefined;
  };
};

/** A code as it stands comes first, then the longest of `E11*` and of ranges such as `E10-E14*` that the text begins with. */
const patternReader = (codes: readonly string[]): Reader => {
  const exact = new Set(codes.filter((code) => !code.endsWith("*")));
  const patterns = codes
    .filter((code) => code.endsWith("*"))
    .map((code) => {
      const [from = "", to = from] = code.slice(0, -1).split("-");
      return { code, from, to };
    })
    .sort(
      (a, b) =>
        b.to.length - a.to.length || b.from.length - a.from.length || Number(a.from !== a.to) - Number(b.from !== b.to),
    );
  return (text) => {
    if (exact.has(text)) return text;
    return patterns.find(({ from, to }) => text.slice(0, from.length) >= from && text.slice(0, to.length) <= to)?.code;
  };
};
