import { stitchSchemas, ValidationLevel } from "@graphql-tools/stitch";
import { FilterRootFields } from "@graphql-tools/wrap";
import type { GraphQLSchema } from "graphql";
import { PUBLIC_SDL } from "../schema/sdl.ts";
import type { GatewayContext } from "./context.ts";
import { contract } from "./contract.ts";
import { type ResolveWith, resolvers } from "./resolvers.ts";

/**
 * The schema that the gateway serves: the banks' contract without its root fields, stitched with the public one. A bank is
 * one subschema among equals, and an object remembers which one it came from; so there is no type merging on Bank, which
 * could fill one bank's fields from another.
 */
export const gatewaySchema = (gateway: ResolveWith): GraphQLSchema =>
  stitchSchemas({
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
    resolvers: resolvers(gateway),
    typeMergingOptions: {
      validationSettings: { validationLevel: ValidationLevel.Error, strictNullComparison: true },
    },
  });
