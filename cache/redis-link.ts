import { Cluster, Command, Redis, type RedisOptions } from "ioredis";
import { BEGIN, COMMIT, LET_GO } from "./redis-scripts.ts";
import type { RedisAddress } from "./redis-url.ts";

/** The commands we use. Keys of one call are of one slot. */
export type Commands = {
  /** [value], or [null, milliseconds for which another one holds the token]; 0: this one holds it. */
  odanBeginBuffer(entry: string, token: string, holder: string, holdMs: number): Promise<[Buffer] | [null, number]>;
  /** 1: stored. 0: another body is there. */
  odanCommit(
    ...args: [entry: string, token: string, conflicts: string, holder: string, value: Buffer, ms: number, head: number]
  ): Promise<0 | 1>;
  odanLetGo(token: string, holder: string): Promise<number>;
  getBuffer(key: string): Promise<Buffer | null>;
  unlink(key: string): Promise<number>;
};

/** Redis, however many servers it is. */
export type Link = {
  readonly commands: Commands;
  /** There is a connection. Without one every command is refused at once. */
  readonly ready: () => boolean;
  /** What fails as one with this key: the node of a cluster that has its slot, else all there is. */
  readonly placeOf: (key: string) => string;
  /** The servers that between them have every key. */
  readonly masters: () => readonly Redis[];
  /** At once, whatever is under way. */
  readonly close: () => void;
};

/** What becomes known of the connection as a whole. */
export type Events = { readonly up: () => void; readonly down: (why: unknown) => void };

/** The place of keys that nobody knows a node for. */
export const ANYWHERE = "server";

/** Between attempts to connect. */
const retry = (times: number): number => Math.min(50 * times, 500);

/**
 * A command is sent once, at once or not at all. How long to wait for its answer is for the caller to say: the client's own
 * `commandTimeout` would cut greetings on a slow link short, and counts what came while this process was busy as late.
 */
const NEVER_LATER = {
  enableReadyCheck: true,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 500,
  // From a server that was cut off no word ever comes: another one may have taken its place.
  socketTimeout: 3000,
  disconnectTimeout: 100,
  // A server that has become a replica: ask again who is primary.
  reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
} satisfies RedisOptions;

const scripts = {
  odanBegin: { lua: BEGIN, numberOfKeys: 2 },
  odanCommit: { lua: COMMIT, numberOfKeys: 3 },
  odanLetGo: { lua: LET_GO, numberOfKeys: 1 },
};

/** Connects in the background, again and again, until closed. */
export const redisLink = (address: RedisAddress, events: Events): Link =>
  address.kind === "cluster" ? clusterLink(address, events) : serverLink(address, events);

const serverLink = (address: Exclude<RedisAddress, { kind: "cluster" }>, { up, down }: Events): Link => {
  const { username, password, db } = address;
  const redis = new Redis({
    ...NEVER_LATER,
    ...credentials({ username, password }),
    db,
    scripts,
    enableOfflineQueue: false,
    retryStrategy: retry,
    ...(address.kind === "single"
      ? { ...address.node, ...(address.tls ? { tls: {} } : {}) }
      : {
          sentinels: [...address.sentinels],
          name: address.master,
          sentinelCommandTimeout: 500,
          sentinelRetryStrategy: retry,
        }),
  });
  redis.on("error", down);
  redis.on("close", () => down(new Error("Redis: wanted a connection that stays, got it closed")));
  redis.on("ready", up);
  return {
    commands: redis as unknown as Commands,
    ready: () => redis.status === "ready",
    placeOf: () => ANYWHERE,
    masters: () => [redis],
    close: () => redis.disconnect(),
  };
};

const clusterLink = (address: Extract<RedisAddress, { kind: "cluster" }>, { up, down }: Events): Link => {
  const { username, password } = address;
  const cluster = new Cluster([...address.nodes], {
    scripts,
    enableOfflineQueue: false,
    // Would refuse all slots where one has no node.
    enableReadyCheck: false,
    clusterRetryStrategy: retry,
    maxRedirections: 3,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    redisOptions: { ...NEVER_LATER, ...credentials({ username, password }) },
  });
  let connected = false;
  cluster.on("error", down);
  cluster.on("close", () => {
    connected = false;
    down(new Error("Redis Cluster: wanted a node within reach, got none"));
  });
  cluster.on("ready", async () => {
    // Nodes are connected to when they are first used, and refuse all but the first command until then.
    await Promise.allSettled(cluster.nodes("master").map((node) => node.status === "wait" && node.connect()));
    connected = cluster.status === "ready";
    if (connected) up();
  });
  return {
    commands: cluster as unknown as Commands,
    ready: () => connected && cluster.status === "ready",
    placeOf: (key) => cluster.slots[new Command("get", [key]).getSlot()]?.[0] ?? ANYWHERE,
    masters: () => cluster.nodes("master"),
    close: () => cluster.disconnect(),
  };
};

const credentials = (given: {
  readonly username: string | undefined;
  readonly password: string | undefined;
}): { username?: string; password?: string } => ({
  ...(given.username === undefined ? {} : { username: given.username }),
  ...(given.password === undefined ? {} : { password: given.password }),
});
