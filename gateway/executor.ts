import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema } from "graphql";
import type { SubgraphContext } from "../subgraphs/subgraph.ts";

/** One document to one bank. */
export type BankRequest = {
  readonly document: DocumentNode;
  readonly variables?: { readonly [name: string]: unknown };
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
};

/** Sends a document to one bank's subgraph. GraphQL errors are in the result; a transport that fails rejects. */
export type BankExecutor = (request: BankRequest) => Promise<ExecutionResult>;

/** The executor of a subgraph that runs in this process. The signal reaches its resolvers as `context.signal`. */
export const inProcess =
  (schema: GraphQLSchema): BankExecutor =>
  async ({ document, variables, signal }) =>
    execute({
      schema,
      document,
      ...(variables === undefined ? {} : { variableValues: variables }),
      contextValue: { signal } satisfies SubgraphContext,
    });
