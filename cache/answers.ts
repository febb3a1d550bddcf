import { randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Clock } from "../net/clock.ts";
import type { Entry, Seal } from "./seal.ts";
import { nameOf, type Store, type StoreKey } from "./store.ts";

/** What remembers answers. Its entries never become false, so nothing ever has to be taken out of it. */
export type Answers = AsyncDisposable & {
  /**
   * The entry of a key: from memory, from the shared store, or by `fill`, which runs once however many ask. Null where
   * `fill` has nothing to keep. Rejects as `fill` does, and with the signal's reason when this asker leaves; `fill` is told
   * to stop when all of them have.
   */
  readonly get: (key: StoreKey, fill: Fill, signal: AbortSignal) => Promise<Entry | null>;
  /** The entry of a key where it is at hand: nobody is asked to fill it. */
  readonly peek: (key: StoreKey) => Promise<Entry | null>;
  /** Drops what is kept of a group's editions that were withdrawn. Nobody asks for them any more: they are not to lie about. */
  readonly forget: (group: string, keep: (edition: string) => boolean) => void;
};

/** Null: there is nothing under this key. */
export type Fill = (signal: AbortSignal) => Promise<Entry | null>;

/** Something that must not happen, for the operator's log. */
export type Alarm = (what: "forged" | "conflict", key: StoreKey) => void;

export type AnswersOptions = {
  readonly clock: Clock;
  /** Bytes that the memory level may take. */
  readonly maxBytes: number;
  /** The level that gateways share; absent, memory is all there is. */
  readonly shared?: Store;
  readonly seal: Seal;
  readonly alarm: Alarm;
  /** How long one who fills may be silent before another takes over; default 3000. He says that he still does thrice as often. */
  readonly holdMs?: number;
};

/** Longer than a gateway is ever busy with the askers of one question: else each of the others asks the bank too. */
const HOLD_MS = 3000;

/** How often the others look whether he is done. */
const LOOK_MS = 25;

/** @see Answers */
export const createAnswers = ({ clock, maxBytes, shared, seal, alarm, holdMs = HOLD_MS }: AnswersOptions): Answers => {
  const memory = new LRUCache<string, Kept>({ maxSize: maxBytes, sizeCalculation: sizeOf });
  const flights = new Map<string, Flight>();

  const fromShared = async (key: StoreKey, value: Uint8Array): Promise<Entry | null> => {
    const entry = seal.open(key, value);
    if (entry === null) {
      alarm("forged", key);
      await shared?.remove(key).catch(() => undefined);
    }
    return entry;
  };

  /** Asks the shared store until it has the entry or lets this gateway fill it. A store out of reach lets everybody fill. */
  const turn = async (
    store: Store,
    key: StoreKey,
    token: string,
    signal: AbortSignal,
  ): Promise<Entry | "fill" | "alone"> => {
    for (let forged = 0; forged < 2; ) {
      const begun = await store.begin(key, token, holdMs).catch(() => null);
      if (begun === null) return "alone";
      if ("fill" in begun) return "fill";
      if ("value" in begun) {
        const entry = await fromShared(key, begun.value);
        if (entry !== null) return entry;
        forged += 1;
      }
      // mutant: one-fill
      if ("wait" in begun) await clock.sleep(Math.max(1, Math.min(LOOK_MS, begun.wait)), signal);
    }
    return "alone";
  };

  /** Says again and again that this gateway still fills, until told to stop. */
  const holding = (store: Store, key: StoreKey, token: string): (() => void) => {
    const done = new AbortController();
    const renew = async (): Promise<void> => {
      while (!done.signal.aborted) {
        await clock.sleep(holdMs / 3, done.signal);
        await store.begin(key, token, holdMs).catch(() => undefined);
      }
    };
    renew().catch(() => undefined);
    return () => done.abort();
  };

  const load = async (key: StoreKey, fill: Fill, signal: AbortSignal): Promise<Entry | null> => {
    if (shared === undefined) return fill(signal);
    const token = randomUUID();
    const mine = await turn(shared, key, token, signal);
    if (typeof mine === "object") return mine;
    const stop = mine === "fill" ? holding(shared, key, token) : (): void => undefined;
    try {
      const entry = await fill(signal);
      if (entry === null) void shared.abandon(key, token).catch(() => undefined);
      else {
        // The asker need not wait for others to be served. Nor need they wait for one who went on alone: the store may have
        // heard him, and only its answer came too late.
        shared.commit(key, token, seal.close(key, entry)).then(
          (kept) => kept === "conflict" && alarm("conflict", key),
          () => undefined,
        );
      }
      return entry;
    } catch (error) {
      void shared.abandon(key, token).catch(() => undefined);
      throw error;
    } finally {
      stop();
    }
  };

  return {
    async get(key, fill, signal) {
      signal.throwIfAborted();
      const name = nameOf(key);
      const held = memory.get(name);
      if (held !== undefined) return held.entry;
      let flight = flights.get(name);
      if (flight === undefined || flight.left()) {
        const mine = takeOff((stop) => load(key, fill, stop));
        flights.set(name, mine);
        mine.landed
          .then((entry) => entry !== null && memory.set(name, { key, entry }))
          .catch(() => undefined)
          .finally(() => flights.get(name) === mine && flights.delete(name));
        flight = mine;
      }
      return flight.join(signal);
    },
    async peek(key) {
      const held = memory.get(nameOf(key));
      if (held !== undefined || shared === undefined) return held?.entry ?? null;
      const value = await shared.read(key).catch(() => null);
      if (value === null) return null;
      const entry = await fromShared(key, value);
      if (entry !== null) memory.set(nameOf(key), { key, entry });
      return entry;
    },
    forget(group, keep) {
      for (const [name, { key }] of memory.entries()) {
        if (key.group === group && !keep(key.edition)) memory.delete(name);
      }
      shared?.sweep(group, keep).catch(() => undefined);
    },
    async [Symbol.asyncDispose]() {
      memory.clear();
      await shared?.[Symbol.asyncDispose]();
    },
  };
};

type Kept = { readonly key: StoreKey; readonly entry: Entry };

/** One call that many wait for. */
type Flight = {
  readonly landed: Promise<Entry | null>;
  readonly join: (signal: AbortSignal) => Promise<Entry | null>;
  /** Everybody has gone, and the call was told to stop. */
  readonly left: () => boolean;
};

const takeOff = (start: (stop: AbortSignal) => Promise<Entry | null>): Flight => {
  const stop = new AbortController();
  const landed = start(stop.signal);
  let waiting = 0;
  return {
    landed,
    left: () => stop.signal.aborted,
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
        landed.finally(stay).then(resolve, reject);
      }),
  };
};

/** Bytes. The name is kept twice, with two for each character, which is the most that a string takes. */
const sizeOf = ({ entry }: Kept, name: string): number => entry.size + 4 * name.length + 200;
