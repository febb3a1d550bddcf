import { type Bits, hasBit } from "../bits.ts";
import { SqonError } from "./query.ts";
import { countOf, type Level, levelWith, type SearchIndex } from "./search-index.ts";
import { every, filled, holdingOne, isNumeric, none } from "./table.ts";

/** Up to so many different values a number of them is exact, beyond it is about right. */
const EXACT_CARDINALITY = 3000;

/**
 * A field's buckets over the documents found, most frequent first; the numbers' statistics where it holds numbers. A
 * document counts once in a bucket, however many of its nested objects are in it. `missing`: whether there is a bucket of
 * documents without a value; `below`: fewer documents than that are masked.
 */
export const aggregation = (
  index: SearchIndex,
  field: string,
  found: Bits,
  { missing: includeMissing, below }: { readonly missing: boolean; readonly below: number },
) => {
  const level = levelWith(index, field);
  const { table } = level;
  const type = table.typeOf(field);
  const count = (bits: Bits): number => countOf(every(index.documents.table.size, [lifted(level, bits), found]));
  if (isNumeric(type)) return { stats: () => statistics(level, field, held(level, found)) };
  const refuse = (): void => {
    if (type === "text")
      throw new SqonError("illegal_argument_exception: Text fields are not optimised for aggregations");
  };
  const buckets = () => {
    refuse();
    const keys = [...table.texts(field).keys()].flatMap((key) => {
      const doc_count = count(holdingOne(table, field, [key]));
      return doc_count === 0 ? [] : [{ key: type === "boolean" ? (key === "true" ? "1" : "0") : key, doc_count }];
    });
    const missing = count(none(table.size, [filled(table, field)]));
    const all = [...keys, ...(includeMissing && missing > 0 ? [{ key: "__missing__", doc_count: missing }] : [])];
    return all
      .sort((a, b) => b.doc_count - a.doc_count || (a.key < b.key ? -1 : 1))
      .map(({ key, doc_count }) =>
        doc_count < below ? { key, doc_count: 1, relation: "gte" } : { key, doc_count, relation: "eq" },
      );
  };
  return {
    bucket_count: () => buckets().length,
    buckets: ({ max }: { readonly max?: number }) => buckets().slice(0, max),
    cardinality: () => {
      refuse();
      const { size } = table.texts(field);
      return size <= EXACT_CARDINALITY ? size : Math.round(size * 0.9997);
    },
  };
};

/** The documents that hold any of these objects. */
const lifted = (level: Level, objects: Bits): Bits =>
  level.outer === null ? objects : lifted(level.outer, level.holders(objects));

/** The objects that these documents hold. */
const held = (level: Level, documents: Bits): Bits =>
  level.outer === null ? documents : level.held(held(level.outer, documents));

const statistics = ({ table }: Level, field: string, found: Bits) => {
  const numbers = table.numbers(field);
  const values: number[] = [];
  numbers.rows.forEach((row, at) => {
    if (hasBit(found, row)) values.push(numbers.values[at]!);
  });
  const sum = values.reduce((a, b) => a + b, 0);
  const [min, max] = [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  const some = values.length > 0;
  return {
    count: values.length,
    min: some ? min : null,
    max: some ? max : null,
    avg: some ? sum / values.length : null,
    sum,
  };
};
