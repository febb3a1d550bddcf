import type { SecretSource } from "../net/secrets.ts";
import type { BankError } from "../schema/bank-error.ts";
import type { Capabilities, LocalCounts, LocalQuestion, Release } from "./local.ts";

/** One bank's local API behind one face. It only translates and asks: it never caches, retries, hides or rounds. */
export interface Adapter extends AsyncDisposable {
  /** What the local API can evaluate. Constant for the adapter's life. */
  readonly capabilities: Capabilities;
  /**
   * The release whose codes `capabilities` lists: for another one it has to be opened anew, since a code that is not listed
   * counts as not recorded. Absent: the capabilities do not depend on the data.
   */
  readonly opened?: Release;
  /** The data release that the bank serves now. Cheap. @throws {BankError} */
  release(signal: AbortSignal): Promise<Release>;
  /**
   * Counts donors and samples for each local question, from exactly the release `asOf` or not at all (BANK_GONE).
   * One outcome per question, same order and length; a question that fails is a BankError in its slot, and one that the
   * local API cannot evaluate is BANK_UNSUPPORTED. An unknown count is an error, never 0.
   * When the signal aborts, rejects with signal.reason.
   */
  count(
    questions: readonly LocalQuestion[],
    asOf: Release,
    signal: AbortSignal,
  ): Promise<readonly (LocalCounts | BankError)[]>;
}

/** What an adapter gets beside its own section of bank.yaml: the bank's id, its folder, and the environment. */
export type AdapterContext = SecretSource;
