import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { whenOver } from "../../net/serve/when-over.ts";
import type { Askers } from "../askers/askers.ts";
import type { Arrived } from "../context.ts";
import type { Fairness } from "../fairness/fairness.ts";
import { corsHeaders, preflightHeaders } from "./cors.ts";
import { GRAPHQL_PATH, type GraphQLHandler } from "./graphql.ts";
import { faultOfOurs, sendJson, sendRefusal } from "./json-response.ts";
import { letIn } from "./let-in.ts";
import { pages } from "./pages.ts";
import { bodyRefusal, openStream } from "./request-limits.ts";
import { askerOf, visitorOf } from "./sign-in.ts";

/** What the paths are served from. */
export type HttpOptions = {
  readonly graphql: GraphQLHandler;
  readonly askers: Askers;
  readonly fairness: Fairness;
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
  const { askers, cors, log } = options;
  const routeOf = router(options);
  return async (request, response) => {
    const requestId = requestIdOf(request);
    const context: Arrived = {
      auditPublish: askers.auditPublish,
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

const router = (options: HttpOptions): ((request: IncomingMessage) => Route) => {
  const { graphql, fairness, ready, development, log } = options;
  const pageRoute = letIn(pages({ development, log }), visitorOf(options), fairness);
  const forReading = new Map<string, Route>([
    ["/health", (_, response) => sendJson(response, 200, { status: "ok" })],
    ["/ready", (_, response) => sendReadiness(response, ready(), fairness)],
  ]);
  const graphqlRoute = letIn(
    async (request, response, context) => {
      const refusal = bodyRefusal(request);
      if (refusal === null) {
        await graphql(request, response, context);
        return;
      }
      response.setHeader("Connection", "close");
      sendRefusal(response, refusal);
      request.resume();
    },
    askerOf(options),
    fairness,
  );
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

/** Says whether a question would be answered now. */
const sendReadiness = (response: ServerResponse, isReady: boolean, { isOn, isOverloaded }: Fairness): void => {
  const rate = isOn ? {} : { rate: "off" };
  if (!isReady) sendJson(response, 503, { ...NOT_READY, ...rate });
  else if (isOverloaded()) sendJson(response, 503, OVERLOADED);
  else sendJson(response, 200, { status: "ready", ...rate });
};

const NOT_READY = { status: "not ready", message: "No bank is known yet." };
const OVERLOADED = { status: "not ready", message: "Overloaded: new questions are refused at present." };

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
  whenOver(request, response, () => {
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const path = pathOf(request).slice(0, 200);
    const gone = response.writableFinished ? {} : { gone: true };
    log.info({ method: request.method, path, status: response.statusCode, ms, ...notes, ...gone }, "request");
  });
};
