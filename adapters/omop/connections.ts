import { type EventEmitter, setMaxListeners } from "node:events";
import { Socket } from "node:net";
import pg, { type ClientConfig } from "pg";
import { pool } from "../../net/pool.ts";
import { unlessAborted, withAnySignal } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import { cancelRequest } from "./cancel.ts";
import { omopError } from "./errors.ts";
import type { Statement } from "./statement.ts";

/** The rows of one statement, column by column. 64-bit integers come as texts. */
export type Rows = readonly (readonly unknown[])[];

/** Connections to one database. Each carries one transaction at a time; a broken one is replaced at its next use. */
export type Connections = AsyncDisposable & {
  /**
   * Runs the statements in one read-only transaction over one snapshot, in one round trip. @throws {BankError};
   * signal.reason as soon as the signal aborts, and the connection is free again when the database has stopped.
   */
  read(statements: readonly Statement[], signal: AbortSignal): Promise<readonly Rows[]>;
};

/** How connections are made and how long they may take; see omopOptions. */
export type ConnectionOptions = {
  readonly bank: string;
  readonly login: ClientConfig;
  readonly timeoutMs: number;
  readonly atOnce: number;
  readonly cancel: "request" | "abandon";
};

/** Counts what a connection brings. */
type Meter = {
  /** Bytes that it may still bring. */
  left: number;
  isOver: boolean;
};
type Connection = { readonly client: pg.Client; readonly socket: Socket; readonly meter: Meter };
type Slot = { open: Connection | undefined };

/** How much later than the server's own time limit ours strikes, for a server that does not answer at all. */
const GRACE_MS = 500;
/** In bytes, of all that one transaction brings. */
const LARGEST_ANSWER = 32 * 1024 * 1024;

/** Opens no connection until one is needed. */
export const connections = (options: ConnectionOptions): Connections => {
  const { bank, timeoutMs, atOnce, cancel } = options;
  const slots = Array.from({ length: atOnce }, (): Slot => ({ open: undefined }));
  const lent = pool(slots);
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const running = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  const open = async (slot: Slot): Promise<Connection> => {
    const socket = new Socket();
    const client = new pg.Client({
      ...options.login,
      application_name: "odan",
      connectionTimeoutMillis: timeoutMs,
      pipeline: true,
      stream: () => socket,
    });
    const gone = () => {
      if (slot.open?.client === client) slot.open = undefined;
      socket.destroy();
    };
    client.on("error", gone).on("end", gone);
    const meter: Meter = { left: LARGEST_ANSWER, isOver: false };
    onData(client, (bytes) => {
      meter.left -= bytes;
      if (meter.left >= 0) return;
      meter.isOver = true;
      socket.destroy();
    });
    try {
      await client.connect();
    } catch (error) {
      gone();
      throw meter.isOver ? tooLarge(bank) : error;
    }
    slot.open = { client, socket, meter };
    return slot.open;
  };

  /** Comes back only when the connection is free for another transaction, or is gone. */
  const transact = async (slot: Slot, statements: readonly Statement[], signal: AbortSignal) => {
    signal.throwIfAborted();
    const { client, socket, meter } = slot.open ?? (await open(slot));
    signal.throwIfAborted();
    meter.left = LARGEST_ANSWER;
    let stopping: Promise<void> | undefined;
    let late = false;
    const stop = () => {
      if (cancel === "request") stopping ??= cancelRequest(client, timeoutMs);
    };
    const giveUp = () => {
      late = true;
      socket.destroy();
    };
    const timer = setTimeout(giveUp, cancel === "request" ? timeoutMs + GRACE_MS : timeoutMs);
    signal.addEventListener("abort", stop, { once: true });
    try {
      // The server closes the connection behind its last word, which is told of later if at all: nobody waits for what else
      // was asked, and nobody asks over it again.
      const endIfLast = (error: unknown): never => {
        if (omopError(bank, error).code === "BANK_UNREACHABLE") drop(slot);
        throw error;
      };
      return await pipelined(client, timeoutMs, statements, endIfLast);
    } catch (error) {
      if (meter.isOver) throw tooLarge(bank);
      if (!late) throw error;
      throw new BankError("BANK_TIMEOUT", bank, `PostgreSQL: wanted counts in ${timeoutMs} ms, got none`);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      if (stopping !== undefined) {
        // A cancel request that comes late must not hit whoever uses the connection next.
        await stopping;
        drop(slot);
      }
    }
  };

  return {
    async read(statements, signal) {
      try {
        return await withAnySignal([signal, closing.signal], (either) => {
          const working = lent.use(either, (slot) => transact(slot, statements, either));
          running.add(working);
          void working.catch(() => undefined).finally(() => running.delete(working));
          return unlessAborted(working, either);
        });
      } catch (error) {
        signal.throwIfAborted();
        throw omopError(bank, error);
      }
    },
    [Symbol.asyncDispose]() {
      closed ??= (async () => {
        closing.abort(new BankError("BANK_UNREACHABLE", bank, "the adapter is closed"));
        if (cancel === "abandon") for (const { open: one } of slots) one?.socket.destroy();
        await Promise.allSettled(running);
        await Promise.all(slots.map(({ open: one }) => one?.client.end()));
      })();
      return closed;
    },
  };
};

/** Tells how much comes in, before or behind TLS. The driver has no other way to bound what it keeps. */
const onData = (client: pg.Client, take: (bytes: number) => void): void => {
  const { connection } = client as unknown as {
    readonly connection: EventEmitter & { readonly stream: Socket; readonly ssl: unknown };
  };
  connection.once(connection.ssl ? "sslconnect" : "connect", () => {
    connection.stream.on("data", (chunk: Buffer) => take(chunk.length));
  });
};

const drop = (slot: Slot): void => {
  slot.open?.socket.destroy();
  slot.open = undefined;
};

const tooLarge = (bank: string): BankError => {
  const message = `PostgreSQL: wanted at most ${LARGEST_ANSWER} bytes, got more`;
  return new BankError("BANK_BROKEN", bank, message, { reason: "TOO_LARGE" });
};

/** Sends everything at once; the database answers in turn. `failed` is told of each statement that fails. */
const pipelined = async (
  client: pg.Client,
  timeoutMs: number,
  statements: readonly Statement[],
  failed: (error: unknown) => never,
) => {
  const begin = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${timeoutMs};
    SET LOCAL jit = off; SET LOCAL work_mem = '64MB'`;
  const outcomes = await Promise.allSettled([
    client.query(begin).catch(failed),
    ...statements.map(({ sql, values }) =>
      client.query<unknown[]>({ text: sql, values: [...values], rowMode: "array" }).catch(failed),
    ),
    client.query("COMMIT"),
  ]);
  const first = outcomes.find((outcome) => outcome.status === "rejected");
  if (first !== undefined) throw first.reason;
  return outcomes.slice(1, -1).map((outcome) => (outcome.status === "fulfilled" ? outcome.value.rows : []) as Rows);
};
