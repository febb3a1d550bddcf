import type { RequestListener, Server } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "pino";
import { addressId, plainAddress } from "../askers/address-id.ts";
import { trustedProxies as isOneOf } from "../askers/trusted-proxies.ts";
import type { Fairness } from "../fairness/fairness.ts";
import { limitConnections } from "./connections.ts";
import { cutUnread } from "./unread.ts";

/**
 * Times of the server, in ms. The head of a request arrives within 10 s and the whole of it within 30 s, which is checked every
 * 5 s. Idle connections stay open longer than the 60 s of common proxies.
 */
export const SERVER_TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 65_000,
} as const;

/** Connections, in all and of one address. */
const MOST = 2048;
const MOST_OF_ADDRESS = 32;
/** Time to read an answer from its end on, in ms, and bytes of answers that may wait to be read. */
const READ_MS = 30_000;
const UNREAD_BYTES = 64 * 2 ** 20;

export type ServerLimits = {
  readonly fairness: Pick<Fairness, "isOn">;
  /** Proxies may have any number of connections: they bring those of all their clients. */
  readonly trustedProxies: readonly string[];
  readonly log: Logger;
};

/**
 * Limits what connections hold without asking anything, or without reading what they asked for. Disposed with the server.
 * `limited` makes the server's listener.
 */
export const limitServer = (
  server: Server,
  { fairness, trustedProxies, log }: ServerLimits,
): Disposable & { readonly limited: (listener: RequestListener) => RequestListener } => {
  const isTrusted = isOneOf(trustedProxies);
  const isProxy = ({ remoteAddress = "" }: Socket): boolean => {
    const address = plainAddress(remoteAddress);
    return address !== null && isTrusted(address);
  };
  const limited = limitConnections(server, {
    most: MOST,
    mostOf: (socket) => (fairness.isOn && !isProxy(socket) ? MOST_OF_ADDRESS : null),
    peerOf: ({ remoteAddress }) => addressId(remoteAddress),
  });
  const unread = cutUnread(server, {
    readMs: READ_MS,
    bytes: UNREAD_BYTES,
    cut: (answers) => log.warn({ answers }, "answers were cut off, since nobody read them"),
  });
  return { limited, [Symbol.dispose]: () => unread[Symbol.dispose]() };
};
