import { createServer } from "node:http";
import type { Logger } from "pino";
import type { Answers } from "../../cache/answers.ts";
import { realClock } from "../../net/clock.ts";
import { gracefulShutdown } from "../../net/serve/graceful-shutdown.ts";
import { listen } from "../../net/serve/listen.ts";
import type { PublicJwk } from "../../net/signing/keys.ts";
import { type Askers, openAskers } from "../askers/askers.ts";
import type { KeptCards } from "../banks/kept-cards.ts";
import type { BankLink } from "../banks/link.ts";
import { openRegistry } from "../banks/registry.ts";
import type { Fairness } from "../fairness/fairness.ts";
import type { SnapshotTokens } from "../search/snapshot.ts";
import type { Config } from "../settings/config.ts";
import type { StateStore } from "../state/state.ts";
import { graphqlHandler } from "./graphql.ts";
import { limitServer, SERVER_TIMES } from "./limit-server.ts";
import { httpListener } from "./listener.ts";

export type GatewayOptions = Pick<Config, "port" | "host" | "cors" | "deadlineMs"> & {
  /** Default: loopback names, addresses and `host`. */
  readonly hosts?: Config["hosts"];
  /** Default: false. */
  readonly graphiql?: boolean;
  readonly banks: readonly BankLink[];
  readonly answers: Answers;
  readonly tokens: SnapshotTokens;
  /** Public keys by which the gateway's requests to banks are checked, newest first. Default: none. */
  readonly keys?: readonly PublicJwk[];
  /** Default: everybody is anonymous, and no proxy is trusted. */
  readonly askers?: Askers;
  readonly fairness: Fairness;
  /** Where issued tokens are looked up, for /ready. Default: nowhere. */
  readonly state?: Pick<StateStore, "status">;
  /** Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Default: cards end with the process. */
  readonly kept?: KeptCards;
  readonly log: Logger;
  /** The clock that the years of facets go by. */
  readonly now?: () => Date;
};

/** A gateway that listens. */
export type Gateway = {
  /** Such as http://127.0.0.1:4000 */
  readonly url: string;
  /** Makes /ready answer 503 and goes on serving. Resolves once the next poll of /ready has got that answer. */
  readonly announce: () => Promise<void>;
  /** Takes no more requests, lets the running ones end within 10 s, disposes banks and answers. Repeating it is harmless. */
  readonly close: () => Promise<void>;
};

/** Serves the banks over HTTP. @throws {ListenError} */
export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { banks, answers, tokens, kept, fairness, log, deadlineMs, now = () => new Date() } = options;
  const { askers = openAskers({ log }), trustedProxies = [] } = options;
  const { host, hosts = [], graphiql = false } = options;
  const registry = await openRegistry(banks, { answers, clock: realClock, log, ...(kept && { kept }) });
  const server = createServer(SERVER_TIMES);
  const { isReady, announce, drain, closing } = gracefulShutdown(server);
  const federation = { registry, deadlineMs, now, tokens, keys: options.keys, closing };
  const graphql = graphqlHandler(federation, { log, rate: fairness.charges.rate });
  const ready = () => isReady() && registry.all().length > 0;
  const limits = limitServer(server, { fairness, trustedProxies, log });
  const serve = httpListener({ ...options, hosts: [host, ...hosts], graphiql, graphql, askers, ready });
  server.on("request", limits.limited(serve));
  let closed: Promise<void> | undefined;
  const dispose = async (): Promise<void> => {
    limits[Symbol.dispose]();
    fairness[Symbol.dispose]();
    await registry[Symbol.asyncDispose]();
    await answers[Symbol.asyncDispose]();
    await askers[Symbol.asyncDispose]();
  };
  const close = async () => {
    const cut = await drain();
    if (cut > 0) log.warn({ requests: cut }, "requests were cut off, since they did not end in time");
    await graphql.dispose();
    await dispose();
  };
  try {
    const url = await listen(server, options);
    return { url, announce, close: () => (closed ??= close()) };
  } catch (error) {
    await dispose();
    throw error;
  }
};
