import type { Bits } from "../bits.ts";
import { noBits } from "../bits.ts";
import type { FieldType } from "./documents.ts";
import { type Bounds, type Query, queryOf, SqonError } from "./query.ts";
import type { Level, SearchIndex } from "./search-index.ts";
import { either, every, filled, holding, holdingOne, isNumeric, none, numbered, type Table } from "./table.ts";

/** The documents that a SQON finds. A field that the index does not have is found nowhere. @throws {SqonError} */
export const find = (index: SearchIndex, sqon: unknown): Bits =>
  rows(index, index.documents, queryOf(sqon, [...index.nested.keys()]));

const rows = (index: SearchIndex, level: Level, query: Query): Bits => {
  const { table } = level;
  switch (query.op) {
    case "nested": {
      const inner = index.nested.get(query.path)!;
      return inner.holders(
        every(
          inner.table.size,
          query.of.map((part) => rows(index, inner, part)),
        ),
      );
    }
    case "all":
    case "any":
    case "none": {
      const sets = query.of.map((part) => rows(index, level, part));
      if (query.op === "any" && sets.length > 0) return either(table.size, sets);
      return query.op === "none" ? none(table.size, sets) : every(table.size, sets);
    }
    case "exists":
      return filled(table, query.field);
    case "like":
      return isText(table.typeOf(query.field))
        ? holding(table, query.field, (text) => query.pattern.test(text))
        : refuseUnlessAbsent(table, query.field, "Can only use wildcard queries on keyword and text fields");
    case "terms":
      return terms(table, query.field, query.values);
    case "range":
      return range(table, query.field, query.bounds);
  }
};

const isText = (type: FieldType | undefined): boolean => type === "keyword" || type === "text";

const refuseUnlessAbsent = (table: Table, field: string, message: string): Bits => {
  if (table.typeOf(field) === undefined) return noBits(table.size);
  throw new SqonError(`search_phase_execution_exception: [query_shard_exception] Reason: ${message}`);
};

const terms = (table: Table, field: string, values: readonly unknown[]): Bits => {
  const type = table.typeOf(field);
  if (type === undefined) return noBits(table.size);
  if (!isNumeric(type)) {
    const texts = values.map(String);
    if (type === "boolean") requireTruths(texts);
    return holdingOne(table, field, texts);
  }
  const numbers = new Set(values.map((value) => numberOf(type, value, false)));
  return numbered(table, field, (number) => numbers.has(number));
};

const range = (table: Table, field: string, bounds: Bounds): Bits => {
  const type = table.typeOf(field);
  if (type === undefined) return noBits(table.size);
  if (!isNumeric(type)) {
    if (type === "boolean") requireTruths(Object.values(bounds));
    // Texts are ordered as texts.
    const { gt, gte, lt, lte } = bounds;
    return holding(
      table,
      field,
      (text) =>
        (gt === undefined || text > String(gt)) &&
        (gte === undefined || text >= String(gte)) &&
        (lt === undefined || text < String(lt)) &&
        (lte === undefined || text <= String(lte)),
    );
  }
  const at = (bound: unknown, isEnd: boolean): number | undefined =>
    bound === undefined ? undefined : numberOf(type, bound, isEnd);
  const [gt, gte] = [at(bounds.gt, true), at(bounds.gte, false)];
  const [lt, lte] = [at(bounds.lt, false), at(bounds.lte, true)];
  return numbered(
    table,
    field,
    (number) =>
      (gt === undefined || number > gt) &&
      (gte === undefined || number >= gte) &&
      (lt === undefined || number < lt) &&
      (lte === undefined || number <= lte),
  );
};

const requireTruths = (values: readonly unknown[]): void => {
  const wrong = values.find((value) => !["true", "false", ""].includes(String(value)));
  if (wrong !== undefined) throw new SqonError(`query_shard_exception: Can't parse boolean value [${wrong}]`);
};

/** A bound or a value of a field of numbers. The end of a day is its last millisecond, that of a year the first day's. */
const numberOf = (type: FieldType | undefined, value: unknown, isEnd: boolean): number => {
  const text = String(value);
  if (type !== "date") {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isNaN(number)) return number;
    throw new SqonError(`search_phase_execution_exception: [number_format_exception] For input string: "${text}"`);
  }
  const [, day, time] = /^(\d{4}(?:-\d\d(?:-\d\d)?)?)(T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  if (day !== undefined) return Date.parse(time === undefined && isEnd ? `${whole(day)}T23:59:59.999Z` : text);
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new SqonError(`search_phase_execution_exception: [parse_exception] failed to parse date field [${text}]`);
};

const whole = (day: string): string => (day.length === 4 ? `${day}-01-01` : day.length === 7 ? `${day}-01` : day);
