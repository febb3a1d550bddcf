import type { Socket } from "node:net";
import type { Client, ClientConfig } from "pg";
import { BankError } from "../../schema/bank-error.ts";
import { bankBroken } from "../kit/failures.ts";
import { cancelQuery } from "./cancel.ts";
import { omopError } from "./errors.ts";
import { clientWithSocket } from "./login.ts";
import type { Statement } from "./statement.ts";

/** The rows of one statement, column by column. 64-bit integers come as texts. */
export type Rows = readonly (readonly unknown[])[];

/** How connections are made and how long they may take; see omopOptions. */
export type SessionOptions = {
  readonly bank: string;
  readonly login: ClientConfig;
  readonly timeoutMs: number;
  readonly cancel: "request" | "abandon";
};

/** How much later than the server's own time limit ours strikes, for a server that does not answer at all. */
const GRACE_MS = 500;
/** In bytes, of all that one transaction brings. */
const LARGEST_ANSWER = 32 * 1024 * 1024;
/** How often the bytes are looked at that have come. */
const LOOK_MS = 20;

/** One connection, opened at its first use and again when it broke. It carries one transaction at a time. */
export const databaseSession = ({ bank, login, timeoutMs, cancel }: SessionOptions) => {
  let open: { readonly client: Client; readonly socket: Socket } | undefined;
  const drop = (): void => {
    open?.socket.destroy();
    open = undefined;
  };

  const connect = async () => {
    const { client, socket } = clientWithSocket({ ...login, connectionTimeoutMillis: timeoutMs, pipeline: true });
    const close = () => {
      if (open?.client === client) open = undefined;
      socket.destroy();
    };
    client.on("error", close).on("end", close);
    try {
      await withByteLimit(bank, socket, () => client.connect());
    } catch (error) {
      close();
      throw error;
    }
    open = { client, socket };
    return open;
  };

  /** After a FATAL error the server closes the connection, but the driver may report that late or never: cut it now. */
  const dropIfFatal = (error: unknown): never => {
    if (omopError(bank, error).code === "BANK_UNREACHABLE") drop();
    throw error;
  };

  return {
    /** Settles when the connection is free for another transaction, or closed. */
    async transact(statements: readonly Statement[], signal: AbortSignal): Promise<readonly Rows[]> {
      signal.throwIfAborted();
      const { client, socket } = open ?? (await connect());
      signal.throwIfAborted();
      let isLate = false;
      const giveUp = () => {
        isLate = true;
        socket.destroy();
      };
      const timer = setTimeout(giveUp, cancel === "request" ? timeoutMs + GRACE_MS : timeoutMs);
      let stopping: Promise<void> | undefined;
      try {
        return await withByteLimit(bank, socket, async () => {
          const pid = cancel === "request" ? "; SELECT pg_backend_pid() AS pid" : "";
          const begun = client.query(begin(timeoutMs) + pid).catch(dropIfFatal);
          const stop = () => {
            stopping ??= begun.then((result) => cancelQuery(login, pidIn(result), timeoutMs)).catch(() => undefined);
          };
          if (cancel === "request") signal.addEventListener("abort", stop, { once: true });
          try {
            return await pipelined(client, begun, statements, dropIfFatal);
          } finally {
            signal.removeEventListener("abort", stop);
          }
        });
      } catch (error) {
        throw isLate ? tooLate(bank, timeoutMs) : error;
      } finally {
        clearTimeout(timer);
        if (stopping !== undefined) {
          // A cancellation that comes late must not hit the next transaction on this connection.
          await stopping;
          drop();
        }
      }
    },
    /** Cuts the connection. */
    drop,
    end: async (): Promise<void> => open?.client.end(),
  };
};

/**
 * Runs work over a socket that is cut when it brings too much. The driver has no bound for what it keeps.
 * @throws {BankError} TOO_LARGE
 */
const withByteLimit = async <T>(bank: string, socket: Socket, work: () => Promise<T>): Promise<T> => {
  const before = socket.bytesRead;
  const isOver = (): boolean => socket.bytesRead - before > LARGEST_ANSWER;
  const look = setInterval(() => isOver() && socket.destroy(), LOOK_MS);
  const tooLarge = (): BankError => {
    const message = `PostgreSQL: wanted at most ${LARGEST_ANSWER} bytes, got more`;
    return bankBroken(bank, message, "TOO_LARGE");
  };
  try {
    const result = await work();
    if (isOver()) throw tooLarge();
    return result;
  } catch (error) {
    throw isOver() ? tooLarge() : error;
  } finally {
    clearInterval(look);
  }
};

const tooLate = (bank: string, timeoutMs: number): BankError =>
  new BankError("BANK_TIMEOUT", bank, `PostgreSQL: wanted counts in ${timeoutMs} ms, got none`);

const begin = (timeoutMs: number): string =>
  `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${timeoutMs};
    SET LOCAL jit = off; SET LOCAL work_mem = '64MB'`;

/** The server process, out of the results of the transaction's beginning; a pooler may give each transaction another one. */
const pidIn = (results: unknown): number => Number(Array.isArray(results) ? results.at(-1)?.rows[0]?.pid : undefined);

/** Sends everything at once; the database answers in turn. `failed` is called for each statement that fails. */
const pipelined = async (
  client: Client,
  begun: Promise<unknown>,
  statements: readonly Statement[],
  failed: (error: unknown) => never,
): Promise<readonly Rows[]> => {
  const queries = statements.map(({ sql, values }) =>
    client.query<unknown[]>({ text: sql, values: [...values], rowMode: "array" }).catch(failed),
  );
  const outcomes = await Promise.allSettled([begun, ...queries, client.query("COMMIT")]);
  const first = outcomes.find((outcome) => outcome.status === "rejected");
  if (first !== undefined) throw first.reason;
  return (await Promise.all(queries)).map(({ rows }) => rows);
};
