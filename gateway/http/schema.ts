import type { GraphQLSchema } from "graphql";
import { createSchema } from "graphql-yoga";
import { PUBLIC_SDL } from "../../schema/sdl.ts";
import { rememberRoots } from "./fast-path.ts";
import { type ResolveWith, resolvers } from "./resolvers.ts";

/** The schema that the gateway serves: PUBLIC_SDL with its resolvers. A field without one is the property of its name. */
export const gatewaySchema = (gateway: ResolveWith): GraphQLSchema => {
  const schema = createSchema({ typeDefs: PUBLIC_SDL, resolvers: resolvers(gateway) });
  rememberRoots(schema);
  return schema;
};
