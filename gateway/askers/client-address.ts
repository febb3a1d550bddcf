import type { IncomingMessage } from "node:http";
import { plainAddress } from "./address-id.ts";
import { forwarded, forwardedFor } from "./forwarded.ts";
import { type IsTrusted, trustedProxies } from "./trusted-proxies.ts";

/** The part of a request that tells where it came from. */
export type Arrival = {
  readonly socket: Pick<IncomingMessage["socket"], "remoteAddress">;
  readonly headers: IncomingMessage["headers"];
};

/** Headers that tell the addresses before a proxy. */
const HEADERS = ["x-forwarded-for", "forwarded"] as const;
type ForwardedHeader = (typeof HEADERS)[number];

/** Most proxies in a row that are followed. */
const MOST_HOPS = 32;

/**
 * Returns a function for the address of a request's client, or null where it is not known. The addresses that a trusted proxy
 * forwards are read from the right, up to the first that is no trusted proxy. Where an entry is no address, or X-Forwarded-For
 * and Forwarded differ, the last proxy that is known counts as the client: one of the two headers may be the client's own.
 * @param blocks addresses and CIDR blocks of the proxies
 * @param ignored is called at the first header that somebody else sent
 */
export const clientAddresses = (
  blocks: readonly string[],
  ignored: (header: ForwardedHeader) => void,
): ((arrival: Arrival) => string | null) => {
  const isTrusted = trustedProxies(blocks);
  let told = false;
  const tell = (header: ForwardedHeader): void => {
    if (!told) ignored(header);
    told = true;
  };
  return ({ socket, headers }) => {
    const peer = plainAddress(socket.remoteAddress ?? "");
    const sent = HEADERS.filter((header) => headers[header] !== undefined);
    if (sent.length === 0) return peer;
    if (peer === null || !isTrusted(peer)) {
      tell(sent[0]!);
      return peer;
    }
    const clients = sent.map((header) => clientOf(peer, hopsOf(header, String(headers[header])), isTrusted));
    return new Set(clients).size === 1 ? clients[0]! : peer;
  };
};

const hopsOf = (header: ForwardedHeader, value: string): readonly (string | null)[] =>
  header === "forwarded" ? forwarded(value) : forwardedFor(value);

/** Follows the hops from the right for as long as trusted proxies tell of them. */
const clientOf = (peer: string, hops: readonly (string | null)[], isTrusted: IsTrusted): string => {
  let client = peer;
  for (const hop of hops.slice(-MOST_HOPS).reverse()) {
    if (hop === null || !isTrusted(client)) break;
    client = hop;
  }
  return client;
};
