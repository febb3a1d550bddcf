import type { Environment } from "../../mapping/variables.ts";

/** What a bank thread is started with: the banks that it hosts, and what opening them needs. Plain data: it is cloned. */
export type ThreadData = {
  /** Paths of bank.yaml files. A bank is named by its place among them. */
  readonly files: readonly string[];
  /** For the references in bank.yaml. */
  readonly env: Environment;
  readonly leaseMs: number;
  /** Folder of the banks' release states. */
  readonly stateFolder: string;
  /** Whether an earlier thread of these banks may have given leases. */
  readonly leasesMayBeOut: boolean;
};

/** One document to one bank. */
export type Ask = {
  readonly bank: number;
  /** The text of the document. */
  readonly document: string;
  readonly variables: { readonly [name: string]: unknown };
  /** Whether the bank's operator asks. */
  readonly operator: boolean;
};

/** What the gateway says to a bank thread. `id` names a request, which gets one answer. */
export type ToThread =
  | ({ readonly kind: "ask"; readonly id: number } & Ask)
  /** Nobody waits any more for what this request asked. It is answered all the same. */
  | { readonly kind: "abort"; readonly id: number }
  /** Wants any answer: a thread that is too busy for it hangs. */
  | { readonly kind: "ping"; readonly id: number }
  /** Closes all banks, then answers. */
  | { readonly kind: "close"; readonly id: number };

/** What a bank thread says to the gateway. */
export type FromThread =
  /** All banks are open. `ids`: of each of them, in the order of `files`. */
  | { readonly kind: "ready"; readonly ids: readonly string[] }
  /** A bank.yaml cannot be used: what a BankYamlError is made of. The thread hosts nothing. */
  | { readonly kind: "refused"; readonly file: string; readonly findings: readonly string[] }
  /**
   * `json`: for "ask" the execution result as it would come over HTTP, else null. It is one text because copying that and
   * parsing it takes less time than cloning the objects.
   */
  | { readonly kind: "answer"; readonly id: number; readonly json: string }
  /** A bug of a subgraph, for the log. `bank`: its id; null where it is not known. */
  | { readonly kind: "fault"; readonly bank: string | null; readonly error: LoggedError };

/** What the log shows of an error. */
export type LoggedError = { readonly message: string; readonly stack: string };
