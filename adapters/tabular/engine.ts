import { DuckDBInstance, type DuckDBType, type DuckDBValue, INTEGER, LIST, listValue, VARCHAR } from "@duckdb/node-api";
import { pool } from "../../net/pool.ts";

/** A value bound to $1, $2 ...: numbers are INTEGER, texts VARCHAR. An empty list counts as texts. */
export type SqlValue = number | string | readonly number[] | readonly string[];

/** Runs one statement and gives its rows, column by column in the statement's order. Numbers may come as bigint. */
export type RunSql = (sql: string, values?: readonly SqlValue[]) => Promise<readonly (readonly unknown[])[]>;

/** See openEngine. */
export type Engine = Awaited<ReturnType<typeof openEngine>>;

/**
 * Opens an empty database in memory that installs nothing, loads nothing and spills nothing to disk. It has a few connections,
 * lent in the order asked. Closing waits for those who asked before.
 */
export const openEngine = async (connections: number) => {
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    temp_directory: "",
  });
  const all = await Promise.all(Array.from({ length: connections }, () => instance.connect()));
  const lent = pool(all);
  const running = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  return {
    /**
     * Lends a connection to `work`, one user at a time; waits for one to be free. When the signal aborts, the running
     * statement is interrupted and the call rejects with signal.reason. Other failures are DuckDB's errors.
     */
    async use<T>(signal: AbortSignal, work: (run: RunSql) => Promise<T>): Promise<T> {
      if (closed !== undefined) throw new Error("The engine is closed.");
      const using = lent.use(signal, async (connection) => {
        const interrupt = () => connection.interrupt();
        signal.addEventListener("abort", interrupt, { once: true });
        try {
          const result = await work(
            inTurn(async (sql, values = []) => {
              signal.throwIfAborted();
              const { bound, types } = bind(values);
              return (await connection.runAndReadAll(sql, bound, types)).getRows();
            }),
          );
          signal.throwIfAborted();
          return result;
        } catch (error) {
          signal.throwIfAborted();
          throw error;
        } finally {
          signal.removeEventListener("abort", interrupt);
        }
      });
      running.add(using);
      try {
        return await using;
      } finally {
        running.delete(using);
      }
    },
    [Symbol.asyncDispose](): Promise<void> {
      closed ??= (async () => {
        await Promise.allSettled(running);
        for (const connection of all) connection.closeSync();
        instance.closeSync();
      })();
      return closed;
    },
  };
};

/** Statements that are asked for at once run one after another: each would keep a thread of Node waiting for the connection. */
const inTurn = (run: RunSql): RunSql => {
  let last: Promise<unknown> = Promise.resolve();
  return (sql, values) => {
    const result = last.then(() => run(sql, values));
    last = result.catch(() => undefined);
    return result;
  };
};

const bind = (values: readonly SqlValue[]): { bound: DuckDBValue[]; types: DuckDBType[] } => {
  const bound: DuckDBValue[] = [];
  const types: DuckDBType[] = [];
  for (const value of values) {
    if (typeof value === "object") {
      bound.push(listValue([...value]));
      types.push(LIST(typeof value[0] === "number" ? INTEGER : VARCHAR));
    } else {
      bound.push(value);
      types.push(typeof value === "number" ? INTEGER : VARCHAR);
    }
  }
  return { bound, types };
};
