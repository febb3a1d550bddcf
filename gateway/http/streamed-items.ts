import { MapperKind, mapSchema } from "@graphql-tools/utils";
import {
  GraphQLList,
  GraphQLNonNull,
  type GraphQLOutputType,
  type GraphQLSchema,
  isListType,
  isNonNullType,
} from "graphql";
import type { Plugin } from "graphql-yoga";
import { isIncremental } from "../search/incremental.ts";

/**
 * Lets an item of a streamed list fail alone. By the types of the schema the whole list would become null: the executor then
 * drops the parts that have failed, their errors too, and where all have failed the stream never ends.
 */
export const useStreamedItems = (): Plugin => {
  const schemas = new WeakMap<GraphQLSchema, GraphQLSchema>();
  return {
    onExecute({ args }) {
      if (!isIncremental(args.document)) return;
      const { schema } = args;
      const lenient = schemas.get(schema) ?? withNullableItems(schema);
      schemas.set(schema, lenient);
      args.schema = lenient;
    },
  };
};

/** A part of an answer in which a streamed item has failed, as the specification writes it: its items are null. */
export const failedItem = <Part extends { readonly items?: readonly unknown[] | null }>(part: Part): Part =>
  part.items?.[0] === null ? { ...part, items: null } : part;

const withNullableItems = (schema: GraphQLSchema): GraphQLSchema =>
  mapSchema(schema, { [MapperKind.OBJECT_FIELD]: (field) => ({ ...field, type: nullableItems(field.type) }) });

const nullableItems = (type: GraphQLOutputType): GraphQLOutputType => {
  if (isNonNullType(type)) return isListType(type.ofType) ? new GraphQLNonNull(listOf(type.ofType)) : type;
  return isListType(type) ? listOf(type) : type;
};

const listOf = ({ ofType: item }: GraphQLList<GraphQLOutputType>): GraphQLList<GraphQLOutputType> =>
  new GraphQLList(isNonNullType(item) ? item.ofType : item);
