import type { Faults } from "../faults.ts";
import { answered, type HttpRequest, type HttpServer, httpServer, type Reply } from "../http-server.ts";
import { asRefusal, Refusal } from "../refusal.ts";
import type { FhirDonor } from "./donors.ts";
import { capabilityStatement, type FhirRelease, operationOutcome, releaseLibrary } from "./metadata.ts";
import { type Searching, type SearchOptions, searchset } from "./request.ts";
import { rowOf, selector } from "./search.ts";
import { type Tables, type TypeName, tablesOf } from "./tables.ts";

/** How a server differs from one that has no fault and does all that FHIR allows. */
export type FhirServerOptions = Partial<SearchOptions> & {
  readonly release?: FhirRelease;
  /** Whether it takes batch bundles; default true. */
  readonly batch?: boolean;
  readonly faults?: Faults;
};

/** A FHIR server that can be started and stopped, and given faults and new data. */
export type FhirServer = {
  /** Serves on loopback; port 0 takes a free one. Gives the base URL. */
  listen(port: number): Promise<string>;
  connections: HttpServer["connections"];
  close(): Promise<void>;
  /** Changes data and release at once, between two requests. */
  publish(donors: readonly FhirDonor[], release: FhirRelease): void;
  readonly faults: Faults;
  /** Method and path of every request so far. */
  readonly requests: readonly string[];
};

const LARGEST_BODY = 10_000_000;
const PATH = "/fhir";

/** An HL7 FHIR R4 server over any donors: read, search, batch and metadata; nothing can be written. */
export const fhirServer = (donors: readonly FhirDonor[], options: FhirServerOptions = {}): FhirServer => {
  const { release = { number: "1", date: "2026-01-01" }, batch = true, weak = {}, handling = "preferred" } = options;
  const search: SearchOptions = { weak, handling, totals: options.totals ?? "asked", self: options.self ?? "taken" };
  const faults: Faults = { ...options.faults };
  const requests: string[] = [];
  let base = "";
  const load = (all: readonly FhirDonor[], of: FhirRelease): Loaded => {
    const tables = tablesOf(all);
    return { tables, select: selector(tables, weak), release: of };
  };
  let loaded = load(donors, release);
  const api = fhirApi(() => ({ ...loaded, base, options: search }), batch, faults);

  const respond = async (request: HttpRequest): Promise<Reply> => {
    const { method, url, headers } = request;
    requests.push(`${method} ${url.pathname}`);
    if (!`${url.pathname}/`.startsWith(`${PATH}/`)) throw new Refusal(404, `There is no ${url.pathname}.`);
    const path = url.pathname.slice(PATH.length + 1).replace(/\/$/, "");
    const strict = /\bhandling=strict\b/.test(String(headers["prefer"] ?? ""));
    if (method === "POST") return answered(await api.post(request, path, strict));
    if (method === "GET") return answered(api.get(path, url.searchParams, strict));
    throw new Refusal(405, `${method} is not allowed here.`, { allow: "GET, POST" });
  };

  const http = httpServer(
    { contentType: "application/fhir+json", largestBody: LARGEST_BODY, respond, refused },
    faults,
  );
  return {
    faults,
    requests,
    connections: http.connections,
    publish: (next, edition) => {
      loaded = load(next, edition);
    },
    listen: async (port) => {
      base = `${await http.listen(port)}${PATH}`;
      return base;
    },
    close: http.close,
  };
};

/** The data that are served, with what searches in them. */
type Loaded = Pick<Searching, "tables" | "select"> & { readonly release: FhirRelease };

/** Answers GET and POST of paths below the base. Both throw a Refusal for what cannot be answered. */
const fhirApi = (serving: () => Searching & Loaded, batch: boolean, faults: Faults) => {
  const search = (type: TypeName, params: URLSearchParams, strict: boolean): object => {
    const bundle: { total?: number } = searchset(serving(), type, params, strict);
    if (faults.wrongCount === undefined || bundle.total === undefined) return bundle;
    return { ...bundle, total: faults.wrongCount(bundle.total, type) };
  };

  const get = (path: string, params: URLSearchParams, strict: boolean): object => {
    const { tables, release, base } = serving();
    if (path === "metadata") return capabilityStatement(tables, release, base);
    if (path === "Library/release") return releaseLibrary(release);
    const [type = "", id] = path.split("/");
    if (!isType(tables, type)) throw new Refusal(404, `There is no ${path}.`);
    if (id === undefined) return search(type, params, strict);
    const row = rowOf(tables[type], id);
    if (row === undefined) throw new Refusal(404, `There is no ${path}.`);
    return tables[type].resource(row);
  };

  const inBatch = (entry: unknown, strict: boolean): object => {
    const { method, url } = (entry as { request?: { method?: unknown; url?: unknown } } | null)?.request ?? {};
    try {
      if (method !== "GET" || typeof url !== "string") throw new Refusal(405, `${String(method)} is not allowed here.`);
      const { pathname, searchParams } = new URL(url, `${serving().base}/`);
      return { resource: get(pathname.slice(PATH.length + 1), searchParams, strict), response: { status: "200 OK" } };
    } catch (error) {
      const { status, message } = asRefusal(error);
      return { response: { status: String(status), outcome: operationOutcome(status, message) } };
    }
  };

  const post = async ({ headers, body }: HttpRequest, path: string, strict: boolean): Promise<object> => {
    const type = headers["content-type"] ?? "";
    const [, name = ""] = /^(\w+)\/_search$/.exec(path) ?? [];
    if (isType(serving().tables, name)) {
      if (!/^application\/x-www-form-urlencoded\b/.test(type)) throw new Refusal(415, "A search is posted as a form.");
      return search(name, new URLSearchParams(await body()), strict);
    }
    if (path !== "" || !batch) throw new Refusal(405, `POST is not allowed here.`);
    if (!/^application\/(fhir\+)?json\b/.test(type)) throw new Refusal(415, "A bundle is posted as JSON.");
    const bundle = parse(await body());
    if (bundle?.resourceType !== "Bundle" || bundle.type !== "batch" || !Array.isArray(bundle.entry)) {
      throw new Refusal(400, "Wanted a Bundle of type batch with entries.");
    }
    const entry = bundle.entry.map((each: unknown) => inBatch(each, strict));
    return { resourceType: "Bundle", type: "batch-response", entry };
  };
  return { get, post };
};

const refused = ({ status, message }: Refusal): object => operationOutcome(status, message);

const isType = (tables: Tables, name: string): name is TypeName => Object.hasOwn(tables, name);

const parse = (text: string): { resourceType?: unknown; type?: unknown; entry?: unknown } | null => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "The request body is not JSON.");
  }
};
