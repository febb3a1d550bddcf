import { execute } from "graphql";
import type { BankLink } from "../../gateway/banks/link.ts";
import type { Subgraph, SubgraphContext } from "../../subgraphs/serve/subgraph.ts";

/** A link to a subgraph that runs in this process. The signal reaches its resolvers as `context.signal`. */
export const inProcess = ({ id, schema, ...subgraph }: Subgraph): BankLink => ({
  at: id,
  id,
  isHosted: true,
  execute: async ({ document, variables, signal, operator }) =>
    execute({
      schema,
      document,
      ...(variables === undefined ? {} : { variableValues: variables }),
      contextValue: { signal, operator: operator !== undefined } satisfies SubgraphContext,
    }),
  [Symbol.asyncDispose]: () => subgraph[Symbol.asyncDispose](),
});
