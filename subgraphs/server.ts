import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createYoga } from "graphql-yoga";
import type { Subgraph, SubgraphContext } from "./subgraph.ts";

export type ServeOptions = {
  readonly port: number;
  readonly host: string;
  /** Whether a text is the operator's token. */
  readonly isToken: (token: string) => boolean;
  /** Hears of faults that are not the bank's. */
  readonly fault: (error: unknown) => void;
};

/** A subgraph that listens at `url`. Disposing it takes no more requests, lets the running ones end, and closes the bank. */
export type ServedSubgraph = AsyncDisposable & { readonly url: string };

const LARGEST_QUESTION = 1024 * 1024;

/** Serves one bank to the gateways: GraphQL at every path, and GET /health. @throws what listening throws */
export const serveSubgraph = async (subgraph: Subgraph, options: ServeOptions): Promise<ServedSubgraph> => {
  const { port, host, isToken, fault } = options;
  const yoga = createYoga<object, SubgraphContext>({
    schema: subgraph.schema,
    context: ({ request }) => {
      const token = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
      return { signal: request.signal, operator: token !== undefined && isToken(token) };
    },
    graphqlEndpoint: "/*",
    graphiql: false,
    landingPage: false,
    batching: false,
    multipart: false,
    cors: false,
    maxRequestBodySize: LARGEST_QUESTION,
    disposeOnProcessTerminate: false,
    healthCheckEndpoint: "/health",
    // Whoever asks is a gateway of the federation: it reads and hides what is not for askers.
    maskedErrors: false,
    logging: { debug: () => {}, info: () => {}, warn: () => {}, error: fault },
  });
  const server = createServer(yoga);
  let closing = false;
  server.on("request", (_, response) => {
    // Idle from now on, and nobody would close it before its time is over.
    response.once("close", () => closing && setImmediate(() => server.closeIdleConnections()));
  });
  // Longer than a gateway keeps an idle connection, so that none is closed while a question is on its way.
  server.keepAliveTimeout = 65_000;
  const url = await listen(server, port, host);
  return {
    url,
    async [Symbol.asyncDispose]() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
      await yoga.dispose();
      await subgraph[Symbol.asyncDispose]();
    },
  };
};

const listen = (server: Server, port: number, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const { address, family, port: bound } = server.address() as AddressInfo;
      resolve(`http://${family === "IPv6" ? `[${address}]` : address}:${bound}/`);
    });
  });
