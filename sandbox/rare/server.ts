import type { Faults } from "../faults.ts";
import { answered, type HttpRequest, type HttpServer, httpServer, type Reply } from "../http-server.ts";
import { asRefusal, Refusal } from "../refusal.ts";
import type { FhirDonor } from "./donors.ts";
import { capabilityStatement, type FhirRelease, operationOutcome, releaseLibrary } from "./metadata.ts";
import { type SearchOptions, searchset } from "./request.ts";
import { rowOf } from "./search.ts";
import { type Tables, type TypeName, tablesOf } from "./tables.ts";

/** How a server differs from one that is well and does all that the standard lets it. */
export type FhirServerOptions = Partial<SearchOptions> & {
  readonly release?: FhirRelease;
  /** False: it takes no batch bundles. */
  readonly batch?: boolean;
  readonly faults?: Faults;
};

/** A FHIR server that can be started, stopped, upset and given new data. */
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
  const searching: SearchOptions = { weak, handling, totals: options.totals ?? "asked", self: options.self ?? "taken" };
  const faults: Faults = { ...options.faults };
  const requests: string[] = [];
  let served = { tables: tablesOf(donors), release };
  let base = "";

  const search = (type: TypeName, params: URLSearchParams, strict: boolean): object => {
    const bundle: { total?: number } = searchset(served.tables, type, params, strict, base, searching);
    if (faults.wrongCount === undefined || bundle.total === undefined) return bundle;
    return { ...bundle, total: faults.wrongCount(bundle.total, type) };
  };

  /** A GET of a path below the base. */
  const get = (path: string, params: URLSearchParams, strict: boolean): object => {
    if (path === "metadata") return capabilityStatement(served.tables, served.release, base);
    if (path === "Library/release") return releaseLibrary(served.release);
    const [type = "", id] = path.split("/");
    if (!isType(served.tables, type)) throw new Refusal(404, `There is no ${path}.`);
    if (id === undefined) return search(type, params, strict);
    const row = rowOf(served.tables[type], id);
    if (row === undefined) throw new Refusal(404, `There is no ${path}.`);
    return served.tables[type].resource(row);
  };

  const inBatch = (entry: unknown, strict: boolean): object => {
    const { method, url } = (entry as { request?: { method?: unknown; url?: unknown } } | null)?.request ?? {};
    try {
      if (method !== "GET" || typeof url !== "string") throw new Refusal(405, `${String(method)} is not allowed here.`);
      const { pathname, searchParams } = new URL(url, `${base}/`);
      return { resource: get(pathname.slice(PATH.length + 1), searchParams, strict), response: { status: "200 OK" } };
    } catch (error) {
      const { status, message } = asRefusal(error);
      return { response: { status: String(status), outcome: operationOutcome(status, message) } };
    }
  };

  const post = async ({ headers, body }: HttpRequest, path: string, strict: boolean): Promise<object> => {
    const type = headers["content-type"] ?? "";
    const [, name = ""] = /^(\w+)\/_search$/.exec(path) ?? [];
    if (isType(served.tables, name)) {
      if (!/^application\/x-www-form-urlencoded\b/.test(type)) throw new Refusal(415, "A search is posted as a form.");
      return search(name, new URLSearchParams(await body()), strict);
    }
    if (path !== "" || !batch) throw new Refusal(405, `POST is not allowed here.`);
    if (!/^application\/(fhir\+)?json\b/.test(type)) throw new Refusal(415, "A bundle is posted as JSON.");
    const bundle = parse(await body());
    if (bundle?.resourceType !== "Bundle" || bundle.type !== "batch" || !Array.isArray(bundle.entry)) {
      throw new Refusal(400, "Wanted a Bundle of type batch with entries.");
    }
    return {
      resourceType: "Bundle",
      type: "batch-response",
      entry: bundle.entry.map((entry: unknown) => inBatch(entry, strict)),
    };
  };

  const respond = async (request: HttpRequest): Promise<Reply> => {
    const { method, url, headers } = request;
    requests.push(`${method} ${url.pathname}`);
    if (!`${url.pathname}/`.startsWith(`${PATH}/`)) throw new Refusal(404, `There is no ${url.pathname}.`);
    const path = url.pathname.slice(PATH.length + 1).replace(/\/$/, "");
    const strict = /\bhandling=strict\b/.test(String(headers["prefer"] ?? ""));
    if (method === "POST") return answered(await post(request, path, strict));
    if (method === "GET") return answered(get(path, url.searchParams, strict));
    throw new Refusal(405, `${method} is not allowed here.`, { allow: "GET, POST" });
  };

  const http = httpServer(
    { contentType: "application/fhir+json", largestBody: LARGEST_BODY, respond, refused },
    faults,
  );
  return {
    faults,
    requests,
    publish: (next, edition) => {
      served = { tables: tablesOf(next), release: edition };
    },
    listen: async (port) => {
      base = `${await http.listen(port)}${PATH}`;
      return base;
    },
    connections: http.connections,
    close: http.close,
  };
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
