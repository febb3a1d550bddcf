import { createServer } from "node:http";
import { createYoga } from "graphql-yoga";
import { bearerToken } from "../../net/http/authorization.ts";
import { gracefulShutdown } from "../../net/serve/graceful-shutdown.ts";
import { listen } from "../../net/serve/listen.ts";
import { yogaOptions } from "../../net/serve/yoga-options.ts";
import type { Subgraph, SubgraphContext } from "./subgraph.ts";

export type ServeOptions = {
  readonly port: number;
  readonly host: string;
  /** Whether a text is the operator's token. */
  readonly isToken: (token: string) => boolean;
  /** Called with errors that are bugs of the subgraph, not faults of the bank. */
  readonly fault: (error: unknown) => void;
};

/** A subgraph that listens at `url`. */
export type ServedSubgraph = {
  readonly url: string;
  /** Makes /ready fail, goes on answering, and resolves once those who poll /ready know. */
  readonly announce: () => Promise<void>;
  /** Takes no more requests, lets the running ones end within ten seconds, and closes the bank. Repeating it is harmless. */
  readonly close: () => Promise<void>;
};

const LARGEST_QUESTION = 1024 * 1024;

/** Serves one bank to the gateways: GraphQL at every path, GET /health and GET /ready. @throws {ListenError} */
export const serveSubgraph = async (subgraph: Subgraph, options: ServeOptions): Promise<ServedSubgraph> => {
  const { isToken, fault } = options;
  const yoga = createYoga<object, SubgraphContext>({
    schema: subgraph.schema,
    context: ({ request }) => {
      const token = bearerToken(request);
      return { signal: request.signal, operator: token !== null && isToken(token) };
    },
    ...yogaOptions(),
    graphqlEndpoint: "/*",
    maxRequestBodySize: LARGEST_QUESTION,
    healthCheckEndpoint: "/health",
    // The client is a gateway of the federation, which hides from askers what is not for them.
    maskedErrors: false,
    logging: { debug: () => {}, info: () => {}, warn: () => {}, error: fault },
  });
  const server = createServer();
  const { isReady, announce, drain } = gracefulShutdown(server);
  server.on("request", (request, response) => {
    if (request.method === "GET" && request.url === "/ready") response.writeHead(isReady() ? 200 : 503).end();
    else void yoga(request, response);
  });
  // Longer than a gateway keeps an idle connection: else one could close while a question is on its way.
  server.keepAliveTimeout = 65_000;
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await drain();
    await yoga.dispose();
    await subgraph[Symbol.asyncDispose]();
  };
  const url = `${await listen(server, options)}/`;
  return { url, announce, close: () => (closed ??= close()) };
};
