import type { Redis } from "ioredis";
import { createBreaker, NotSent } from "../net/breaker.ts";
import { unlessLate } from "../net/deadline.ts";
import { ANYWHERE, redisLink } from "./redis-link.ts";
import { type Commands, SCRIPTS } from "./redis-scripts.ts";
import { redisAddress } from "./redis-url.ts";
import { HEAD_BYTES, type Store, type StoreKey } from "./store.ts";

export type RedisOptions = {
  /** @see redisAddress */
  readonly url: string;
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
export const redisStore = ({ url, report, timeoutMs = 60, keepMs = DAY_MS }: RedisOptions): Store => {
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
      const { e, k } = keysOf({ ...samples.get(place)!, edition: "probe" });
      return send((redis) => redis.odanReadOrLockBuffer(e, k, "probe", 1));
    },
  });

  const ask = async <T>(key: StoreKey, work: (commands: Commands, keys: Keys) => Promise<T>): Promise<T> => {
    requireConnection();
    const keys = keysOf(key);
    const place = link.placeOf(keys.e);
    if (!samples.has(place)) samples.set(place, key);
    return breaker.run(place, () => send((commands) => work(commands, keys)));
  };

  return {
    readOrLock: (key, token, lockMs) =>
      ask(key, async (redis, { e, k }) => {
        const [value, wait] = await redis.odanReadOrLockBuffer(e, k, token, lockMs);
        if (value !== null) return { value };
        return wait === 0 ? { locked: true } : { wait: wait! };
      }),
    read: (key) => ask(key, (redis, { e }) => redis.getBuffer(e)),
    commit: (key, token, value) =>
      ask(key, async (redis, { e, k, x }) => {
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        return (await redis.odanCommit(e, k, x, token, bytes, keepMs, HEAD_BYTES)) === 1 ? "stored" : "conflict";
      }),
    unlock: (key, token) => ask(key, async (redis, { k }) => void (await redis.odanUnlock(k, token))),
    remove: (key) => ask(key, async (redis, { e }) => void (await redis.unlink(e))),
    async sweep(group, keep) {
      requireConnection();
      const swept = await Promise.allSettled(link.masters().map((server) => sweepServer(server, group, keep)));
      for (const outcome of swept) if (outcome.status === "rejected") throw outcome.reason;
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      breaker[Symbol.dispose]();
      link.close();
    },
  };
};

type Keys = { readonly e: string; readonly k: string; readonly x: string };

const PREFIX = "odan:{";

/** Keys of entry, lock and conflict counter: in one slot, which is the question's. */
const keysOf = ({ group, question, edition }: StoreKey): Keys => {
  const slot = `${PREFIX}${plain(group)}.${plain(question)}}`;
  return { e: `${slot}:e:${plain(edition)}`, k: `${slot}:k:${plain(edition)}`, x: `${slot}:x` };
};

/** Escapes the characters that mean something in a key or a pattern. */
const plain = (name: string): string =>
  name.replace(/[^\w:-]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

const unplain = (name: string): string =>
  name.replace(/%(.{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

const sweepServer = async (server: Redis, group: string, keep: (edition: string) => boolean): Promise<void> => {
  for (let cursor = "0", first = true; first || cursor !== "0"; first = false) {
    const [next, keys] = await within(
      SWEEP_MS,
      server.scan(cursor, "MATCH", `${PREFIX}${plain(group)}.*`, "COUNT", 500),
    );
    const deleted = keys.filter((key) => {
      const edition = /\}:e:(.*)$/.exec(key)?.[1];
      return edition !== undefined && !keep(unplain(edition));
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
