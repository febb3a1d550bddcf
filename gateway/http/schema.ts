import { stitchSchemas, ValidationLevel } from "@graphql-tools/stitch";
import { FilterRootFields } from "@graphql-tools/wrap";
import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from "graphql";
import { PUBLIC_SDL } from "../../schema/sdl.ts";
import { contract } from "../banks/contract.ts";
import type { GatewayContext } from "../context.ts";
import { rememberRoots } from "./fast-path.ts";
import { type ResolveWith, resolvers } from "./resolvers.ts";

/**
 * The schema that the gateway serves: the banks' contract without its root fields, stitched with the public one. A bank is
 * one subschema among equals, and an object remembers which one it came from; so there is no type merging on Bank, which
 * could fill one bank's fields from another.
 */
export const gatewaySchema = (gateway: ResolveWith): GraphQLSchema => {
  const own = resolvers(gateway);
  const schema = stitchSchemas({
    subschemas: [
      {
        name: "contract",
        schema: contract,
        executor: () => {
          throw new Error("The contract itself answers nothing");
        },
        transforms: [new FilterRootFields<GatewayContext>(() => false)],
      },
    ],
    typeDefs: PUBLIC_SDL,
    resolvers: own,
    typeMergingOptions: {
      validationSettings: { validationLevel: ValidationLevel.Error, strictNullComparison: true },
    },
  });
  readPlainly(schema, own);
  rememberRoots(schema);
  return schema;
};

type FieldResolver = GraphQLFieldResolver<unknown, unknown>;
type FieldResolvers = { readonly resolve?: FieldResolver; readonly subscribe?: FieldResolver };
type Resolvers = { readonly [type: string]: { readonly [field: string]: unknown } };

/**
 * Stitching wraps every field so that it can read what was delegated, under its alias. Types that no bank serves never
 * are: their fields are read as the plain data that they are, which costs a fraction.
 */
const readPlainly = (schema: GraphQLSchema, own: Resolvers): void => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__") || contract.getType(type.name) !== undefined) continue;
    for (const [name, field] of Object.entries(type.getFields())) {
      const given = own[type.name]?.[name] as FieldResolver | FieldResolvers | undefined;
      const { resolve, subscribe }: FieldResolvers = typeof given === "function" ? { resolve: given } : (given ?? {});
      if (resolve === undefined) delete field.resolve;
      else field.resolve = resolve;
      if (subscribe !== undefined) field.subscribe = subscribe;
    }
  }
};
