import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { ServerContext } from "../context.ts";
import { corsHeaders, PREFLIGHT } from "./cors.ts";
import { graphiqlPage } from "./graphiql.ts";
import { GRAPHQL_PATH, type GraphQLHandler } from "./graphql.ts";
import { bodyError, type HttpError, openStream } from "./request-limits.ts";

/** What the paths are served from. */
export type HttpOptions = {
  readonly graphql: GraphQLHandler;
  /** Whether questions can be answered. */
  readonly ready: () => boolean;
  /** Origins that may ask; `*` is any. */
  readonly cors: readonly string[];
  /** GraphiQL for browsers, and `/` leads there. */
  readonly development: boolean;
  readonly log: Logger;
};

/** Serves every path: GraphQL, `/health`, `/ready`, and a 404 that names them. Writes one line per request to the log. */
export const httpListener = (options: HttpOptions): RequestListener => {
  const { cors, log } = options;
  return (request, response) => {
    const requestId = requestIdOf(request);
    const context: ServerContext = {
      log: log.child({ requestId }),
      notes: {},
      openStream: () => openStream(request, response),
    };
    logWhenDone(request, response, context);
    const { origin } = request.headers;
    const headers = corsHeaders(cors, origin);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader("X-Request-Id", requestId);
    route(request, response, options, context).catch((error: unknown) => {
      context.log.error({ err: error }, "a fault of the gateway");
      if (response.headersSent) response.destroy();
      else sendError(response, GATEWAY_FAILED);
    });
  };
};

const route = async (
  request: IncomingMessage,
  response: ServerResponse,
  { graphql, ready, development }: HttpOptions,
  context: ServerContext,
): Promise<void> => {
  const path = pathOf(request);
  const reads = request.method === "GET" || request.method === "HEAD";
  if (path === "/health" && reads) return send(response, 200, { status: "ok" });
  if (path === "/ready" && reads)
    return ready() ? send(response, 200, { status: "ready" }) : send(response, 503, NOT_READY);
  if (path === "/" && reads && development) {
    response.writeHead(302, { Location: GRAPHQL_PATH }).end();
    return;
  }
  if (path !== GRAPHQL_PATH) return sendError(response, NOT_FOUND);
  if (request.method === "OPTIONS") return preflight(response);
  if (development && request.method === "GET" && wantsPage(request)) {
    const page = await graphiqlPage();
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page);
    return;
  }
  const error = bodyError(request);
  if (error !== null) {
    response.setHeader("Connection", "close");
    sendError(response, error);
    request.resume();
    return;
  }
  await graphql(request, response, context);
};

const NOT_FOUND: HttpError = {
  status: 404,
  code: "NOT_FOUND",
  message: `Nothing here. Try POST ${GRAPHQL_PATH}, GET /health, GET /ready.`,
};
const GATEWAY_FAILED: HttpError = {
  status: 500,
  code: "INTERNAL_SERVER_ERROR",
  message: "The gateway failed. Its log has the cause under X-Request-Id.",
};
const NOT_READY = { status: "not ready", message: "No bank is known yet." };

const pathOf = (request: IncomingMessage): string => (request.url ?? "/").split("?", 1)[0]!;

const wantsPage = (request: IncomingMessage): boolean =>
  !(request.url ?? "").includes("query=") && (request.headers.accept ?? "").includes("text/html");

const requestIdOf = ({ headers }: IncomingMessage): string => {
  const given = headers["x-request-id"];
  return typeof given === "string" && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID();
};

const preflight = (response: ServerResponse): void => {
  const allowed = response.hasHeader("Access-Control-Allow-Origin");
  response.writeHead(204, { Allow: "GET, POST, OPTIONS", ...(allowed ? PREFLIGHT : {}) }).end();
};

const send = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(`${JSON.stringify(body)}\n`);
};

const sendError = (response: ServerResponse, { status, code, message }: HttpError): void =>
  send(response, status, { errors: [{ message, extensions: { code } }] });

const logWhenDone = (request: IncomingMessage, response: ServerResponse, { log, notes }: ServerContext): void => {
  const started = performance.now();
  response.once("close", () => {
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const path = pathOf(request).slice(0, 200);
    const gone = response.writableFinished ? {} : { gone: true };
    log.info({ method: request.method, path, status: response.statusCode, ms, ...notes, ...gone }, "request");
  });
};
