/** Origins of pages on the developer's own machine, at every port: they may ask a gateway in development. */
export const LOOPBACK_ORIGINS: readonly string[] = ["localhost", "127.0.0.1", "[::1]"].flatMap((host) =>
  ["http", "https"].map((scheme) => `${scheme}://${host}:*`),
);

/**
 * Whether a page's origin may ask.
 * @param allowed origins; `*` is any, and `http://localhost:*` that host at every port
 */
export const mayAsk = (allowed: readonly string[], origin: string): boolean =>
  allowed.some((each) => each === "*" || each === origin || (each.endsWith(":*") && each === anyPortOf(origin)));

const anyPortOf = (origin: string): string | null => {
  const [, host] = /^(https?:\/\/(?:\[[\da-f:]+\]|[\w.-]+))(?::\d{1,5})?$/.exec(origin) ?? [];
  return host === undefined ? null : `${host}:*`;
};
