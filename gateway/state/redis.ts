import { randomUUID } from "node:crypto";
import { redisLink } from "../../cache/redis-link.ts";
import { redisAddress } from "../../cache/redis-url.ts";
import { unlessLate } from "../../net/deadline.ts";
import { type Commands, SCRIPTS } from "./redis-scripts.ts";
import { wrongSettings } from "./settings.ts";

/** See redisLines. */
export type RedisLines = ReturnType<typeof redisLines>;

/** Time limit of a command in ms. */
const TIMEOUT_MS = 2000;

/** Time in ms after which a gateway that was not heard of counts as down, and at most between two times that it is. */
const UP_MS = 5000;
const BEAT_MS = 2000;

/** In one slot, so that one script may use them in a Cluster too. */
const LINES = "odan:{state}:lines";
const TURN = "odan:{state}:turn";
const GATEWAYS = "odan:{state}:gateways";

/**
 * Lines by field in Redis: one server, one found by Sentinels, or a Cluster. Each change has a turn, so that a look tells whether
 * anything has changed. Methods reject while Redis is away.
 * @param up is called whenever there is a connection again
 * @throws {Error} for a URL that cannot be used
 */
export const redisLines = (url: string, up: () => void) => {
  const id = randomUUID();
  let closed = false;
  /** Why there is no connection: the first reason since there was one. */
  let why = "";
  let beat = { at: Number.NEGATIVE_INFINITY, heard: "" };
  const link = redisLink<Commands>({
    address: redisAddress(url),
    scripts: SCRIPTS,
    events: {
      up: () => {
        why = "";
        up();
      },
      down: (error) => {
        why ||= messageOf(error);
      },
    },
  });

  const requireConnection = (): void => {
    if (closed || !link.ready())
      throw new Error(`the state store: wanted a connection to Redis, got none. ${why}`.trimEnd());
  };
  const send = async <T>(work: (commands: Commands) => Promise<T>): Promise<T> => {
    requireConnection();
    return within(work(link.commands));
  };

  return {
    /**
     * The turn, and the number of lines.
     * @param heard the last turn up to which this process has read everything; null: none
     */
    async look(heard: string | null): Promise<Look> {
      const due = performance.now() - beat.at > BEAT_MS || beat.heard !== (heard ?? "");
      const [turn, length] = await send((redis) =>
        redis.odanStateLook(LINES, TURN, GATEWAYS, id, heard ?? "", due ? "1" : "0"),
      );
      if (due) beat = { at: performance.now(), heard: heard ?? "" };
      return { turn: turn ?? null, length };
    },
    /** Every line, by its field. */
    async read(): Promise<ReadonlyMap<string, string>> {
      const flat = await send((redis) => redis.odanStateRead(LINES));
      return new Map(flat.flatMap((field, i) => (i % 2 === 0 ? [[field, flat[i + 1]!] as const] : [])));
    },
    get: (field: string): Promise<string | null> => send((redis) => redis.hget(LINES, field)),
    /** Puts a line in place of another one, null for none. Returns the count of this change; null where `was` is no longer there. */
    async swap(field: string, was: string | null, line: string | null): Promise<number | null> {
      const count = await send((redis) => redis.odanStateSwap(LINES, TURN, field, was ?? "", line ?? "", randomUUID()));
      return count === 0 ? null : count;
    },
    /** How many other gateways that are up have not yet read the change of this count. */
    behind: (count: number): Promise<number> => send((redis) => redis.odanStateBehind(GATEWAYS, id, count, UP_MS)),
    /** What is wrong with the servers' settings, in one line each. */
    async settings() {
      requireConnection();
      const found = await within(Promise.all(link.masters().map(wrongSettings)));
      return found.filter((each) => each !== null);
    },
    /** Closes the connections, and lets no other process wait for this one. */
    async [Symbol.asyncDispose](): Promise<void> {
      await send((redis) => redis.hdel(GATEWAYS, id)).catch(() => undefined);
      closed = true;
      link.close();
    },
  };
};

/** What `look` tells. Turn null: nothing was written yet, or all of it is lost. */
export type Look = { readonly turn: string | null; readonly length: number };

/** Rejects with the message alone: the client's errors carry the command that was sent, the password among it. */
const within = <T>(work: Promise<T>): Promise<T> =>
  unlessLate(
    work,
    TIMEOUT_MS,
    () => new Error(`the state store: wanted an answer of Redis within ${TIMEOUT_MS} ms, got none`),
  ).catch((error: unknown) => {
    throw new Error(messageOf(error));
  });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
