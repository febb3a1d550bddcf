import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { BeaconRelease, Precision } from "./answers.ts";
import * as answers from "./answers.ts";
import { beaconIndex, type EntryType } from "./beacon-index.ts";
import { beaconSchemas } from "./beacon-schemas.ts";
import type { BeaconData } from "./columns.ts";
import { conditionOf } from "./filters.ts";
import { Refusal } from "./refusal.ts";
import { type BeaconRequest, fromBody, fromQuery, UNREAD } from "./request.ts";

/** What goes wrong at the beacon, for tests and demonstrations. Read anew for every request. */
export type Faults = {
  /** Waits before every answer. */
  delayMs?: number;
  /** Cuts every connection. */
  down?: boolean;
  /** Takes every request and never answers. */
  silent?: boolean;
  /** A page in place of JSON, or an answer that breaks off in the middle. */
  garbage?: "page" | "cut";
  /** 503 with this many seconds of Retry-After, or 401. */
  busySeconds?: number;
  refuses?: boolean;
  /** Whatever this gives stands in place of the count. */
  wrongCount?: (count: number, entryType: EntryType) => unknown;
};

/** How a beacon differs from one that is well and answers exact counts. */
export type BeaconOptions = {
  readonly release?: BeaconRelease;
  /** The finest answer that is given: count unless said otherwise. Records never are. */
  readonly granularity?: "boolean" | "count";
  readonly precision?: Precision;
  readonly faults?: Faults;
};

/** A beacon that can be started, stopped, upset and given new data. */
export type BeaconServer = {
  /** Serves on loopback; port 0 takes a free one. Gives the base URL, with a slash at its end. */
  listen(port: number): Promise<string>;
  close(): Promise<void>;
  /** Changes data and release at once, between two requests. */
  publish(data: BeaconData, release: BeaconRelease): void;
  readonly faults: Faults;
  /** Requests for counts so far. */
  readonly asked: { readonly [E in EntryType]: number };
};

const LARGEST_BODY = 1_000_000;

/** A GA4GH Beacon v2 over any columns: boolean and count granularity, filters joined by AND. */
export const beaconServer = (data: BeaconData, options: BeaconOptions = {}): BeaconServer => {
  const check = beaconSchemas();
  const faults: Faults = { ...options.faults };
  const asked = { individual: 0, biosample: 0 };
  const finest = options.granularity ?? "count";
  let served = prepared(data, options.release ?? { number: "1", date: "2026-01-01" });
  let base = "";

  const count = (entryType: EntryType, request: BeaconRequest): object => {
    asked[entryType]++;
    const conditions = request.filters.map((filter) => conditionOf(filter, served.byId, entryType));
    const found = served.index.count(entryType, conditions);
    const granularity = request.granularity === "boolean" ? "boolean" : finest;
    const precision = options.precision ?? { kind: "exact" };
    const answer = answers.counted(served.release, request, entryType, granularity, found, precision);
    if (faults.wrongCount === undefined || granularity === "boolean") return answer;
    return { ...answer, responseSummary: { exists: found > 0, numTotalResults: faults.wrongCount(found, entryType) } };
  };

  /** What a path answers, once its request is read; undefined where there is no such path. */
  const routes: { readonly [path: string]: Route } = {
    "/": { answer: () => answers.info(served.release, base) },
    "/info": { answer: () => answers.info(served.release, base) },
    "/service-info": { answer: () => answers.serviceInfo(served.release) },
    "/configuration": { answer: () => answers.configuration(finest) },
    "/map": { answer: () => answers.map(base) },
    "/entry_types": { answer: () => answers.entryTypes() },
    "/filtering_terms": { answer: (request) => answers.filteringTerms(served.terms, request) },
    ...Object.fromEntries(
      answers.ENTRY_TYPES.flatMap((entryType): [string, Route][] => [
        [`/${answers.PATHS[entryType]}`, { entryType, posts: true, answer: (request) => count(entryType, request) }],
        [
          `/${answers.PATHS[entryType]}/filtering_terms`,
          { posts: true, answer: (request) => answers.filteringTerms(termsOn(served.terms, entryType), request) },
        ],
      ]),
    ),
  };

  const read = async (message: IncomingMessage, url: URL, route: Route): Promise<BeaconRequest> => {
    if (message.method === "GET") return fromQuery(url.searchParams, route.entryType ?? null, check);
    if (message.method !== "POST" || route.posts !== true) {
      throw new Refusal(405, `${message.method} is not allowed here.`, { allow: route.posts ? "GET, POST" : "GET" });
    }
    if (!/^application\/json\b/.test(message.headers["content-type"] ?? "")) {
      throw new Refusal(415, "The request body must be application/json.");
    }
    return fromBody(await bodyOf(message), check);
  };

  const respond = async (message: IncomingMessage): Promise<Reply> => {
    let request = UNREAD;
    try {
      if (faults.busySeconds !== undefined) {
        throw new Refusal(503, "Too much to do.", { "retry-after": String(faults.busySeconds) });
      }
      if (faults.refuses === true) throw new Refusal(401, "Not without a token.");
      const url = new URL(message.url ?? "/", "http://beacon");
      const path = url.pathname.replace(/(.)\/+$/, "$1");
      const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
      if (route === undefined) throw new Refusal(404, `There is no ${path}.`);
      request = await read(message, url, route);
      return { status: 200, headers: {}, body: route.answer(request) };
    } catch (error) {
      const { status, message: text, headers } = error instanceof Refusal ? error : new Refusal(500, "Internal error.");
      return { status, headers, body: answers.failed(request, status, text) };
    }
  };

  const server = createServer(async (message, response) => {
    if (faults.down === true) {
      message.socket.destroy();
      return;
    }
    const reply = await respond(message);
    if (faults.delayMs !== undefined) await sleep(faults.delayMs);
    if (faults.silent !== true) send(response, reply, faults.garbage);
  });

  return {
    faults,
    asked,
    publish: (next, release) => {
      served = prepared(next, release);
    },
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => {
          base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
          resolve(base);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

type Route = {
  readonly entryType?: EntryType;
  readonly posts?: boolean;
  readonly answer: (request: BeaconRequest) => object;
};
type Reply = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: object };

const prepared = ({ columns, terms }: BeaconData, release: BeaconRelease) => ({
  release,
  terms,
  byId: new Map(terms.map((term) => [term.id, term])),
  index: beaconIndex(columns),
});

const termsOn = (terms: BeaconData["terms"], entryType: EntryType): BeaconData["terms"] =>
  terms.filter(({ scopes }) => scopes.includes(entryType));

const bodyOf = async (message: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_BODY)
      throw new Refusal(413, `A request body has at most ${LARGEST_BODY} bytes.`, { connection: "close" });
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
};

const send = (response: ServerResponse, { status, headers, body }: Reply, garbage: Faults["garbage"]): void => {
  if (garbage === "page") {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Maintenance</title>");
    return;
  }
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", "content-length": text.length, ...headers });
  if (garbage === "cut") {
    response.write(text.subarray(0, text.length >> 1), () => response.destroy());
    return;
  }
  response.end(text);
};
