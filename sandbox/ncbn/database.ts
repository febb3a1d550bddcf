import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import pg from "pg";
import { buildOnce } from "../build-once.ts";
import { records, stampOf } from "../population.ts";
import { SettingsError } from "../settings.ts";
import { yielding } from "../yielding.ts";
import { FORMAT, loadCdm, SCHEMA } from "./load.ts";
import { lockFolder } from "./lock.ts";

const CONNECTIONS = 16;

/** A running database, and whether it was loaded first. */
export type NcbnDatabase = AsyncDisposable & { readonly url: string; readonly built: boolean };

/**
 * NCBN's CDM in PGlite, kept in a folder and served on loopback (port 0: any). The folder is this process's alone.
 * @throws {SettingsError} when another process has it
 */
export const serveNcbn = async (folder: string, size: number, port: number): Promise<NcbnDatabase> => {
  const unlock = await lockFolder(folder);
  try {
    const built = await buildOnce(folder, stampOf(FORMAT, size, 1), async (work) => {
      const fresh = await PGlite.create(`${work}/pglite`);
      await fresh.exec("BEGIN");
      await loadCdm(
        (sql, values) => fresh.query(sql, values === undefined ? undefined : [...values]),
        yielding(records("ncbn", { size })),
      );
      await fresh.exec("COMMIT");
      await fresh.close();
    });
    const database = await PGlite.create(`${folder}/pglite`);
    const server = new PGLiteSocketServer({ db: database, host: "127.0.0.1", port, maxConnections: CONNECTIONS });
    await server.start();
    return {
      url: `postgres://postgres@${server.getServerConn()}/postgres`,
      built,
      async [Symbol.asyncDispose]() {
        await server.stop();
        await database.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
};

/**
 * Loads NCBN's CDM into a PostgreSQL server, unless it is there; true if it was loaded now. The comment on the schema is the
 * stamp of what it was made from. @throws {SettingsError} when there is a schema of that name that is not ours
 */
export const loadNcbn = async (url: string, size: number): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const run = (sql: string, values?: readonly unknown[]) => client.query(sql, values === undefined ? [] : [...values]);
  try {
    await run("BEGIN");
    await run("SELECT pg_advisory_xact_lock(hashtext('odan/ncbn'))");
    const { rows } = await run("SELECT obj_description(to_regnamespace($1), 'pg_namespace') AS made", [SCHEMA]);
    const { rows: there } = await run("SELECT to_regnamespace($1) AS there", [SCHEMA]);
    const stamp = `odan ${JSON.stringify(stampOf(FORMAT, size, 1))}`;
    const made = (rows[0] as { readonly made: string | null }).made;
    if (made === stamp) {
      await run("COMMIT");
      return false;
    }
    const isThere = (there[0] as { readonly there: string | null }).there !== null;
    if (isThere && !made?.startsWith("odan ")) {
      throw new SettingsError(`ODAN_POSTGRES_URL: wanted a database without a schema ${SCHEMA} of its own, got one.`);
    }
    await run(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
    await loadCdm(run, records("ncbn", { size }));
    await run(`COMMENT ON SCHEMA ${SCHEMA} IS '${stamp.replaceAll("'", "''")}'`);
    await run("COMMIT");
    return true;
  } finally {
    await client.end();
  }
};
