import path from "node:path";
import type { Logger } from "pino";
import { every } from "../../net/every.ts";
import type { Config } from "../config.ts";
import type { KeyRing } from "../keys.ts";
import { diskCopy } from "./disk.ts";
import { signLines } from "./entry.ts";
import { createReplica } from "./replica.ts";
import { stateReports } from "./reports.ts";

/**
 * What must not be lost and never goes back: tokens and their revocations. Each process has a copy in memory and one on its disk. Of
 * two copies of an entry the newer one counts, wherever it is, and replaces the older.
 */
export type StateStore = AsyncDisposable & {
  /** The values of one kind by name, never older than 2 s while the store is within reach. The map changes with the state. */
  readonly entries: (kind: string) => ReadonlyMap<string, unknown>;
  /**
   * Writes a value, plain JSON; null removes it. Resolves when it is on disk; other processes have heard of it 2 s later. A
   * removed entry stays as a mark of its number, so that no older copy brings it back.
   * @throws {StateAway} where it may not have been written, {RangeError} for a name or value that is too long
   */
  readonly write: (kind: string, name: string, value: unknown, options?: WriteOptions) => Promise<void>;
  readonly status: () => StateStatus;
};

export type WriteOptions = {
  /** When the entry is of no more use to anybody, such as a token that has expired. Default: never. */
  readonly until?: Date;
};

export type StateStatus = {
  readonly kind: "FILE";
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
 * Opens the state in ODAN_DATA, which several processes of one machine may share.
 * @throws {ConfigError} for a file that cannot be used
 */
export const openState = async (
  { data }: Pick<Config, "data">,
  keys: KeyRing,
  log: Pick<Logger, "info" | "warn" | "error">,
): Promise<StateStore> => {
  const reports = stateReports(log);
  const replica = createReplica(signLines(...keys));
  const disk = diskCopy(path.join(data, "state.txt"), replica, reports);
  await disk.open();
  const inTurn = oneAfterAnother();

  /** Takes what other processes have written, and brings the copy on disk up to date. Never rejects. */
  const sync = async (): Promise<void> => {
    try {
      replica.prune();
      if (await disk.differs(false)) await disk.save();
      reports.works("disk", "the copy of the state on disk can be written again");
    } catch (why) {
      reports.failed("disk", why, "the copy of the state on disk cannot be read or written");
    }
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
      await inTurn(() => disk.save(() => replica.next(wanted)).catch(throwAway));
    },
    status: () => ({ kind: "FILE", copy: "CURRENT" }),
    async [Symbol.asyncDispose]() {
      looking[Symbol.dispose]();
      await inTurn(async () => undefined);
    },
  };
};

const throwAway = (cause: unknown): never => {
  throw new StateAway(false, cause);
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
