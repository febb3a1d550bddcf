import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chown, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import pg from "pg";
import { fromPackage } from "./debian-package.ts";

const run = promisify(execFile);

/** A PostgreSQL server for tests. */
export type Postgres = AsyncDisposable & {
  /** URL of a superuser, to the server's own database. */
  readonly url: string;
  /** Makes an empty database and gives its URL. */
  newDatabase(): Promise<string>;
};

/**
 * The server that ODAN_TEST_POSTGRES_URL names; else one of this machine, in a folder of its own, which ends with this
 * process; else one that the system's package manager installs. @throws {Error} that says what to install
 */
export const startPostgres = async (): Promise<Postgres> => {
  const given = process.env["ODAN_TEST_POSTGRES_URL"];
  return given ? withDatabases(given, async () => {}) : ownPostgres();
};

/** A server's certificate and key, and the authority of the client certificates that it accepts; as PEM. */
export type PostgresTls = { readonly certificate: string; readonly key: string; readonly ca: string };

/**
 * Starts a server of this machine, even where ODAN_TEST_POSTGRES_URL names another. With `tls` it offers TLS; the role
 * `carded` has to use it, with a client certificate.
 */
export const ownPostgres = async (tls?: PostgresTls): Promise<Postgres> => {
  const bin = await binaries();
  const folder = await mkdtemp(join(tmpdir(), "odan-postgres-"));
  const user = process.getuid?.() === 0 ? await ordinaryUser() : undefined;
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  await run(join(bin, "initdb"), ["-D", data, "-U", "odan", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], {
    ...user,
    cwd: folder,
  });
  const port = await freePort();
  if (tls !== undefined) {
    for (const [name, text] of [
      ["server.crt", tls.certificate],
      ["server.key", tls.key],
      ["clients.crt", tls.ca],
      ["pg_hba.conf", HBA],
    ] as const) {
      await writeFile(join(data, name), text, { mode: 0o600 });
      if (user !== undefined) await chown(join(data, name), user.uid, user.gid);
    }
  }
  const settings = [
    ...(tls === undefined ? [] : ["ssl=on", "ssl_ca_file=clients.crt"]),
    ...["fsync=off", "full_page_writes=off", "max_connections=50", "listen_addresses=127.0.0.1"],
    ...[`port=${port}`, `unix_socket_directories=${folder}`],
  ].flatMap((setting) => ["-c", setting]);
  // The end of this process closes that pipe, which ends the server.
  const leash = '"$0" "$@" & server=$!; cat >/dev/null; kill -INT $server; wait $server';
  const server = spawn("/bin/sh", ["-c", leash, join(bin, "postgres"), "-D", data, ...settings], {
    ...user,
    cwd: folder,
    env: { ...process.env, LC_ALL: "C" },
    stdio: ["pipe", "ignore", "pipe"],
  });
  await untilReady(createInterface({ input: server.stderr }));
  server.stderr.resume();
  return withDatabases(`postgres://odan@127.0.0.1:${port}/postgres`, async () => {
    const ended = once(server, "exit");
    server.stdin.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
};

const HBA = `hostssl all carded 127.0.0.1/32 trust clientcert=verify-ca
hostnossl all carded 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
`;

const untilReady = async (lines: AsyncIterable<string>): Promise<void> => {
  const said: string[] = [];
  for await (const line of lines) {
    said.push(line);
    if (line.includes("database system is ready to accept connections")) return;
  }
  throw new Error(`postgres did not start:\n${said.join("\n")}`);
};

const withDatabases = (url: string, stop: () => Promise<void>): Postgres => {
  const made: string[] = [];
  const admin = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  return {
    url,
    async newDatabase() {
      const name = `odan_test_${randomUUID().slice(0, 8)}`;
      await admin(`CREATE DATABASE ${name} TEMPLATE template0`);
      made.push(name);
      const database = new URL(url);
      database.pathname = `/${name}`;
      return database.href;
    },
    async [Symbol.asyncDispose]() {
      for (const name of made) await admin(`DROP DATABASE ${name} WITH (FORCE)`);
      await stop();
    },
  };
};

/** The folder of initdb and postgres. */
const binaries = (): Promise<string> => fromPackage("postgresql", installed, "ODAN_TEST_POSTGRES_URL");

const installed = async (): Promise<string | undefined> => {
  const root = "/usr/lib/postgresql";
  const versions = await readdir(root).catch(() => []);
  const newest = versions.sort((one, other) => Number(other) - Number(one))[0];
  if (newest !== undefined) return join(root, newest, "bin");
  const { stdout } = await run("/bin/sh", ["-c", "command -v initdb || true"]);
  return stdout.trim() === "" ? undefined : join(stdout.trim(), "..");
};

/** initdb refuses root. */
const ordinaryUser = async (): Promise<{ readonly uid: number; readonly gid: number }> => {
  const idOf = async (flag: string): Promise<number> => {
    const { stdout } = await run("id", [flag, "postgres"]).catch(() => run("id", [flag, "nobody"]));
    return Number(stdout);
  };
  return { uid: await idOf("-u"), gid: await idOf("-g") };
};

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("wanted a port, got none");
  return address.port;
};
