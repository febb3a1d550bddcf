import { execute } from "graphql";
import type { BankLink } from "../../gateway/banks/link.ts";
import type { Subgraph, SubgraphContext } from "../../subgraphs/serve/subgraph.ts";

/** A link to a subgraph that runs in this process. The signal reaches its resolvers as `context.signal`. */
export const inProcess = (
  { id, schema, ...subgraph }: Subgraph,
  isToken: (token: string) => boolean = () => false,
): BankLink => ({
  at: id,
  id,
  execute: async ({ document, variables, signal, token }) =>
    execute({
      schema,
      document,
      ...(variables === undefined ? {} : { variableValues: variables }),
      contextValue: { signal, operator: token !== undefined && isToken(token) } satisfies SubgraphContext,
    }),
  [Symbol.asyncDispose]: () => subgraph[Symbol.asyncDispose](),
});
