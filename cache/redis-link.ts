import { Cluster, Command, Redis, type RedisOptions } from "ioredis";
import type { RedisAddress } from "./redis-url.ts";

/** Connections to Redis: one server, one found by Sentinels, or a Cluster. */
export type Link<Commands> = {
  /** Those of Redis and of the link's scripts. All keys of one call are in one slot. */
  readonly commands: Commands;
  /** Whether there is a connection. Without one every command is rejected at once. */
  readonly ready: () => boolean;
  /** The unit that fails with this key: the Cluster node of its slot, else ANYWHERE. */
  readonly placeOf: (key: string) => string;
  /** The servers that together hold every key. */
  readonly masters: () => readonly Redis[];
  /** Closes the connections at once; commands under way reject. */
  readonly close: () => void;
};

/** What is connected to, and with what. */
export type LinkOptions = {
  readonly address: RedisAddress;
  /** Atomic operations, each of which becomes a command of its name. */
  readonly scripts: { readonly [command: string]: { readonly lua: string; readonly numberOfKeys: number } };
  readonly events: Events;
};

/** Events of the connection as a whole. */
export type Events = { readonly up: () => void; readonly down: (why: unknown) => void };

/** The place of keys without a known node. */
export const ANYWHERE = "server";

/** Milliseconds before the next attempt to connect. */
const retry = (times: number): number => Math.min(50 * times, 500);

/**
 * A command is sent at once or not at all, and never again. Its time limit is the caller's: the client's `commandTimeout` would
 * also limit the handshake on a slow link, and takes replies that came while this process was busy for late.
 */
const NO_RESEND = {
  enableReadyCheck: true,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 500,
  // A connection to a server that was cut off stays silent: another server may have taken its place.
  socketTimeout: 3000,
  disconnectTimeout: 100,
  // The server has become a replica: reconnect to find the primary.
  reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
} satisfies RedisOptions;

/** Connects in the background, and reconnects until closed. @typeParam Commands the commands in use, as the scripts define them */
export const redisLink = <Commands>({ address, ...options }: LinkOptions): Link<Commands> =>
  address.kind === "cluster" ? clusterLink(address, options) : serverLink(address, options);

type WithoutAddress = Omit<LinkOptions, "address">;

const serverLink = <Commands>(
  address: Exclude<RedisAddress, { kind: "cluster" }>,
  { scripts, events: { up, down } }: WithoutAddress,
): Link<Commands> => {
  const redis = new Redis({
    ...NO_RESEND,
    ...address.credentials,
    db: address.db,
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

const clusterLink = <Commands>(
  address: Extract<RedisAddress, { kind: "cluster" }>,
  { scripts, events: { up, down } }: WithoutAddress,
): Link<Commands> => {
  const cluster = new Cluster([...address.nodes], {
    scripts,
    enableOfflineQueue: false,
    // It would reject commands of all slots where one slot has no node.
    enableReadyCheck: false,
    clusterRetryStrategy: retry,
    maxRedirections: 3,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    redisOptions: { ...NO_RESEND, ...address.credentials },
  });
  let connected = false;
  cluster.on("error", down);
  cluster.on("close", () => {
    connected = false;
    down(new Error("Redis Cluster: wanted a node within reach, got none"));
  });
  cluster.on("ready", async () => {
    // ioredis connects to a node on its first command, and rejects further ones until then.
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
