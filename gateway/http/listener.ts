import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { Refusal } from "../../schema/refusal.ts";
import type { Askers } from "../askers/askers.ts";
import type { Arrived } from "../context.ts";
import { corsHeaders, preflightHeaders } from "./cors.ts";
import { GRAPHQL_PATH, type GraphQLHandler } from "./graphql.ts";
import { faultOfOurs, sendJson, sendRefusal } from "./json-response.ts";
import { pages } from "./pages.ts";
import { bodyRefusal, openStream } from "./request-limits.ts";
import { signedIn } from "./sign-in.ts";

/** What the paths are served from. */
export type HttpOptions = {
  readonly graphql: GraphQLHandler;
  readonly askers: Askers;
  /** Whether questions can be answered. */
  readonly ready: () => boolean;
  /** Origins whose pages may ask; `*` is any. */
  readonly cors: readonly string[];
  /** Serves GraphiQL to browsers. */
  readonly development: boolean;
  readonly log: Logger;
};

/** Serves one path. */
type Route = (request: IncomingMessage, response: ServerResponse, arrived: Arrived) => unknown;

/**
 * Serves every path and logs one line per request. GraphQL, `/health` and `/ready` use Node's own request and response;
 * the router of `pages` serves the rest.
 */
export const httpListener = (options: HttpOptions): RequestListener => {
  const { cors, log } = options;
  const routeOf = router(options);
  return async (request, response) => {
    const requestId = requestIdOf(request);
    const context: Arrived = {
      log: log.child({ requestId }),
      notes: {},
      openStream: () => openStream(request, response),
    };
    logWhenClosed(request, response, context);
    for (const [name, value] of Object.entries(corsHeaders(cors, request.headers.origin)))
      response.setHeader(name, value);
    response.setHeader("X-Request-Id", requestId);
    try {
      await routeOf(request)(request, response, context);
    } catch (err) {
      context.log.error({ err }, "a fault of the gateway");
      if (response.headersSent) response.destroy();
      else sendRefusal(response, faultOfOurs(requestId));
    }
  };
};

const router = ({ graphql, askers, ready, development, log }: HttpOptions): ((request: IncomingMessage) => Route) => {
  const pageRoute = pages({ development, log });
  const forReading = new Map<string, Route>([
    ["/health", (_, response) => sendJson(response, 200, { status: "ok" })],
    ["/ready", (_, response) => (ready() ? sendJson(response, 200, READY) : sendJson(response, 503, NOT_READY))],
  ]);
  const graphqlRoute: Route = async (request, response, arrived) => {
    const refusal = bodyRefusal(request);
    if (refusal === null) {
      const asker = await signedIn(request, askers, arrived);
      return asker instanceof Refusal
        ? sendRefusal(response, asker)
        : graphql(request, response, { ...arrived, asker });
    }
    response.setHeader("Connection", "close");
    sendRefusal(response, refusal);
    request.resume();
  };
  return (request) => {
    const path = pathOf(request);
    const { method } = request;
    if (path === GRAPHQL_PATH) {
      if (method === "OPTIONS") return preflight;
      return development && method === "GET" && wantsPage(request) ? pageRoute : graphqlRoute;
    }
    return (method === "GET" || method === "HEAD" ? forReading.get(path) : undefined) ?? pageRoute;
  };
};

const READY = { status: "ready" };
const NOT_READY = { status: "not ready", message: "No bank is known yet." };

const preflight: Route = (_, response) => void response.writeHead(204, preflightHeaders(response)).end();

const pathOf = (request: IncomingMessage): string => (request.url ?? "/").split("?", 1)[0]!;

const wantsPage = (request: IncomingMessage): boolean =>
  !(request.url ?? "").includes("query=") && (request.headers.accept ?? "").includes("text/html");

/** The client's X-Request-Id if it is well-formed, else a new one. */
const requestIdOf = ({ headers }: IncomingMessage): string => {
  const given = headers["x-request-id"];
  return typeof given === "string" && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID();
};

const logWhenClosed = (request: IncomingMessage, response: ServerResponse, { log, notes }: Arrived): void => {
  const started = performance.now();
  response.once("close", () => {
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const path = pathOf(request).slice(0, 200);
    const gone = response.writableFinished ? {} : { gone: true };
    log.info({ method: request.method, path, status: response.statusCode, ms, ...notes, ...gone }, "request");
  });
};
