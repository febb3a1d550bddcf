import type { Redis } from "ioredis";
import { createBreaker, NotSent } from "../net/breaker.ts";
import { unlessLate } from "../net/deadline.ts";
import { type KeyedName, type KeyedNames, keyedNames } from "./keyed-names.ts";
import { ANYWHERE, redisLink } from "./redis-link.ts";
import { type Commands, SCRIPTS } from "./redis-scripts.ts";
import { redisAddress } from "./redis-url.ts";
import { DIGEST_BYTES, type Store, type StoreKey } from "./store.ts";

export type RedisOptions = {
  /** @see redisAddress */
  readonly url: string;
  /** Secrets of the names of keys: the first is written under, those after it are read under too. */
  readonly names: readonly [Uint8Array, ...Uint8Array[]];
  /** Called when Redis, or the first of a Cluster's nodes, is lost, and when all of it is back. */
  readonly report: (what: "lost" | "back", why?: unknown) => void;
  /** Time limit of a command in ms; default 60. */
  readonly timeoutMs?: number;
  /** Lifetime of a value in ms; default a day. */
  readonly keepMs?: number;
};

const DAY_MS = 24 * 60 * 60 * 1000;

/** Time limit of one step of a sweep, which runs in the background. */
const SWEEP_MS = 2000;

/**
 * A store in Redis: one server, one found by Sentinels, or a Cluster. Methods reject while Redis is away or slow: after a few
 * timeouts at once, in a Cluster only for the keys of the failing node.
 * @throws {Error} for a URL that cannot be used
 */
export const redisStore = ({ url, names, report, timeoutMs = 60, keepMs = DAY_MS }: RedisOptions): Store => {
  const current = keyedNames(names[0]);
  const older = names.slice(1).map(keyedNames);
  /** For each place, a key that is stored there, to probe it with. */
  const samples = new Map<string, StoreKey>([[ANYWHERE, { group: "probe", question: "probe", edition: "probe" }]]);
  let closed = false;

  const link = redisLink<Commands>({
    address: redisAddress(url),
    scripts: SCRIPTS,
    events: {
      up: () => breaker.retry(ANYWHERE),
      down: (why) => breaker.trip(ANYWHERE, messageOnly(why)),
    },
  });

  const requireConnection = (): void => {
    if (closed || !link.ready()) throw new NotSent("Redis: wanted a connection, got none yet");
  };

  const send = async <T>(work: (commands: Commands) => Promise<T>): Promise<T> => {
    requireConnection();
    return within(timeoutMs, work(link.commands));
  };

  const breaker = createBreaker({
    report,
    // Probe with a real write: a read-only or full server counts as down.
    probe: (place) => {
      const { e, k } = current.of({ ...samples.get(place)!, edition: "probe" });
      return send((redis) => redis.odanReadOrLockBuffer(e, k, "probe", 1));
    },
  });

  const askUnder = async <T>(names: KeyedNames, key: StoreKey, work: Work<T>): Promise<T> => {
    requireConnection();
    const name = names.of(key);
    const place = link.placeOf(name.e);
    if (!samples.has(place) && names === current) samples.set(place, key);
    return breaker.run(place, () => send((commands) => work(commands, name)));
  };
  const ask = <T>(key: StoreKey, work: Work<T>): Promise<T> => askUnder(current, key, work);

  /** The value under one of the older names; null where it does not exist or Redis is out of reach. */
  const readOlder = async (key: StoreKey): Promise<Uint8Array | null> => {
    for (const names of older) {
      const value = await askUnder(names, key, (redis, { e }) => redis.getBuffer(e)).catch(() => null);
      if (value !== null) return value;
    }
    return null;
  };

  return {
    async readOrLock(key, token, lockMs) {
      const [value, wait] = await ask(key, (redis, { e, k }) => redis.odanReadOrLockBuffer(e, k, token, lockMs));
      if (value !== null) return { value };
      if (wait !== 0) return { wait: wait! };
      const found = await readOlder(key);
      return found === null ? { locked: true } : { locked: true, older: found };
    },
    read: async (key) => (await ask(key, (redis, { e }) => redis.getBuffer(e))) ?? readOlder(key),
    commit: (key, token, value) =>
      ask(key, async (redis, { e, k, x }) => {
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        return (await redis.odanCommit(e, k, x, token, bytes, keepMs, DIGEST_BYTES)) === 1 ? "stored" : "conflict";
      }),
    unlock: (key, token) => ask(key, async (redis, { k }) => void (await redis.odanUnlock(k, token))),
    remove: (key) => ask(key, async (redis, { e }) => void (await redis.unlink(e))),
    async sweep(group, keep) {
      requireConnection();
      await sweepAll(link.masters(), [current, ...older], { group, keep });
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      breaker[Symbol.dispose]();
      link.close();
    },
  };
};

/** What is done with a key's name. */
type Work<T> = (commands: Commands, name: KeyedName) => Promise<T>;

type Sweep = { readonly group: string; readonly keep: (edition: string) => boolean };

const sweepAll = async (servers: readonly Redis[], names: readonly KeyedNames[], what: Sweep): Promise<void> => {
  const sweeps = servers.flatMap((server) => names.map((each) => sweepServer(server, each, what)));
  for (const outcome of await Promise.allSettled(sweeps)) if (outcome.status === "rejected") throw outcome.reason;
};

const sweepServer = async (server: Redis, names: KeyedNames, { group, keep }: Sweep): Promise<void> => {
  for (let cursor = "0", first = true; first || cursor !== "0"; first = false) {
    const [next, keys] = await within(SWEEP_MS, server.scan(cursor, "MATCH", names.patternOf(group), "COUNT", 500));
    const deleted = keys.filter((key) => {
      const edition = names.editionOf(key);
      return edition !== null && !keep(edition);
    });
    // One command for each: the keys are in different slots.
    await within(SWEEP_MS, Promise.all(deleted.map((key) => server.unlink(key))));
    cursor = next;
  }
};

const within = <T>(ms: number, work: Promise<T>): Promise<T> =>
  unlessLate(work, ms, () => new Error(`Redis: wanted an answer within ${ms} ms, got none`)).catch((why: unknown) => {
    throw messageOnly(why);
  });

/** An error with the message alone: the client's errors carry the command that was sent, the password among it. */
const messageOnly = (why: unknown): Error => new Error(why instanceof Error ? why.message : String(why));
