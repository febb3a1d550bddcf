import type { DocumentNode, ExecutionResult } from "graphql";
import type { Asker } from "../askers/asker.ts";

/** One document to one bank. */
export type BankRequest = {
  readonly document: DocumentNode;
  readonly variables?: { readonly [name: string]: unknown };
  /** Aborts when the last asker has left. */
  readonly signal: AbortSignal;
  /** The bank's operator, as the gateway has judged, for what only an operator may do. A subgraph may judge the token too. */
  readonly operator?: Asker | undefined;
};

/** The transport to one bank's subgraph, wherever it runs. */
export type BankLink = AsyncDisposable & {
  /** Where the bank is, for messages: its id, or its addresses. */
  readonly at: string;
  /** The id that the bank must have; undefined: the one that its card says. */
  readonly id?: string;
  /** Whether the gateway's own ODAN_OPERATOR_TOKEN_FILE is good for the bank. Default: false. */
  readonly isHosted?: boolean;
  /** Sends one document. GraphQL errors are in the result; a transport that fails rejects with a BankError. */
  readonly execute: (request: BankRequest) => Promise<ExecutionResult>;
};
