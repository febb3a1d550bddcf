import { type Bits, eachBit } from "../bits.ts";
import { countOf, isWithin, type SearchIndex } from "./search-index.ts";
import { every, holdingOne, lacking, none } from "./table.ts";

/**
 * A field's buckets over the documents found, most frequent first; the numbers' statistics where it holds numbers. A
 * document counts once in a bucket, however many of its nested objects are in it.
 */
export const aggregation = (index: SearchIndex, field: string, found: Bits, includeMissing: boolean) => {
  const { documents, nested } = index;
  const inside = nested !== null && isWithin(nested.path, field) ? nested : null;
  const table = inside === null ? documents : inside.objects;
  const lifted = (bits: Bits): Bits => (inside === null ? bits : inside.holders(bits));
  const count = (bits: Bits): number => countOf(every(documents.size, [lifted(bits), found]));
  const numbers = table.numbers(field);
  if (numbers !== undefined) return { stats: () => statistics(numbers, inside === null ? found : inside.held(found)) };
  const keys = [...table.texts(field).keys()].flatMap((key) => {
    const doc_count = count(holdingOne(table, field, [key]));
    return doc_count === 0 ? [] : [{ key, doc_count }];
  });
  const unfilled =
    inside === null ? lacking(table, field) : none(documents.size, [lifted(none(table.size, [lacking(table, field)]))]);
  const missing = countOf(every(documents.size, [unfilled, found]));
  const buckets = [
    ...keys,
    ...(includeMissing && missing > 0 ? [{ key: "__missing__", doc_count: missing }] : []),
  ].sort((a, b) => b.doc_count - a.doc_count || (a.key < b.key ? -1 : 1));
  return {
    bucket_count: buckets.length,
    buckets: ({ max }: { readonly max?: number }) => buckets.slice(0, max),
    cardinality: keys.length,
  };
};

const statistics = (numbers: Float64Array, found: Bits) => {
  const values: number[] = [];
  eachBit(found, (row) => {
    const number = numbers[row]!;
    if (!Number.isNaN(number)) values.push(number);
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
