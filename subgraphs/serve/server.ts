import { createServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { gracefulShutdown } from "../../net/serve/graceful-shutdown.ts";
import { listen } from "../../net/serve/listen.ts";
import type { TlsTexts } from "../../net/tls.ts";
import { type ListenerOptions, subgraphListener } from "./listener.ts";
import type { Subgraph } from "./subgraph.ts";

export type ServeOptions = ListenerOptions & {
  readonly port: number;
  readonly host: string;
  /** Serves https: the certificate and its key; with `ca`, only to clients whose certificate that authority has signed. Default: http. */
  readonly tls?: TlsTexts | undefined;
};

/** A subgraph that listens at `url`. */
export type ServedSubgraph = {
  readonly url: string;
  /** Makes /ready fail, goes on answering, and resolves once those who poll /ready know. */
  readonly announce: () => Promise<void>;
  /** Takes no more requests, lets the running ones end within ten seconds, and closes the bank. Repeating it is harmless. */
  readonly close: () => Promise<void>;
};

/** Times of the server, as those of a gateway, in ms: the head of a request within 10 s, the whole of it within 30 s. */
const TIMES = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5000 } as const;
/** Connections. A gateway has 68 at most. */
const CONNECTIONS = 1024;

/** Serves one bank to the gateways: GraphQL at every path, GET /health and GET /ready. @throws {ListenError} */
export const serveSubgraph = async (subgraph: Subgraph, options: ServeOptions): Promise<ServedSubgraph> => {
  const { tls } = options;
  const server = tls === undefined ? createServer(TIMES) : createHttpsServer({ ...TIMES, ...shown(tls) });
  server.maxConnections = CONNECTIONS;
  const { isReady, announce, drain } = gracefulShutdown(server);
  server.on("request", subgraphListener(subgraph, { ...options, isReady }));
  // Longer than a gateway keeps an idle connection: else one could close while a question is on its way.
  server.keepAliveTimeout = 65_000;
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await drain();
    await subgraph[Symbol.asyncDispose]();
  };
  const origin = await listen(server, options);
  const url = `${tls === undefined ? origin : origin.replace(/^http:/, "https:")}/`;
  return { url, announce, close: () => (closed ??= close()) };
};

const shown = (tls: TlsTexts) => ({
  ...tls,
  requestCert: tls.ca !== undefined,
  rejectUnauthorized: tls.ca !== undefined,
});
