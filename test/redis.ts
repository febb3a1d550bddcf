import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { vi } from "vitest";
import { fromPackage } from "./debian-package.ts";

const run = promisify(execFile);

/** A Redis server of a test, without persistence unless it is LASTING. */
export type Server = AsyncDisposable & {
  readonly port: number;
  /** What a LASTING server keeps, also while it is killed. */
  readonly folder: string;
  /** Sends one command over a connection of its own. */
  readonly call: (...command: readonly [string, ...(string | number)[]]) => Promise<unknown>;
  /** SIGKILL. */
  readonly kill: () => Promise<void>;
  /** Empty unless it is LASTING, on the same port. */
  readonly restart: () => Promise<void>;
  /** SIGSTOP: accepts connections and answers nothing until `thaw`. */
  readonly freeze: () => void;
  readonly thaw: () => void;
};

/** Servers that one URL stands for. */
export type Servers = AsyncDisposable & { readonly url: string; readonly servers: readonly Server[] };

/** Repeats `check` until it does not throw, for 100 s at most. */
export const eventually = <T>(check: () => Promise<T> | T): Promise<T> =>
  vi.waitFor(check, { timeout: 100_000, interval: 20 });

/** Options of servers that write every change to their disk. */
export const LASTING: readonly string[] = ["--appendonly", "yes"];

/** @param options of the server, as redis-server takes them */
export const startSingle = async (options: readonly string[] = []): Promise<Servers> => {
  const server = await startServer(await binary(), options);
  return {
    url: `redis://127.0.0.1:${server.port}`,
    servers: [server],
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  };
};

export type Watched = Servers & {
  readonly sentinels: readonly Server[];
  /** The server that the sentinels name as primary. */
  readonly primary: () => Promise<Server>;
  /** Cuts the replica off from what the primary hears from now on; then `promote` makes the sentinels name it. */
  readonly cutReplica: () => Promise<void>;
  readonly promote: () => Promise<void>;
};

const MASTER = "odan";

/** A primary, its replica, and three sentinels that know of one another and of both. @param options of primary and replica */
export const startSentinel = async (options: readonly string[] = []): Promise<Watched> => {
  const redis = await binary();
  const primary = await startServer(redis, options);
  const replica = await startServer(redis, [...options, "--replicaof", `127.0.0.1 ${primary.port}`]);
  const monitor = (port: number): readonly (readonly [string, ...(string | number)[]])[] => [
    ["SENTINEL", "MONITOR", MASTER, "127.0.0.1", port, 2],
    ["SENTINEL", "SET", MASTER, "down-after-milliseconds", 500],
    ["SENTINEL", "SET", MASTER, "failover-timeout", 2000],
  ];
  const sentinels = await Promise.all([1, 2, 3].map(() => startServer(redis, ["--sentinel"])));
  for (const sentinel of sentinels) for (const command of monitor(primary.port)) await sentinel.call(...command);
  for (const sentinel of sentinels) {
    await eventually(async () => {
      const known = fieldsOf(await sentinel.call("SENTINEL", "MASTER", MASTER));
      const replicas = (await sentinel.call("SENTINEL", "REPLICAS", MASTER)) as unknown[];
      const links = replicas.map((of) => fieldsOf(of).get("master-link-status"));
      if (known.get("num-other-sentinels") !== "2" || links[0] !== "ok")
        throw new Error("sentinels do not know all yet");
    });
  }
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",")}/${MASTER}`,
    servers: [primary, replica],
    sentinels,
    async primary() {
      const [, port] = (await sentinels[0]!.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER)) as [string, string];
      return Number(port) === primary.port ? primary : replica;
    },
    async cutReplica() {
      for (const sentinel of sentinels) await sentinel.call("SENTINEL", "REMOVE", MASTER);
      await replica.call("REPLICAOF", "127.0.0.1", 1);
    },
    async promote() {
      await replica.call("REPLICAOF", "NO", "ONE");
      for (const sentinel of sentinels) for (const command of monitor(replica.port)) await sentinel.call(...command);
    },
    [Symbol.asyncDispose]: disposeAll([...sentinels, replica, primary]),
  };
};

/** Three nodes, each with a third of the slots. Where one is gone the others go on. @param options of every node */
export const startCluster = async (options: readonly string[] = []): Promise<Servers> => {
  const redis = await binary();
  const servers = await Promise.all(
    [0, 1, 2].map(() =>
      startServer(redis, [
        ...options,
        ...["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"],
        ...["--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no"],
      ]),
    ),
  );
  const [first] = servers;
  for (const [index, server] of servers.entries()) {
    const from = Math.ceil((index * 16_384) / 3);
    const slots = Array.from({ length: Math.ceil(((index + 1) * 16_384) / 3) - from }, (_, slot) => from + slot);
    await server.call("CLUSTER", "ADDSLOTS", ...slots);
    await server.call("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    if (server !== first) await server.call("CLUSTER", "MEET", "127.0.0.1", first!.port);
  }
  for (const server of servers) await eventually(() => coversAll(server));
  return {
    url: `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    servers,
    [Symbol.asyncDispose]: disposeAll(servers),
  };
};

const coversAll = async (server: Server): Promise<void> => {
  const slots = (await server.call("CLUSTER", "SLOTS")) as unknown[];
  const info = String(await server.call("CLUSTER", "INFO"));
  if (slots.length !== 3 || !info.includes("cluster_state:ok")) throw new Error(`cluster is not ready: ${info}`);
};

const disposeAll = (servers: readonly Server[]) => async (): Promise<void> => {
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
};

/** Names and values that take turns, as a map. */
const fieldsOf = (reply: unknown): ReadonlyMap<string, string> => {
  const flat = reply as string[];
  return new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]!] as const] : [])));
};

/** A server in a folder of its own, which ends with this process. */
const startServer = async (redis: string, options: readonly string[] = []): Promise<Server> => {
  const folder = await mkdtemp(join(tmpdir(), "odan-redis-"));
  const port = await freePort();
  await writeFile(join(folder, "redis.conf"), "");
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--logfile", "redis.log"];
  const lasting = options.includes("--sentinel")
    ? []
    : ["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"];

  const call: Server["call"] = async (command, ...args) => {
    const client = new Redis(port, "127.0.0.1", {
      lazyConnect: true,
      enableReadyCheck: false,
      maxRetriesPerRequest: null,
    });
    client.on("error", () => undefined);
    try {
      return await client.call(command, ...args);
    } finally {
      client.disconnect();
    }
  };

  const launch = async () => {
    // The end of this process closes that pipe, which ends the server.
    const leash = '"$0" "$@" & server=$!; echo $server; cat >/dev/null; kill -KILL $server; wait $server';
    const shell = spawn(
      "/bin/sh",
      ["-c", leash, redis, join(folder, "redis.conf"), ...settings, ...lasting, ...options],
      {
        cwd: folder,
        stdio: ["pipe", "pipe", "ignore"],
      },
    );
    const [pid] = (await once(createInterface({ input: shell.stdout }), "line")) as [string];
    await call("PING");
    return { shell, pid: Number(pid) };
  };

  let running: Awaited<ReturnType<typeof launch>> | null = await launch();
  const kill = async (): Promise<void> => {
    if (running === null) return;
    const { shell } = running;
    running = null;
    const ended = once(shell, "exit");
    shell.stdin.end();
    await ended;
  };
  return {
    port,
    folder,
    call,
    kill,
    async restart() {
      await kill();
      running = await launch();
    },
    freeze: () => void process.kill(running!.pid, "SIGSTOP"),
    thaw: () => void process.kill(running!.pid, "SIGCONT"),
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** The program that ODAN_TEST_REDIS_SERVER names; else one of this machine; else one that the package manager installs. */
const binary = (): Promise<string> => fromPackage("redis-server", installed, "ODAN_TEST_REDIS_SERVER");

const installed = async (): Promise<string | undefined> =>
  process.env["ODAN_TEST_REDIS_SERVER"] ||
  (await run("/bin/sh", ["-c", "command -v redis-server || true"])).stdout.trim() ||
  undefined;

/** A port that is free, and whose companion of a cluster's nodes (10,000 above) is too. */
const freePort = async (): Promise<number> => {
  for (;;) {
    const port = await listens(0);
    if (port !== null && port < 55_000 && (await listens(port + 10_000)) !== null) return port;
  }
};

const listens = async (wanted: number): Promise<number | null> => {
  const probe = createServer().listen(wanted, "127.0.0.1");
  try {
    await once(probe, "listening");
  } catch {
    return null;
  }
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return address === null || typeof address === "string" ? null : address.port;
};
