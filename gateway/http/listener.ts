import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { bodyTypeRefusal } from "../../net/serve/body-type.ts";
import { isClientLeft } from "../../net/serve/client-left.ts";
import { hostCheck } from "../../net/serve/hosts.ts";
import { whenOver } from "../../net/serve/when-over.ts";
import { answerWithYoga } from "../../net/serve/yoga-response.ts";
import type { Refusal } from "../../schema/refusal.ts";
import type { Askers } from "../askers/askers.ts";
import type { Arrived } from "../context.ts";
import type { Fairness } from "../fairness/fairness.ts";
import type { StateStore } from "../state/state.ts";
import { corsHeaders, preflightHeaders } from "./cors.ts";
import { GRAPHQL_PATH, type GraphQLHandler } from "./graphql.ts";
import { faultOfOurs, sendJson, sendRefusal } from "./json-response.ts";
import { letIn } from "./let-in.ts";
import { originRefusal } from "./origins.ts";
import { pages } from "./pages.ts";
import { bodyRefusal, openStream } from "./request-limits.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import { askerOf, visitorOf } from "./sign-in.ts";

/** What the paths are served from. */
export type HttpOptions = {
  readonly graphql: GraphQLHandler;
  readonly askers: Askers;
  readonly fairness: Fairness;
  /** Where issued tokens are looked up. Default: nowhere. */
  readonly state?: Pick<StateStore, "status"> | undefined;
  /** Whether questions can be answered. */
  readonly ready: () => boolean;
  /** Host names under which the gateway answers, beside those of the loopback interface and addresses; `*` is any. */
  readonly hosts: readonly string[];
  /** Origins whose pages may ask; `*` is any. */
  readonly cors: readonly string[];
  /** Serves GraphiQL at /graphiql. */
  readonly graphiql: boolean;
  readonly log: Logger;
};

/** Serves one path. */
type Route = (request: IncomingMessage, response: ServerResponse, arrived: Arrived) => unknown;

/**
 * Serves every path and logs one line per request. A request for another host is refused before anything else. GraphQL,
 * `/health` and `/ready` use Node's own request and response; the router of `pages` serves the rest.
 */
export const httpListener = (options: HttpOptions): RequestListener => {
  const { askers, cors, hosts, log } = options;
  const hostRefusal = hostCheck(hosts);
  const routeOf = router(options);
  return async (request, response) => {
    const requestId = requestIdOf(request);
    const context: Arrived = {
      auditPublish: askers.auditPublish,
      ended: askers.ended,
      log: log.child({ requestId }),
      notes: {},
      openStream: () => openStream(request, response),
    };
    logWhenClosed(request, response, context);
    const headers = { ...SECURITY_HEADERS, ...corsHeaders(cors, request.headers.origin), "X-Request-Id": requestId };
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    try {
      const refusal = hostRefusal(request) ?? bodyRefusal(request);
      if (refusal === null) await routeOf(request)(request, response, context);
      else refuseUnread(request, response, refusal, context);
    } catch (err) {
      if (response.destroyed || isClientLeft(err)) return;
      const reference = randomUUID();
      context.log.error({ err, reference }, "a fault of the gateway");
      if (response.headersSent) response.destroy();
      else sendRefusal(response, faultOfOurs(reference));
    }
  };
};

/** Refuses a request whose body is not read: the connection ends with the answer. */
const refuseUnread = (
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  { notes }: Arrived,
): void => {
  notes.errorCodes = [refusal.code];
  response.setHeader("Connection", "close");
  sendRefusal(response, refusal);
  request.resume();
};

const router = (options: HttpOptions): ((request: IncomingMessage) => Route) => {
  const { graphql, fairness, ready, cors, graphiql, log } = options;
  const pageRoute = letIn(pages({ graphiql, log }), visitorOf(options), fairness);
  const forReading = new Map<string, Route>([
    ["/health", (_, response) => sendJson(response, 200, { status: "ok" })],
    ["/ready", (_, response) => sendReadiness(response, ready(), options)],
  ]);
  const answer = letIn(
    async (request, response, context) => {
      // Yoga makes a URL of it, which not every name is good for.
      request.headers.host = "localhost";
      await answerWithYoga(graphql, { request, response, context });
    },
    askerOf(options),
    fairness,
  );
  const graphqlRoute: Route = (request, response, arrived) => {
    const { method } = request;
    const refusal = (method === "POST" ? bodyTypeRefusal(request) : null) ?? originRefusal(request, cors);
    return refusal === null ? answer(request, response, arrived) : refuseUnread(request, response, refusal, arrived);
  };
  return (request) => {
    const path = pathOf(request);
    const { method } = request;
    if (path === GRAPHQL_PATH) return method === "OPTIONS" ? preflight : graphqlRoute;
    return (method === "GET" || method === "HEAD" ? forReading.get(path) : undefined) ?? pageRoute;
  };
};

/** Says whether a question would be answered now. */
const sendReadiness = (
  response: ServerResponse,
  isReady: boolean,
  { fairness: { isOn, isOverloaded }, state }: Pick<HttpOptions, "fairness" | "state">,
): void => {
  const copy = state?.status().copy ?? "CURRENT";
  const notes = { ...(isOn ? {} : { rate: "off" }), ...(copy === "CURRENT" ? {} : { state: STATE[copy] }) };
  if (!isReady) sendJson(response, 503, { ...NOT_READY, ...notes });
  else if (isOverloaded()) sendJson(response, 503, OVERLOADED);
  else sendJson(response, 200, { status: "ready", ...notes });
};

const STATE = {
  OLD: "The state store is away: the last copy of the tokens counts.",
  NONE: "The state store is away, and there is no copy: only askers without a token are answered.",
} as const;

const NOT_READY = { status: "not ready", message: "No bank is known yet." };
const OVERLOADED = { status: "not ready", message: "Overloaded: new questions are refused at present." };

const preflight: Route = (_, response) => void response.writeHead(204, preflightHeaders(response)).end();

const pathOf = (request: IncomingMessage): string => (request.url ?? "/").split("?", 1)[0]!;

/**
 * The client's X-Request-Id if it is well-formed, else a new one. It only helps the client to find its lines in the log:
 * nothing relies on it, and what is unique is the reference of a fault.
 */
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
