import path from "node:path";
import type { Logger } from "pino";
import { every } from "../../net/every.ts";
import type { KeyRing } from "../secrets/keys.ts";
import type { Config } from "../settings/config.ts";
import { diskCopy } from "./disk.ts";
import { type StateEntry, signLines } from "./entry.ts";
import { createReplica } from "./replica.ts";
import { stateReports } from "./reports.ts";

/**
 * What must not be lost and never goes back: tokens and their revocations. Each process has a copy in memory and one on its disk;
 * several machines share a Redis besides. Of two copies of an entry the newer one counts, wherever it is, and replaces the older.
 */
export type StateStore = AsyncDisposable & {
  /** The values of one kind by name, never older than 2 s while the store is within reach. The map changes with the state. */
  readonly entries: (kind: string) => ReadonlyMap<string, unknown>;
  /**
   * Writes a value, plain JSON; null removes it. Resolves when it is on disk and every gateway that is up has heard of it. A
   * removed entry stays as a mark of its number, so that no older copy brings it back.
   * @throws {StateAway} where it may not have been written, {RangeError} for a name or value that is too long
   */
  readonly write: (kind: string, name: string, value: unknown, options?: WriteOptions) => Promise<void>;
  readonly status: () => StateStatus;
};

export type WriteOptions = {
  /** When the entry is of no more use to anybody, such as a token that has expired. Default: never. The mark of a removal lasts as long. */
  readonly until?: Date;
};

export type StateStatus = {
  readonly kind: "FILE" | "REDIS";
  /** CURRENT: read within the last seconds. OLD: the store is away, and the last copy serves. NONE: it is, and there is no copy. */
  readonly copy: "CURRENT" | "OLD" | "NONE";
};

/** The store is out of reach. `keptHere`: the processes of this machine that share ODAN_DATA heed the write already. */
export class StateAway extends Error {
  override readonly name = "StateAway";
  readonly keptHere: boolean;

  constructor(keptHere: boolean, cause: unknown) {
    const outcome = keptHere
      ? "this machine heeds the change, and passes it on when the store is back"
      : "the change may not have been made. Try again";
    super(`The state store is out of reach: ${outcome}. (${cause instanceof Error ? cause.message : cause})`, {
      cause,
    });
    this.keptHere = keptHere;
  }
}

/** Time in ms between two looks at whether another process has changed the state. */
const LOOK_MS = 500;

/** Characters of a name, and of a value's JSON. */
const NAME_LENGTH = 200;
const VALUE_LENGTH = 65_536;

/**
 * Opens the state: in ODAN_DATA, and in the Redis of ODAN_STATE_URL where there is one. While that is away the copy on disk serves.
 * @throws {ConfigError} for a URL, a Redis or a file that cannot be used
 */
export const openState = async (
  { data, stateUrl, redisUrl = null }: Pick<Config, "data" | "stateUrl"> & Partial<Pick<Config, "redisUrl">>,
  keys: KeyRing,
  log: Pick<Logger, "info" | "warn" | "error">,
): Promise<StateStore> => {
  const reports = stateReports(log);
  if (stateUrl !== null && stateUrl === redisUrl) reports.warn(SHARED);
  const replica = createReplica(signLines(...keys));
  const disk = diskCopy(path.join(data, "state.txt"), replica, reports);
  const hasCopy = await disk.open();
  // The client of Redis is loaded where there is one.
  const peer = stateUrl === null ? null : await (await import("./peer.ts")).redisPeer(stateUrl, replica, reports);
  const inTurn = oneAfterAnother();

  /** Brings the copy on disk and this process's up to each other. Never rejects. */
  const save = async (): Promise<void> => {
    try {
      // An empty copy says that the store was empty, rather than never read.
      if (await disk.differs(peer?.isKnown() ?? false)) await disk.save();
      reports.works("disk", "the copy of the state on disk can be written again");
    } catch (why) {
      reports.failed("disk", why, "the copy of the state on disk cannot be read or written");
    }
  };

  /** Takes what others have written, from Redis and from disk. Never rejects. */
  const sync = async (): Promise<void> => {
    replica.prune();
    await peer?.sync();
    await save();
  };

  /** Returns the count of a change that other gateways are to hear of; null where none needs to be told. */
  const write = async (wanted: Omit<StateEntry, "number">): Promise<number | null> => {
    const make = () => replica.next(wanted);
    if (peer === null) {
      await disk.save(make).catch(throwAway(false));
      return null;
    }
    const isKnown = replica.get(wanted) !== undefined;
    const count = await peer.write(make).catch(async (why: unknown) => {
      // What takes rights away is heeded as far as it reaches; what grants them is not.
      const keptHere = wanted.value === null && isKnown;
      if (keptHere) await disk.save(make).catch(throwAway(false));
      return throwAway(keptHere)(why);
    });
    await save();
    return count;
  };

  await inTurn(sync);
  const looking = every(LOOK_MS, () => inTurn(sync));
  return {
    entries: replica.values,
    async write(kind, name, value, { until } = {}) {
      const json = JSON.stringify(value);
      requireAtMost(NAME_LENGTH, { kind, name });
      requireAtMost(VALUE_LENGTH, { value: json });
      const wanted = { kind, name, value: JSON.parse(json) as unknown, until: until?.getTime() ?? null };
      const count = await inTurn(() => write(wanted));
      if (count !== null) await peer?.isHeard(count);
    },
    status: () => {
      if (peer === null) return { kind: "FILE", copy: "CURRENT" };
      return { kind: "REDIS", copy: !peer.isAway() ? "CURRENT" : hasCopy || peer.isKnown() ? "OLD" : "NONE" };
    },
    async [Symbol.asyncDispose]() {
      looking[Symbol.dispose]();
      await inTurn(async () => peer?.[Symbol.asyncDispose]());
    },
  };
};

const SHARED =
  "ODAN_STATE_URL and ODAN_REDIS_URL are one Redis: a cache that fills it leaves no room for state, and one that evicts loses it. Use two";

const throwAway =
  (keptHere: boolean) =>
  (cause: unknown): never => {
    throw new StateAway(keptHere, cause);
  };

/** Runs pieces of work one after another, in the order in which they came. */
const oneAfterAnother = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
};

const requireAtMost = (length: number, texts: { readonly [what: string]: string }): void => {
  for (const [what, text] of Object.entries(texts)) {
    if (text.length > length) {
      throw new RangeError(`state: wanted a ${what} of at most ${length} characters, got ${text.length}`);
    }
  }
};
