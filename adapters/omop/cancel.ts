import type { ClientConfig } from "pg";
import { APPLICATION, clientWithSocket } from "./login.ts";

/**
 * Stops what the session of server process `pid` runs, over a connection of its own, and waits until the server has taken
 * note. Never rejects, and takes at most twice `timeoutMs`: what cannot be stopped ends by its statement_timeout.
 */
export const cancelQuery = async (login: ClientConfig, pid: number, timeoutMs: number): Promise<void> => {
  const limits = { connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs };
  const { client, socket } = clientWithSocket({ ...login, ...limits });
  client.on("error", () => undefined);
  try {
    await client.connect();
    // Behind a balancer this may be another server, where the process is somebody else's.
    const sql = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND application_name = $2";
    await client.query(sql, [pid, APPLICATION]);
  } catch {
    // The caller gives up this connection in any case.
  } finally {
    socket.destroy();
  }
};
