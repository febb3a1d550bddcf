import type { Faults } from "../faults.ts";
import { answered, type HttpRequest, type HttpServer, httpServer, type Reply, refusalReply } from "../http-server.ts";
import { Refusal } from "../refusal.ts";
import type { BeaconRelease, Precision } from "./answers.ts";
import * as answers from "./answers.ts";
import { beaconIndex, type EntryType } from "./beacon-index.ts";
import { beaconSchemas } from "./beacon-schemas.ts";
import type { BeaconData } from "./columns.ts";
import { type Habits, habitualConditions, withWords } from "./habits.ts";
import { type BeaconRequest, fromBody, fromQuery, UNREAD } from "./request.ts";

/** How a beacon differs from one without faults that answers exact counts. */
export type BeaconOptions = {
  readonly release?: BeaconRelease;
  /** The finest answer that is given: count unless said otherwise. Records never are. */
  readonly granularity?: "boolean" | "count";
  readonly precision?: Precision;
  /** What it does beside the standard; default: nothing. */
  readonly habits?: Habits;
  readonly faults?: Faults;
};

/** A beacon that can be started, stopped, upset and given new data. */
export type BeaconServer = {
  /** Serves on loopback; port 0 takes a free one. Gives the base URL, with a slash at its end. */
  listen(port: number): Promise<string>;
  connections: HttpServer["connections"];
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
  const habits = options.habits ?? {};
  const finest = options.granularity ?? "count";
  let served = prepared(data, options.release ?? { number: "1", date: "2026-01-01" });
  let base = "";

  const count = (entryType: EntryType, request: BeaconRequest): object => {
    asked[entryType]++;
    const conditions = habitualConditions(request, served.byId, entryType, habits);
    const found = served.index.count(entryType, conditions);
    const granularity = request.granularity === "boolean" ? "boolean" : finest;
    const precision = options.precision ?? { kind: "exact" };
    const { release } = served;
    const counted = answers.counted(found, { release, request, entry: entryType, granularity, precision });
    const answer = withWords(counted, request, habits);
    if (faults.wrongCount === undefined || granularity === "boolean") return answer;
    return { ...answer, responseSummary: { exists: found > 0, numTotalResults: faults.wrongCount(found, entryType) } };
  };

  /** Path -> its answer. */
  const routes: { readonly [path: string]: Route } = {
    "/": { answer: () => answers.info(served.release, base) },
    "/info": { answer: () => answers.info(served.release, base) },
    "/service-info": { answer: () => answers.serviceInfo(served.release) },
    "/configuration": { answer: () => answers.configuration(finest) },
    "/map": { answer: () => answers.map(base) },
    "/entry_types": { answer: () => answers.entryTypes() },
    "/filtering_terms": { answer: (request) => answers.filteringTerms(served.terms, request, habits.skips) },
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

  const respond = async (message: HttpRequest): Promise<Reply> => {
    const path = message.url.pathname.replace(/(.)\/+$/, "$1");
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route === undefined) throw new Refusal(404, `There is no ${path}.`);
    const request = await readRequest(message, route, check);
    try {
      return answered(route.answer(request));
    } catch (error) {
      return refusalReply(error, refusing(request));
    }
  };

  const http = httpServer(
    { contentType: "application/json", largestBody: LARGEST_BODY, respond, refused: refusing(UNREAD) },
    faults,
  );
  return {
    faults,
    asked,
    publish: (next, release) => {
      served = prepared(next, release);
    },
    listen: async (port) => {
      base = `${await http.listen(port)}/`;
      return base;
    },
    connections: http.connections,
    close: http.close,
  };
};

const readRequest = async (message: HttpRequest, route: Route, check: BeaconSchemas): Promise<BeaconRequest> => {
  if (message.method === "GET") return fromQuery(message.url.searchParams, route.entryType ?? null, check);
  if (message.method !== "POST" || route.posts !== true) {
    throw new Refusal(405, `${message.method} is not allowed here.`, { allow: route.posts ? "GET, POST" : "GET" });
  }
  if (!/^application\/json\b/.test(message.headers["content-type"] ?? "")) {
    throw new Refusal(415, "The request body must be application/json.");
  }
  return fromBody(await message.body(), check);
};

/** The error envelope that shows a request. */
const refusing =
  (request: BeaconRequest) =>
  ({ status, message }: Refusal): object =>
    answers.failed(request, status, message);

type BeaconSchemas = ReturnType<typeof beaconSchemas>;

type Route = {
  readonly entryType?: EntryType;
  readonly posts?: boolean;
  readonly answer: (request: BeaconRequest) => object;
};

const prepared = ({ columns, terms }: BeaconData, release: BeaconRelease) => ({
  release,
  terms,
  byId: new Map(terms.map((term) => [term.id, term])),
  index: beaconIndex(columns),
});

const termsOn = (terms: BeaconData["terms"], entryType: EntryType): BeaconData["terms"] =>
  terms.filter(({ scopes }) => scopes.includes(entryType));
