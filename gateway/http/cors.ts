import type { ServerResponse } from "node:http";

/** Headers by name. */
type Headers = { readonly [name: string]: string };

const ALLOW_ORIGIN = "Access-Control-Allow-Origin";

/**
 * The CORS headers of every answer; none for an origin that may not ask.
 * Answers vary with Origin in any case (SECURITY_HEADERS).
 * @param allowed origins, or `*` for any
 * @param origin the request's Origin; undefined if a page did not send it
 */
export const corsHeaders = (allowed: readonly string[], origin: string | undefined): Headers => {
  const any = allowed.includes("*");
  if (origin === undefined || !(any || allowed.includes(origin))) return {};
  return { [ALLOW_ORIGIN]: any ? "*" : origin, "Access-Control-Expose-Headers": "Retry-After, X-Request-Id" };
};

/** What a preflight answers beside them. An origin that may not ask learns the methods alone. */
export const preflightHeaders = (response: ServerResponse): Headers => ({
  Allow: "GET, POST, OPTIONS",
  ...(response.hasHeader(ALLOW_ORIGIN) && {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, graphql-require-preflight, X-Request-Id",
    "Access-Control-Max-Age": "86400",
  }),
});
