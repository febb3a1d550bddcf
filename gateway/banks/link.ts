import type { DocumentNode, ExecutionResult } from "graphql";

/** One document to one bank. */
export type BankRequest = {
  readonly document: DocumentNode;
  readonly variables?: { readonly [name: string]: unknown };
  /** Aborts when the last asker has left. */
  readonly signal: AbortSignal;
  /** The operator's token, for what only an operator may do: the subgraph may judge it too. */
  readonly token?: string | undefined;
  /** The gateway's word that an operator of this very bank asks. Default: false. */
  readonly operator?: boolean;
};

/** The transport to one bank's subgraph, wherever it runs. */
export type BankLink = AsyncDisposable & {
  /** Where the bank is, for messages: its id, or its addresses. */
  readonly at: string;
  /** The id that the bank must have; undefined: the one that its card says. */
  readonly id?: string;
  /** Sends one document. GraphQL errors are in the result; a transport that fails rejects with a BankError. */
  readonly execute: (request: BankRequest) => Promise<ExecutionResult>;
};
