import { LRUCache } from "lru-cache";
import type { Entry } from "./seal.ts";
import { type Load, type SharedLevelOptions, sharedLevel } from "./shared-level.ts";
import { nameOf, type Store, type StoreKey } from "./store.ts";

/** See createAnswers. */
export type Answers = ReturnType<typeof createAnswers>;

export type AnswersOptions = Omit<SharedLevelOptions, "store" | "lockMs"> & {
  /** Bytes that the memory level may take. */
  readonly maxBytes: number;
  /** The level that gateways share; default: none. */
  readonly shared?: Store;
  /** Lifetime of the fill lock in ms, default 3000. Its holder renews it every third of that; if it stops, another gateway takes over. */
  readonly lockMs?: number;
};

/** Longer than a gateway is ever too busy to renew a lock: else each of the others would ask the bank too. */
const LOCK_MS = 3000;

/** Cache of answers in two levels, memory and a shared store. An entry never becomes false, so none is ever invalidated. */
export const createAnswers = ({ maxBytes, shared: store, lockMs = LOCK_MS, ...rest }: AnswersOptions) => {
  const memory = new LRUCache<string, Kept>({ maxSize: maxBytes, sizeCalculation: sizeOf });
  const flights = new Map<string, Flight>();
  const shared = store && sharedLevel({ store, lockMs, ...rest });

  const takeOff = (key: StoreKey, load: Load): Flight => {
    const name = nameOf(key);
    const flight = startFlight((stop) => (shared === undefined ? load(stop) : shared.get(key, load, stop)));
    flights.set(name, flight);
    flight.outcome
      .then((entry) => entry !== null && memory.set(name, { key, entry }))
      .catch(() => undefined)
      .finally(() => flights.get(name) === flight && flights.delete(name));
    return flight;
  };

  return {
    /**
     * The entry of a key: from memory, from the shared store, or by `load`, which runs once for all concurrent callers. Null where
     * `load` returns null. Rejects as `load` does, and with the signal's reason when this caller leaves; `load` is aborted when
     * the last of them has left.
     */
    async get(key: StoreKey, load: Load, signal: AbortSignal): Promise<Entry | null> {
      signal.throwIfAborted();
      const name = nameOf(key);
      const kept = memory.get(name);
      if (kept !== undefined) return kept.entry;
      const running = flights.get(name);
      const flight = running === undefined || running.isAbandoned() ? takeOff(key, load) : running;
      return flight.join(signal);
    },
    /** The cached entry of a key; null on a cache miss. */
    async peek(key: StoreKey): Promise<Entry | null> {
      const kept = memory.get(nameOf(key));
      if (kept !== undefined || shared === undefined) return kept?.entry ?? null;
      const entry = await shared.peek(key);
      if (entry !== null) memory.set(nameOf(key), { key, entry });
      return entry;
    },
    /** Deletes the entries of a group's withdrawn editions: they are out of use by their key, and withdrawn data must not linger. */
    forget(group: string, keep: (edition: string) => boolean): void {
      for (const [name, { key }] of memory.entries()) {
        if (key.group === group && !keep(key.edition)) memory.delete(name);
      }
      store?.sweep(group, keep).catch(() => undefined);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      memory.clear();
      await store?.[Symbol.asyncDispose]();
    },
  };
};

type Kept = { readonly key: StoreKey; readonly entry: Entry };

/** Bytes. The name is kept twice, with two for each character, which is the most that a string takes. */
const sizeOf = ({ entry }: Kept, name: string): number => entry.size + 4 * name.length + 200;

/** Single flight: one call that any number of callers wait for. */
type Flight = {
  readonly outcome: Promise<Entry | null>;
  /** Waits for the outcome. Rejects with the signal's reason when this caller leaves. */
  readonly join: (signal: AbortSignal) => Promise<Entry | null>;
  /** All callers have left, and the call was aborted. */
  readonly isAbandoned: () => boolean;
};

const startFlight = (start: (stop: AbortSignal) => Promise<Entry | null>): Flight => {
  const stop = new AbortController();
  const outcome = start(stop.signal);
  let waiting = 0;
  return {
    outcome,
    isAbandoned: () => stop.signal.aborted,
    join: (signal) =>
      new Promise((resolve, reject) => {
        waiting += 1;
        const leave = (): void => {
          waiting -= 1;
          if (waiting === 0) stop.abort(signal.reason);
          reject(signal.reason);
        };
        signal.addEventListener("abort", leave, { once: true });
        const stay = (): void => signal.removeEventListener("abort", leave);
        outcome.finally(stay).then(resolve, reject);
      }),
  };
};
