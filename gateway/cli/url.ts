import { wanted } from "./usage-error.ts";

/**
 * The GraphQL endpoint that an address stands for: `/graphql` where it names no path, otherwise the path as given.
 * @throws {UsageError} an address of another kind, or one without its scheme
 */
export const endpointOf = (address: string): string => {
  const url = httpUrl(address);
  if (url === null) {
    const near = address.includes("//") ? null : httpUrl(`http://${address}`);
    throw wanted("an http or https address after --url", address, near === null ? undefined : `http://${address}`);
  }
  if (/^\/+(graphql\/+)?$/.test(url.pathname)) url.pathname = "/graphql";
  url.hash = "";
  return url.href;
};

const httpUrl = (address: string): URL | null => {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url !== null && /^https?:$/.test(url.protocol) ? url : null;
};
