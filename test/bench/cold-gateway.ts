import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { openAskers } from "../../gateway/askers/askers.ts";
import { overHttp } from "../../gateway/banks/over-http.ts";
import { openRegistry } from "../../gateway/banks/registry.ts";
import { graphqlHandler } from "../../gateway/http/graphql.ts";
import { httpListener } from "../../gateway/http/listener.ts";
import { realClock } from "../../net/clock.ts";
import { reportReady } from "../../sandbox/child.ts";
import { gatewayOf } from "../gateway/fake-subgraph.ts";

/** The gateway before five subgraphs over HTTP, in a process of its own. BANK_URLS names them. */
const given = (process.env["BANK_URLS"] ?? "").split(",");
// The log makes its lines, and nothing is written.
const log = pino({ level: "info" }, { write: () => undefined });
const { answers, tokens, fairness } = gatewayOf([]);
const registry = await openRegistry(
  given.map((url) => overHttp([new URL(url)])),
  { answers, clock: realClock, log },
);
const graphql = graphqlHandler({ registry, deadlineMs: 5000, now: () => new Date(), tokens }, { log });
const listener = httpListener({
  fairness,
  graphql,
  askers: openAskers({ log }),
  ready: () => true,
  hosts: [],
  cors: [],
  graphiql: false,
  log,
});
const server = createServer(listener);
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () =>
  reportReady({ at: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, built: false }),
);
