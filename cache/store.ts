/**
 * Key-value store of bytes that several gateways share. It may be empty, slow, away, or return older contents: nothing read
 * from it decides which release is current. Methods reject while it is out of reach.
 */
export interface Store extends AsyncDisposable {
  /**
   * The value of a key, or on a miss its lock. `locked`: this token holds the lock for the next `lockMs`; a call with the same
   * token renews it. `older`: a value that stands under a name of before the last change of keys. `wait`: another token holds the
   * lock, for at most so many milliseconds.
   */
  readOrLock(key: StoreKey, token: string, lockMs: number): Promise<ValueOrLock>;
  /** The value of a key, also under an older name; null on a miss. */
  read(key: StoreKey): Promise<Uint8Array | null>;
  /** Stores a value and releases the lock. All bodies of one key are equal: a different one is rejected as a conflict, and counted. */
  commit(key: StoreKey, token: string, value: Uint8Array): Promise<"stored" | "conflict">;
  /** Releases the lock without a value. */
  unlock(key: StoreKey, token: string): Promise<void>;
  /** Deletes a key's value. */
  remove(key: StoreKey): Promise<void>;
  /**
   * Deletes the values of a group's editions other than those to keep. Takes long. A rejection leaves some values, which the
   * next sweep or their expiry deletes.
   */
  sweep(group: string, keep: (edition: string) => boolean): Promise<void>;
}

/** `group` and `question` choose the slot in a cluster, `edition` one of the values there. */
export type StoreKey = { readonly group: string; readonly question: string; readonly edition: string };

/** A name of its own for every key. */
export const nameOf = ({ group, question, edition }: StoreKey): string => JSON.stringify([group, edition, question]);

export type ValueOrLock =
  | { readonly value: Uint8Array }
  | { readonly locked: true; readonly older?: Uint8Array }
  | { readonly wait: number };

/** First bytes of a value, which tell whether two values of one key have equal bodies; all others may differ then. */
export const DIGEST_BYTES = 16;
