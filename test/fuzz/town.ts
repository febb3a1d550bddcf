import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { connect } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import pino from "pino";
import { openAskers } from "../../gateway/askers/askers.ts";
import { openRegistry } from "../../gateway/banks/registry.ts";
import { graphqlHandler } from "../../gateway/http/graphql.ts";
import { httpListener } from "../../gateway/http/listener.ts";
import { startGateway } from "../../gateway/http/server.ts";
import { realClock } from "../../net/clock.ts";
import { fakeSubgraph, gatewayOf } from "../gateway/fake-subgraph.ts";

/** A gateway that is asked over a socket, and its listener that is asked by streams of this process. */
export type Town = AsyncDisposable & {
  /** Opens a connection by the one way or the other. */
  readonly open: (overSocket: boolean) => Connection;
  /** Lines of level error and above that the gateway has logged since the last call. */
  readonly faults: () => readonly string[];
};

/** A connection, and whether a request of it may still be answered, as far as can be known. */
export type Connection = { readonly client: Duplex; readonly isBusy: () => boolean };

/** @param replaced stands in for the gateway's listener, in tests of the harness itself */
export const openTown = async (replaced?: RequestListener): Promise<Town> => {
  const faults: string[] = [];
  const log = pino({ level: "error" }, { write: (line) => void (faults.length < 100 && faults.push(line)) });
  const banks = ["a", "b", "c"].map((id) => {
    const bank = fakeSubgraph(id, { centres: [`${id}/x`], programmes: ["PROGRAMME:CONTROL_GROUP"] });
    // A million questions are not remembered.
    bank.asked.push = () => 0;
    return bank;
  });
  const options = { port: 0, host: "127.0.0.1", cors: [], deadlineMs: 5000, graphiql: true, log };
  const gateway = await startGateway({ ...options, ...gatewayOf(banks) });
  const { answers, tokens, fairness, banks: links } = gatewayOf(banks);
  const registry = await openRegistry(links, { answers, clock: realClock, log });
  const graphql = graphqlHandler({ registry, deadlineMs: 5000, now: () => new Date(), tokens }, { log });
  const own = { graphql, fairness, askers: openAskers({ log }), ready: () => true, hosts: [] };
  const server = createServer(replaced ?? httpListener({ ...options, ...own }));
  const running = new WeakMap<object, Set<IncomingMessage>>();
  server.on("request", (request, response) => {
    const ofSocket = running.get(request.socket) ?? new Set();
    running.set(request.socket, ofSocket.add(request));
    response.once("close", () => ofSocket.delete(request));
  });
  const port = Number(new URL(gateway.url).port);
  return {
    open(overSocket) {
      if (overSocket) return { client: connect({ port, host: "127.0.0.1" }), isBusy: busyFor(SOCKET_MS) };
      const [client, served] = duplexPair();
      // Unlike a socket, a pair does not tell one side that the other is destroyed.
      served.once("close", () => setImmediate(() => setImmediate(() => client.destroy())));
      client.once("close", () => served.destroy());
      server.emit("connection", Object.assign(served, { remoteAddress: "127.0.0.1" }));
      return { client, isBusy: () => [...(running.get(served) ?? [])].some(({ complete }) => complete) };
    },
    faults: () => faults.splice(0),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await graphql.dispose();
      await registry[Symbol.asyncDispose]();
      await answers[Symbol.asyncDispose]();
    },
  };
};

/** Time for the first answer of a request over a socket, in ms. After it the request is taken for one that is not complete. */
const SOCKET_MS = 500;

const busyFor = (ms: number): (() => boolean) => {
  const until = performance.now() + ms;
  return () => performance.now() < until;
};
