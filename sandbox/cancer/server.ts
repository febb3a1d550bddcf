import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type DocumentNode, execute, GraphQLError, parse, validate } from "graphql";
import type { Documents } from "./documents.ts";
import { limitsOf } from "./limits.ts";
import { type CatalogueRelease, rootOf, schemaOf } from "./schema.ts";
import { searchIndex } from "./search-index.ts";

/** What goes wrong at the catalogue, for tests and demonstrations. Read anew for every request. */
export type Faults = {
  /** Waits before every answer. */
  delayMs?: number;
  /** Cuts every connection. */
  down?: boolean;
  /** Takes every request and never answers. */
  silent?: boolean;
  /** A page in place of JSON, or an answer that breaks off in the middle. */
  garbage?: "page" | "cut";
  /** 503 with this many seconds of Retry-After, or 401. */
  busySeconds?: number;
  refuses?: boolean;
  /** Whatever this gives stands in place of the total of `hits`. */
  wrongCount?: (count: number, name: string) => unknown;
};

/** How a catalogue differs from one that is well. `maxAliases`: aliased fields in one request, 15 unless said otherwise. */
export type CatalogueOptions = {
  readonly release?: CatalogueRelease;
  readonly maxAliases?: number;
  readonly faults?: Faults;
};

/** A catalogue that can be started, stopped, upset and given new data. */
export type CatalogueServer = {
  /** Serves on loopback; port 0 takes a free one. Gives the URL of the GraphQL endpoint. */
  listen(port: number): Promise<string>;
  close(): Promise<void>;
  /** Changes data and release at once, between two requests. */
  publish(documents: readonly Documents[], release: CatalogueRelease): void;
  readonly faults: Faults;
  /** GraphQL requests so far. */
  readonly asked: { readonly requests: number };
};

const LARGEST_BODY = 10_000_000;

/** A GraphQL catalogue over any documents, as Overture Arranger serves one: SQON filters, totals and aggregations. */
export const catalogueServer = (documents: readonly Documents[], options: CatalogueOptions = {}): CatalogueServer => {
  const faults: Faults = { ...options.faults };
  const asked = { requests: 0 };
  const rules = limitsOf(options.maxAliases ?? 15);
  let served = prepared(documents, options.release ?? { release: "1", date: "2026-01-01" });

  const graphql = async (request: GraphqlRequest): Promise<Reply> => {
    asked.requests++;
    const { schema, rootValue } = served;
    let document: DocumentNode;
    try {
      document = parse(request.query);
    } catch (error) {
      return refusal(400, [error as GraphQLError], "GRAPHQL_PARSE_FAILED");
    }
    const errors = validate(schema, document, rules);
    if (errors.length > 0) return refusal(400, errors, "GRAPHQL_VALIDATION_FAILED");
    const result = await execute({ schema, document, rootValue, variableValues: request.variables });
    const data = structuredClone(result.data ?? null) as Data | null;
    if (faults.wrongCount !== undefined) spoil(data, faults.wrongCount);
    return { status: 200, headers: {}, body: { ...result, data } };
  };

  const respond = async (message: IncomingMessage): Promise<Reply> => {
    const refuse = (status: number, text: string, headers: Reply["headers"] = {}): Reply => ({
      ...refusal(status, [new GraphQLError(text)], status === 401 ? "UNAUTHENTICATED" : "BAD_REQUEST"),
      headers,
    });
    if (faults.busySeconds !== undefined) {
      return refuse(503, "Too much to do.", { "retry-after": String(faults.busySeconds) });
    }
    if (faults.refuses === true) return refuse(401, "Not without a token.");
    if (new URL(message.url ?? "/", "http://catalogue").pathname !== "/graphql")
      return refuse(404, "There is only /graphql.");
    if (message.method !== "POST") return refuse(405, "Only POST is allowed here.", { allow: "POST" });
    if (!/^application\/json\b/.test(message.headers["content-type"] ?? "")) {
      return refuse(415, "The request body must be application/json.");
    }
    const body = await bodyOf(message);
    if (body === null) return refuse(413, `A request body has at most ${LARGEST_BODY} bytes.`, { connection: "close" });
    const request = requestOf(body);
    return request === null ? refuse(400, "The request body must be { query, variables }.") : graphql(request);
  };

  const server = createServer(async (message, response) => {
    if (faults.down === true) {
      message.socket.destroy();
      return;
    }
    const reply = await respond(message);
    if (faults.delayMs !== undefined) await sleep(faults.delayMs);
    if (faults.silent !== true) send(response, reply, faults.garbage);
  });

  return {
    faults,
    asked,
    publish: (next, release) => {
      served = prepared(next, release);
    },
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () =>
          resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`),
        );
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

type GraphqlRequest = { readonly query: string; readonly variables: Readonly<Record<string, unknown>> };
type Reply = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: object };
type Data = { [name: string]: { [alias: string]: { total?: unknown } | null } | null };

const prepared = (documents: readonly Documents[], release: CatalogueRelease) => {
  const indices = documents.map(searchIndex);
  return { schema: schemaOf(indices), rootValue: rootOf(indices, release) };
};

const refusal = (status: number, errors: readonly GraphQLError[], code: string): Reply => ({
  status,
  headers: {},
  body: { errors: errors.map((error) => ({ ...error.toJSON(), extensions: { code } })) },
});

const spoil = (data: Data | null, wrongCount: NonNullable<Faults["wrongCount"]>): void => {
  for (const [name, fields] of Object.entries(data ?? {})) {
    for (const hits of Object.values(fields ?? {})) {
      if (typeof hits?.total === "number") hits.total = wrongCount(hits.total, name);
    }
  }
};

const bodyOf = async (message: IncomingMessage): Promise<string | null> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_BODY) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
};

const requestOf = (body: string): GraphqlRequest | null => {
  try {
    const { query, variables } = JSON.parse(body) ?? {};
    if (typeof query !== "string" || (variables !== undefined && typeof (variables ?? {}) !== "object")) return null;
    return { query, variables: variables ?? {} };
  } catch {
    return null;
  }
};

const send = (response: ServerResponse, { status, headers, body }: Reply, garbage: Faults["garbage"]): void => {
  if (garbage === "page") {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Maintenance</title>");
    return;
  }
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", "content-length": text.length, ...headers });
  if (garbage === "cut") {
    response.write(text.subarray(0, text.length >> 1), () => response.destroy());
    return;
  }
  response.end(text);
};
