/** Headers by name, for `setHeader`. */
export type Headers = { readonly [name: string]: string };

/**
 * What a response says to a page of another origin; nothing at all to one that is not allowed.
 * @param allowed origins, or `*` for every one
 * @param origin the request's Origin; undefined where a page did not send it
 */
export const corsHeaders = (allowed: readonly string[], origin: string | undefined): Headers => {
  const any = allowed.includes("*");
  const vary: Headers = allowed.length > 0 && !any ? { Vary: "Origin" } : {};
  if (origin === undefined || !(any || allowed.includes(origin))) return vary;
  return {
    ...vary,
    "Access-Control-Allow-Origin": any ? "*" : origin,
    "Access-Control-Expose-Headers": "X-Request-Id",
  };
};

/** What a preflight adds for an origin that is allowed. */
export const PREFLIGHT: Headers = {
  "Access-Control-Allow-Methods": "GET, POST",
  "Access-Control-Allow-Headers": "Accept, Content-Type, X-Request-Id",
  "Access-Control-Max-Age": "86400",
};
