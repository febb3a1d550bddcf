import type { GraphQLSchema } from "graphql";
import { createSchema } from "graphql-yoga";
import { PUBLIC_SDL } from "../../schema/sdl.ts";
import type { Federation } from "../search/search.ts";
import { reuseRoots } from "./fast-path/execute.ts";
import { paced } from "./paced-lists.ts";
import { resolvers } from "./resolvers.ts";

/** The schema that the gateway serves: PUBLIC_SDL with its resolvers. A field without one is the property of its name. */
export const gatewaySchema = (federation: Federation): GraphQLSchema =>
  reuseRoots(createSchema({ typeDefs: PUBLIC_SDL, resolvers: resolvers(federation) }), paced);
