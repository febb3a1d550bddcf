import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, connect as dial, type Server } from "node:net";
import { DuckDBConnection } from "@duckdb/node-api";
import { Pool } from "undici";

/** A proxy of a bank that counts calls. `at` replaces the bank's own address. */
export type Counter = AsyncDisposable & { readonly at: string; readonly calls: () => number };

/** Counts HTTP requests. */
export const countHttp = async (url: string): Promise<Counter> => {
  const { origin } = new URL(url);
  const pool = new Pool(origin, { connections: 16 });
  let calls = 0;
  const server = createHttpServer(async (request, response) => {
    calls += 1;
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const { accept, prefer, "content-type": type } = request.headers;
    const headers = Object.entries({ accept, prefer, "content-type": type }).flatMap(([name, value]) =>
      typeof value === "string" ? [name, value] : [],
    );
    const body = Buffer.concat(parts);
    const answer = await pool.request({
      path: request.url ?? "/",
      method: request.method === "POST" ? "POST" : "GET",
      headers,
      body: body.length > 0 ? body : null,
    });
    response.writeHead(answer.statusCode, { "content-type": String(answer.headers["content-type"]) });
    response.end(Buffer.from(await answer.body.arrayBuffer()));
  });
  const port = await listen(server);
  const at = new URL(url);
  at.port = String(port);
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await pool.close();
  };
  return { at: at.href, calls: () => calls, [Symbol.asyncDispose]: close };
};

const QUERY = "Q".charCodeAt(0);
const EXECUTE = "E".charCodeAt(0);

/** Counts what PostgreSQL is asked to run: simple queries and executions, those that begin and end transactions too. */
export const countPostgres = async (url: string): Promise<Counter> => {
  const bank = new URL(url);
  let calls = 0;
  const server = createServer((asker) => {
    const behind = dial(Number(bank.port), bank.hostname);
    // Only the first message of a connection has no type.
    let typed = false;
    let unread = Buffer.alloc(0);
    asker.on("data", (bytes: Buffer) => {
      unread = Buffer.concat([unread, bytes]);
      for (;;) {
        const head = typed ? 1 : 0;
        if (unread.length < head + 4) break;
        const length = head + unread.readInt32BE(head);
        if (unread.length < length) break;
        if (typed && (unread[0] === QUERY || unread[0] === EXECUTE)) calls += 1;
        unread = unread.subarray(length);
        typed = true;
      }
      behind.write(bytes);
    });
    behind.on("data", (bytes) => asker.write(bytes));
    for (const [one, other] of [
      [asker, behind],
      [behind, asker],
    ] as const) {
      one.on("error", () => undefined).on("close", () => other.destroy());
    }
  });
  const at = new URL(url);
  at.port = String(await listen(server));
  return {
    at: at.href,
    calls: () => calls,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
};

/** Counts the statements that any DuckDB of this process runs: files have no server to stand before. */
export const countDuckDb = async (folder: string): Promise<Counter> => {
  const { runAndReadAll } = DuckDBConnection.prototype;
  let calls = 0;
  DuckDBConnection.prototype.runAndReadAll = function (...given) {
    calls += 1;
    return runAndReadAll.apply(this, given);
  };
  return {
    at: folder,
    calls: () => calls,
    async [Symbol.asyncDispose]() {
      DuckDBConnection.prototype.runAndReadAll = runAndReadAll;
    },
  };
};

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
