/**
 * Headers of every answer but GraphiQL's page: it is JSON or a stream for one asker, so that no cache may keep it, no page
 * may frame it, and no browser may run it.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  Vary: "Accept, Origin",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};
