import { type DocumentNode, type ExecutionResult, execute } from "graphql";
import type { Subgraph, SubgraphContext } from "../../subgraphs/serve/subgraph.ts";

/** One document to one bank. */
export type BankRequest = {
  readonly document: DocumentNode;
  readonly variables?: { readonly [name: string]: unknown };
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** The operator's token, with what only an operator may do. */
  readonly token?: string | undefined;
};

/** Sends a document to one bank's subgraph. GraphQL errors are in the result; a transport that fails rejects. */
export type BankExecutor = (request: BankRequest) => Promise<ExecutionResult>;

/** The way to one bank's subgraph, wherever it runs. */
export type BankLink = AsyncDisposable & {
  /** For people, as long as the bank has not said who it is: its id, or where it is. */
  readonly at: string;
  /** The id that the bank must have; undefined: the one that it says. */
  readonly id?: string;
  readonly execute: BankExecutor;
};

/** A subgraph that runs in this process. The signal reaches its resolvers as `context.signal`. */
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
