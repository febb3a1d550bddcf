/**
 * Bytes that several gateways share, under keys that mean one thing for ever. It may be empty, slow, away, or bring back
 * what it held earlier: nothing that is read from it decides which release is current. Out of reach, its methods reject.
 */
export interface Store extends AsyncDisposable {
  /**
   * The value of a key, or else who fills it. `fill`: this token does, for the next `holdMs`; asked again with the same
   * token it holds on for as long again. `wait`: another does, for at most so many milliseconds.
   */
  begin(key: StoreKey, token: string, holdMs: number): Promise<Begun>;
  /** The value of a key, and nothing else happens. */
  read(key: StoreKey): Promise<Uint8Array | null>;
  /** Keeps a value and lets go of the token. Bodies of one key are equal for ever: another one is kept out and counted. */
  commit(key: StoreKey, token: string, value: Uint8Array): Promise<"stored" | "conflict">;
  /** Lets go of the token without a value, so that others need not wait. */
  abandon(key: StoreKey, token: string): Promise<void>;
  /** Drops a key's value whatever it is. */
  remove(key: StoreKey): Promise<void>;
  /**
   * Drops the values of a group's editions that are not to be kept. Nobody asks for them any more: they go so that what was
   * withdrawn does not lie about. May take long; what it rejects with leaves some of them to be swept again or to expire.
   */
  sweep(group: string, keep: (edition: string) => boolean): Promise<void>;
}

/** `group` and `question` name a place of their own in a cluster; `edition` names one of the values there. */
export type StoreKey = { readonly group: string; readonly question: string; readonly edition: string };

/** Two keys that differ in anything have different names. */
export const nameOf = ({ group, question, edition }: StoreKey): string => JSON.stringify([group, edition, question]);

export type Begun = { readonly value: Uint8Array } | { readonly fill: true } | { readonly wait: number };

/** Bytes of a value that are not its body: two values with equal bodies are no conflict, whatever these say. */
export const HEAD_BYTES = 36;
