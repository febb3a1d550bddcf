import { setMaxListeners } from "node:events";
import { pool } from "../../net/pool.ts";
import { unlessAborted, withAnySignal } from "../../net/signals.ts";
import { adapterClosed } from "../kit/failures.ts";
import { omopError } from "./errors.ts";
import { databaseSession, type Rows, type SessionOptions } from "./session.ts";
import type { Statement } from "./statement.ts";

/** Connections to one database: none is open until it is needed, and a broken one is replaced at its next use. */
export const connections = (options: SessionOptions & { readonly atOnce: number }) => {
  const { bank, atOnce, cancel } = options;
  const sessions = Array.from({ length: atOnce }, () => databaseSession(options));
  const idle = pool(sessions);
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const running = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;
  return {
    /**
     * Runs the statements in one read-only transaction over one snapshot, in one round trip. @throws {BankError};
     * signal.reason as soon as the signal aborts, and the connection is free again when the database has stopped.
     */
    async read(statements: readonly Statement[], signal: AbortSignal): Promise<readonly Rows[]> {
      try {
        return await withAnySignal([signal, closing.signal], (either) => {
          const working = idle.use(either, (session) => session.transact(statements, either), signal);
          running.add(working);
          void working.catch(() => undefined).finally(() => running.delete(working));
          return unlessAborted(working, either);
        });
      } catch (error) {
        signal.throwIfAborted();
        throw omopError(bank, error);
      }
    },
    [Symbol.asyncDispose](): Promise<void> {
      closed ??= (async () => {
        closing.abort(adapterClosed(bank));
        if (cancel === "abandon") for (const session of sessions) session.drop();
        await Promise.allSettled(running);
        await Promise.all(sessions.map((session) => session.end()));
      })();
      return closed;
    },
  };
};
