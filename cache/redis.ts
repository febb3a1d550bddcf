import type { Redis } from "ioredis";
import { createBreaker, NotSent } from "../net/breaker.ts";
import { unlessLate } from "../net/deadline.ts";
import { ANYWHERE, type Commands, redisLink } from "./redis-link.ts";
import { redisAddress } from "./redis-url.ts";
import { HEAD_BYTES, type Store, type StoreKey } from "./store.ts";

export type RedisOptions = {
  /** @see redisAddress */
  readonly url: string;
  /** Hears when Redis, or the first of a cluster's nodes, is lost, and when all of it is back. */
  readonly report: (what: "lost" | "back", why?: unknown) => void;
  /** How long an answer of Redis is waited for; default 60. */
  readonly timeoutMs?: number;
  /** How long a value is kept; default a day. */
  readonly keepMs?: number;
};

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long the servers may take for one step of a sweep, which nobody waits for. */
const SWEEP_MS = 2000;

/**
 * A store in Redis: one server, one that Sentinels name, or a Cluster. While it is away or slow, its methods reject: at once
 * after a few time-outs, in a Cluster for the questions of that node alone.
 * @throws {Error} where the URL is none
 */
export const redisStore = ({ url, report, timeoutMs = 60, keepMs = DAY_MS }: RedisOptions): Store => {
  /** For each place a key that is looked for there, to see whether it answers. */
  const samples = new Map<string, StoreKey>([[ANYWHERE, { group: "probe", question: "probe", edition: "probe" }]]);
  let closed = false;

  const link = redisLink(redisAddress(url), {
    up: () => breaker.retry(ANYWHERE),
    down: (why) => breaker.trip(ANYWHERE, discreet(why)),
  });

  const send = async <T>(work: (commands: Commands) => Promise<T>): Promise<T> => {
    if (closed || !link.ready()) throw new NotSent("Redis: wanted a connection, got none yet");
    return within(timeoutMs, work(link.commands));
  };

  const breaker = createBreaker({
    report,
    // The whole of what a question needs: a server that only reads, or that has no room, is none.
    probe: (place) => {
      const { e, k } = keysOf({ ...samples.get(place)!, edition: "probe" });
      return send((redis) => redis.odanBeginBuffer(e, k, "probe", 1));
    },
  });

  const ask = async <T>(key: StoreKey, work: (commands: Commands, keys: Keys) => Promise<T>): Promise<T> => {
    if (closed || !link.ready()) throw new NotSent("Redis: wanted a connection, got none yet");
    const keys = keysOf(key);
    const place = link.placeOf(keys.e);
    if (!samples.has(place)) samples.set(place, key);
    return breaker.run(place, () => send((commands) => work(commands, keys)));
  };

  return {
    begin: (key, token, holdMs) =>
      ask(key, async (redis, { e, k }) => {
        const [value, wait] = await redis.odanBeginBuffer(e, k, token, holdMs);
        if (value !== null) return { value };
        return wait === 0 ? { fill: true } : { wait: wait! };
      }),
    read: (key) => ask(key, (redis, { e }) => redis.getBuffer(e)),
    commit: (key, token, value) =>
      ask(key, async (redis, { e, k, x }) => {
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        return (await redis.odanCommit(e, k, x, token, bytes, keepMs, HEAD_BYTES)) === 1 ? "stored" : "conflict";
      }),
    abandon: (key, token) => ask(key, async (redis, { k }) => void (await redis.odanLetGo(k, token))),
    remove: (key) => ask(key, async (redis, { e }) => void (await redis.unlink(e))),
    async sweep(group, keep) {
      if (closed || !link.ready()) throw new NotSent("Redis: wanted a connection, got none yet");
      const swept = await Promise.allSettled(link.masters().map((server) => sweepServer(server, group, keep)));
      for (const of of swept) if (of.status === "rejected") throw of.reason;
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

/** Entry, token and conflicts of a question: one slot, and a slot for each question. */
const keysOf = ({ group, question, edition }: StoreKey): Keys => {
  const slot = `${PREFIX}${plain(group)}.${plain(question)}}`;
  return { e: `${slot}:e:${plain(edition)}`, k: `${slot}:k:${plain(edition)}`, x: `${slot}:x` };
};

/** Nothing that a key or a pattern gives a meaning to; of two names two. */
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
    const gone = keys.filter((key) => {
      const edition = /\}:e:(.*)$/.exec(key)?.[1];
      return edition !== undefined && !keep(unplain(edition));
    });
    // One by one: they are of different slots.
    await within(SWEEP_MS, Promise.all(gone.map((key) => server.unlink(key))));
    cursor = next;
  }
};

const within = <T>(ms: number, work: Promise<T>): Promise<T> =>
  unlessLate(work, ms, () => new Error(`Redis: wanted an answer within ${ms} ms, got none`)).catch((why: unknown) => {
    throw discreet(why);
  });

/** What went wrong and no more: the client's errors carry all that was sent, the password among it. */
const discreet = (why: unknown): Error => new Error(why instanceof Error ? why.message : String(why));
