import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import type { Answers } from "../cache/answers.ts";
import { realClock } from "../cache/clock.ts";
import type { Config } from "./config.ts";
import type { BankLink } from "./executor.ts";
import { graphqlHandler } from "./graphql.ts";
import { httpListener } from "./http.ts";
import { listenError } from "./listen-error.ts";
import { openRegistry } from "./registry.ts";
import type { SnapshotTokens } from "./snapshot.ts";

export type GatewayOptions = Pick<Config, "port" | "host" | "cors" | "deadlineMs" | "development"> & {
  readonly banks: readonly BankLink[];
  readonly answers: Answers;
  readonly tokens: SnapshotTokens;
  readonly log: Logger;
  /** The clock that the years of facets go by. */
  readonly now?: () => Date;
};

/** A gateway that listens. */
export type Gateway = {
  /** Such as http://127.0.0.1:4000 */
  readonly url: string;
  /** Takes no more requests, lets the running ones end within ten seconds, and disposes banks and answers. Repeating it is harmless. */
  readonly close: () => Promise<void>;
};

/** How long running requests may take to end once the gateway closes. */
const DRAIN_MS = 10_000;

/** Serves the banks over HTTP. @throws {ListenError} */
export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { banks, answers, tokens, log, deadlineMs, now = () => new Date() } = options;
  const registry = await openRegistry(banks, { answers, clock: realClock, log });
  const graphql = graphqlHandler({ registry, deadlineMs, now, tokens }, log);
  let closing: Promise<void> | undefined;
  const ready = () => closing === undefined && registry.all().length > 0;
  const server = createServer(httpListener({ ...options, graphql, ready }));
  const drain = drainer(server);
  // A body of the size allowed is here long before; a proxy in front closes idle connections sooner than we do.
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  const close = async () => {
    await drain();
    await graphql.dispose();
    await registry[Symbol.asyncDispose]();
    await answers[Symbol.asyncDispose]();
  };
  try {
    const url = await listen(server, options);
    return { url, close: () => (closing ??= close()) };
  } catch (error) {
    await registry[Symbol.asyncDispose]();
    await answers[Symbol.asyncDispose]();
    throw error;
  }
};

const listen = (server: Server, { port, host }: Pick<Config, "port" | "host">): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen(port, host, () => {
      const { address, family, port: bound } = server.address() as AddressInfo;
      resolve(`http://${family === "IPv6" ? `[${address}]` : address}:${bound}`);
    });
  });

/**
 * Counts requests rather than connections: a connection that has not asked anything yet would hold up the end.
 * @returns closes the server and resolves when the last running request has ended, or was cut off
 */
const drainer = (server: Server): (() => Promise<void>) => {
  let running = 0;
  let drained = () => {};
  server.on("request", (_, response) => {
    running += 1;
    response.once("close", () => {
      running -= 1;
      if (running === 0) drained();
    });
  });
  return async () => {
    server.close();
    const cut = setTimeout(() => drained(), DRAIN_MS);
    await new Promise<void>((resolve) => {
      drained = resolve;
      if (running === 0) resolve();
    });
    clearTimeout(cut);
    server.closeAllConnections();
  };
};
