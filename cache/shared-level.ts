import { randomUUID } from "node:crypto";
import type { Clock } from "../net/clock.ts";
import type { Entry, Seal } from "./seal.ts";
import type { Store, StoreKey } from "./store.ts";

/** Loads what the cache lacks. Null: there is nothing to keep under this key. */
export type Load = (signal: AbortSignal) => Promise<Entry | null>;

/** Reports an entry with a wrong seal, or two different entries of one key, to the operator's log. */
export type Alarm = (what: "forged" | "conflict", key: StoreKey) => void;

export type SharedLevelOptions = {
  readonly clock: Clock;
  readonly store: Store;
  readonly seal: Seal;
  readonly alarm: Alarm;
  /** Lifetime of a lock in ms, from its last renewal. */
  readonly lockMs: number;
};

/** Longest sleep in ms between two looks at whether the holder of a lock is done. */
const LOOK_MS = 25;

/** The level of the cache that gateways share: sealed entries in a store, where one gateway loads an entry for all. */
export const sharedLevel = ({ clock, store, seal, alarm, lockMs }: SharedLevelOptions) => {
  const unsealed = async (key: StoreKey, value: Uint8Array): Promise<Entry | null> => {
    const entry = seal.open(key, value);
    if (entry === null) {
      alarm("forged", key);
      await store.remove(key).catch(() => undefined);
    }
    return entry;
  };

  /** Stores an entry in the background: the asker need not wait for other gateways to be served. */
  const commit = (key: StoreKey, token: string, entry: Entry): void => {
    store.commit(key, token, seal.close(key, entry)).then(
      (kept) => kept === "conflict" && alarm("conflict", key),
      () => undefined,
    );
  };

  /** Stores an entry that stood under an older name under the new one, which releases the lock. */
  const underLock = (key: StoreKey, token: string, older: Uint8Array | undefined): Entry | "locked" => {
    const entry = older === undefined ? null : seal.open(key, older);
    if (entry === null) return "locked";
    commit(key, token, entry);
    return entry;
  };

  /** Waits for the entry or for the key's lock. `alone`: the store is away, or holds a forged entry again. */
  const entryOrLock = async (
    key: StoreKey,
    token: string,
    signal: AbortSignal,
  ): Promise<Entry | "locked" | "alone"> => {
    for (let forged = 0; forged < 2; ) {
      const begun = await store.readOrLock(key, token, lockMs).catch(() => null);
      if (begun === null) return "alone";
      if ("locked" in begun) return underLock(key, token, begun.older);
      if ("value" in begun) {
        const entry = await unsealed(key, begun.value);
        if (entry !== null) return entry;
        forged += 1;
      }
      // mutant: one-fill
      if ("wait" in begun) await clock.sleep(Math.max(1, Math.min(LOOK_MS, begun.wait)), signal);
    }
    return "alone";
  };

  return {
    /** The entry of a key: from the store, or by `load` under the key's lock. Falls back to `load` alone where the store is away. */
    async get(key: StoreKey, load: Load, signal: AbortSignal): Promise<Entry | null> {
      const token = randomUUID();
      const found = await entryOrLock(key, token, signal);
      if (typeof found === "object") return found;
      const release = found === "locked" ? keepLocked({ clock, store, lockMs }, key, token) : () => undefined;
      try {
        const entry = await load(signal);
        // Also when alone: the store may have granted the lock, and only its reply came too late.
        if (entry === null) void store.unlock(key, token).catch(() => undefined);
        else commit(key, token, entry);
        return entry;
      } catch (error) {
        void store.unlock(key, token).catch(() => undefined);
        throw error;
      } finally {
        release();
      }
    },
    /** The entry of a key; null on a cache miss, and where the store is away. */
    async peek(key: StoreKey): Promise<Entry | null> {
      const value = await store.read(key).catch(() => null);
      return value && unsealed(key, value);
    },
  };
};

/** Renews a lock until the returned function is called. */
const keepLocked = (
  { clock, store, lockMs }: Pick<SharedLevelOptions, "clock" | "store" | "lockMs">,
  key: StoreKey,
  token: string,
): (() => void) => {
  const done = new AbortController();
  const renew = async (): Promise<void> => {
    while (!done.signal.aborted) {
      await clock.sleep(lockMs / 3, done.signal);
      await store.readOrLock(key, token, lockMs).catch(() => undefined);
    }
  };
  renew().catch(() => undefined);
  return () => done.abort();
};
