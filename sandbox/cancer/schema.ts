import { buildSchema, type GraphQLSchema } from "graphql";
import type { Bits } from "../bits.ts";
import { aggregation } from "./aggregations.ts";
import { find } from "./find.ts";
import { countOf, type SearchIndex } from "./search-index.ts";
import { isNumeric } from "./table.ts";

/** The release of the catalogue, and its date. */
export type CatalogueRelease = { readonly release: string; readonly date: string };

/** A catalogue that shows aggregations only: every total of hits is 0, and a bucket of fewer than `below` is at least 1. */
export type Hidden = { readonly below: number };

/** A schema generated from the indices, as Arranger does: per kind of documents `hits` and `aggregations`. */
export const schemaOf = (indices: readonly SearchIndex[]): GraphQLSchema => {
  const types = indices.map(({ name, fields }) => {
    const aggregations = Object.entries(fields).map(
      ([field, type]) => `${graphqlName(field)}: ${isNumeric(type) ? "NumericAggregations" : "Aggregations"}`,
    );
    return `
      type ${name} {
        hits(filters: JSON, first: Int, offset: Int, trackTotalHits: Boolean = true): ${name}Hits
        aggregations(
          filters: JSON
          include_missing: Boolean
          aggregations_filter_themselves: Boolean
        ): ${name}Aggregations
        configs: Configs
      }
      type ${name}Hits { total: Int! }
      type ${name}Aggregations { ${aggregations.join("\n")} }`;
  });
  return buildSchema(`
    scalar JSON
    type Query { catalogue: catalogue! ${indices.map(({ name }) => `${name}: ${name}`).join(" ")} }
    type catalogue { release: String! date: String! }
    type Configs { extended(fieldNames: [String]): JSON }
    type Aggregations { bucket_count: Int! buckets(max: Int): [Bucket!]! cardinality(precision_threshold: Int): Int! }
    type Bucket { key: String! doc_count: Int! relation: String! }
    type NumericAggregations { stats: Stats! }
    type Stats { count: Int! min: Float max: Float avg: Float sum: Float! }
    ${types.join("\n")}`);
};

/** What the schema's fields resolve to. */
export const rootOf = (indices: readonly SearchIndex[], release: CatalogueRelease, hidden: Hidden | undefined) => ({
  catalogue: release,
  ...Object.fromEntries(
    indices.map((index) => [
      index.name,
      {
        configs: {
          extended: ({ fieldNames }: { readonly fieldNames?: readonly string[] }) => typesOf(index, fieldNames),
        },
        hits: ({ filters }: Arguments) => ({ total: hidden === undefined ? countOf(found(index, filters)) : 0 }),
        aggregations: (given: Arguments) =>
          Object.fromEntries(
            Object.keys(index.fields).map((field) => [
              graphqlName(field),
              () => {
                const own = found(index, ownFilter(given, field));
                return aggregation(index, field, own, {
                  missing: given.include_missing ?? true,
                  below: hidden?.below ?? 0,
                });
              },
            ]),
          ),
      },
    ]),
  ),
});

/** The fields of an index and their types, those that hold others included. */
const typesOf = ({ fields, nested }: SearchIndex, only?: readonly string[]) => {
  const types = [...Object.entries(fields), ...[...nested.keys()].map((path) => [path, "nested"] as const)];
  const all = types.map(([fieldName, type]) => ({ fieldName, type, displayName: fieldName, isArray: false }));
  return only === undefined ? all : all.filter(({ fieldName }) => only.includes(fieldName));
};

type Arguments = {
  readonly filters?: unknown;
  readonly include_missing?: boolean;
  readonly aggregations_filter_themselves?: boolean;
};

const graphqlName = (field: string): string => field.replaceAll(".", "__");

const found = (index: SearchIndex, filters: unknown): Bits => find(index, filters ?? { op: "and", content: [] });

/** By default the buckets of a field ignore the conditions on that field. */
const ownFilter = ({ filters, aggregations_filter_themselves: themselves }: Arguments, field: string): unknown =>
  themselves === true ? filters : without(filters, field);

const without = (node: unknown, field: string): unknown => {
  const { content } = (node ?? {}) as { readonly content?: unknown };
  if (!Array.isArray(content)) return node;
  const isOwn = (part: unknown): boolean =>
    (part as { content?: { fieldName?: unknown } } | null)?.content?.fieldName === field;
  return { ...(node as object), content: content.filter((part) => !isOwn(part)).map((part) => without(part, field)) };
};
