import { asObject } from "../../net/http/json-client.ts";
import { parseCount } from "../kit/parse-count.ts";
import type { Range } from "../local.ts";

/**
 * What of an answer is the number of documents: its `hits`, or the buckets of a field of one value in a catalogue that
 * hides its hits ("aggregations only"). There every total of hits is 0, whatever is found.
 */
export type CountedBy = {
  readonly name: "hits" | "aggregations";
  /** The GraphQL selection: of the count of this alias, whose filter is the variable of its name, or of all documents. */
  readonly select: (alias?: string) => string;
  /** @throws {BankError} */
  readonly read: (bank: string, index: string, value: unknown) => Range;
};

/** By the total of hits. */
export const BY_HITS: CountedBy = {
  name: "hits",
  select: (alias) =>
    alias === undefined ? "hits(first: 0) { total }" : `${alias}: hits(filters: $${alias}, first: 0) { total }`,
  read(bank, index, value) {
    const total = parseCount(bank, `${index}.hits.total`, asObject(value)?.["total"]);
    return { min: total, max: total };
  },
};

/**
 * By the buckets of a field that each document has at most one value of. A catalogue that masks small numbers says of a bucket
 * that it is `gte` its number; `tellsMasked`: whether its schema has a place for that.
 */
export const byBuckets = (path: string, tellsMasked: boolean): CountedBy => {
  const name = path.replaceAll(".", "__");
  const buckets = `{ ${name} { buckets { doc_count${tellsMasked ? " relation" : ""} } } }`;
  return {
    name: "aggregations",
    select: (alias) => {
      const filters = alias === undefined ? "" : `filters: $${alias}, `;
      const named = alias === undefined ? "" : `${alias}: `;
      return `${named}aggregations(${filters}aggregations_filter_themselves: true, include_missing: true) ${buckets}`;
    },
    read(bank, index, value) {
      const found = asObject(asObject(value)?.[name])?.["buckets"];
      const counts = Array.isArray(found) ? found : [undefined];
      const numbers = counts.map((each) =>
        parseCount(bank, `${index}.${name}.doc_count`, asObject(each)?.["doc_count"]),
      );
      const min = numbers.reduce((sum, each) => sum + each, 0);
      return { min, max: counts.some((each) => (asObject(each)?.["relation"] ?? "eq") !== "eq") ? null : min };
    },
  };
};
