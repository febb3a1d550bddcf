import type { ServerResponse } from "node:http";
import { mayAsk } from "./allowed-origins.ts";

/** Headers by name. */
type Headers = { readonly [name: string]: string };

const ALLOW_ORIGIN = "Access-Control-Allow-Origin";

/**
 * The CORS headers of every answer; none for an origin that may not ask.
 * Answers vary with Origin in any case (SECURITY_HEADERS).
 * @param allowed origins (see mayAsk)
 * @param origin the request's Origin; undefined if a page did not send it
 */
export const corsHeaders = (allowed: readonly string[], origin: string | undefined): Headers => {
  if (origin === undefined || !mayAsk(allowed, origin)) return {};
  return { [ALLOW_ORIGIN]: allowed.includes("*") ? "*" : origin, "Access-Control-Expose-Headers": EXPOSED };
};

/** What a preflight answers beside them. An origin that may not ask learns the methods alone. */
export const preflightHeaders = (response: ServerResponse): Headers => ({
  Allow: "GET, POST, OPTIONS",
  ...(response.hasHeader(ALLOW_ORIGIN) && {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": ALLOWED,
    "Access-Control-Max-Age": "86400",
  }),
});

/** Headers of an answer that a page may read beside those that any may. */
const EXPOSED = "Odan-Version, Retry-After, X-Request-Id";

/** Headers that a page may send: of GraphQL over HTTP, of tokens, of EventSource, of Apollo Client and of tracing. */
const ALLOWED = [
  "Accept, Authorization, Cache-Control, Content-Type, GraphQL-Require-Preflight, Last-Event-ID, X-Request-Id",
  "Apollo-Require-Preflight, Apollographql-Client-Name, Apollographql-Client-Version, X-Apollo-Operation-Name",
  "Baggage, B3, Traceparent, Tracestate, X-B3-Sampled, X-B3-SpanId, X-B3-TraceId, X-Requested-With",
].join(", ");
