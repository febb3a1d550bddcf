import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "../tmm/refusal.ts";
import type { FhirDonor } from "./donors.ts";
import { capabilityStatement, type FhirRelease, operationOutcome, releaseLibrary } from "./metadata.ts";
import { type SearchOptions, searchset } from "./request.ts";
import { type Tables, type TypeName, tablesOf } from "./tables.ts";

/** What goes wrong at the server, for tests and demonstrations. Read anew for every request. */
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
  /** Whatever this gives stands in place of each searchset's total. */
  wrongCount?: (count: unknown) => unknown;
};

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
    const bundle: { total?: unknown } = searchset(served.tables, type, params, strict, base, searching);
    return faults.wrongCount === undefined ? bundle : { ...bundle, total: faults.wrongCount(bundle.total) };
  };

  /** A GET of a path below the base. */
  const get = (path: string, params: URLSearchParams, strict: boolean): object => {
    if (path === "metadata") return capabilityStatement(served.tables, served.release, base);
    if (path === "Library/release") return releaseLibrary(served.release);
    const [type = "", id] = path.split("/");
    if (!isType(served.tables, type)) throw new Refusal(404, `There is no ${path}.`);
    if (id === undefined) return search(type, params, strict);
    const row = served.tables[type].ids.indexOf(id);
    if (row < 0) throw new Refusal(404, `There is no ${path}.`);
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

  const post = async (message: IncomingMessage, path: string, strict: boolean): Promise<object> => {
    const type = message.headers["content-type"] ?? "";
    const [, name = ""] = /^(\w+)\/_search$/.exec(path) ?? [];
    if (isType(served.tables, name)) {
      if (!/^application\/x-www-form-urlencoded\b/.test(type)) throw new Refusal(415, "A search is posted as a form.");
      return search(name, new URLSearchParams(await bodyOf(message)), strict);
    }
    if (path !== "" || !batch) throw new Refusal(405, `POST is not allowed here.`);
    if (!/^application\/(fhir\+)?json\b/.test(type)) throw new Refusal(415, "A bundle is posted as JSON.");
    const bundle = parse(await bodyOf(message));
    if (bundle?.resourceType !== "Bundle" || bundle.type !== "batch" || !Array.isArray(bundle.entry)) {
      throw new Refusal(400, "Wanted a Bundle of type batch with entries.");
    }
    return {
      resourceType: "Bundle",
      type: "batch-response",
      entry: bundle.entry.map((entry: unknown) => inBatch(entry, strict)),
    };
  };

  const respond = async (message: IncomingMessage): Promise<Reply> => {
    try {
      if (faults.busySeconds !== undefined) {
        throw new Refusal(503, "Too much to do.", { "retry-after": String(faults.busySeconds) });
      }
      if (faults.refuses === true) throw new Refusal(401, "Not without a token.");
      const url = new URL(message.url ?? "/", "http://fhir");
      requests.push(`${message.method} ${url.pathname}`);
      if (!`${url.pathname}/`.startsWith(`${PATH}/`)) throw new Refusal(404, `There is no ${url.pathname}.`);
      const path = url.pathname.slice(PATH.length + 1).replace(/\/$/, "");
      const strict = /\bhandling=strict\b/.test(String(message.headers["prefer"] ?? ""));
      if (message.method === "POST") return { status: 200, headers: {}, body: await post(message, path, strict) };
      if (message.method === "GET") return { status: 200, headers: {}, body: get(path, url.searchParams, strict) };
      throw new Refusal(405, `${message.method} is not allowed here.`, { allow: "GET, POST" });
    } catch (error) {
      const { status, message: text, headers } = asRefusal(error);
      return { status, headers, body: operationOutcome(status, text) };
    }
  };

  const server = createServer(async (message, response) => {
    if (faults.down === true) {
      message.socket.destroy();
      return;
    }
    const reply = await respond(message);
    if (faults.delayMs !== undefined) await sleep(faults.delayMs);
    if (faults.silent !== true) write(response, reply, faults.garbage);
  });

  return {
    faults,
    requests,
    publish: (next, edition) => {
      served = { tables: tablesOf(next), release: edition };
    },
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => {
          base = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`;
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

type Reply = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: object };

const isType = (tables: Tables, name: string): name is TypeName => Object.hasOwn(tables, name);
const asRefusal = (error: unknown): Refusal => (error instanceof Refusal ? error : new Refusal(500, "Internal error."));

const parse = (text: string): { resourceType?: unknown; type?: unknown; entry?: unknown } | null => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "The request body is not JSON.");
  }
};

const bodyOf = async (message: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_BODY) throw new Refusal(413, "The request body is too large.", { connection: "close" });
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
};

const write = (response: ServerResponse, { status, headers, body }: Reply, garbage: Faults["garbage"]): void => {
  if (garbage === "page") {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Maintenance</title>");
    return;
  }
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/fhir+json", "content-length": text.length, ...headers });
  if (garbage === "cut") {
    response.write(text.subarray(0, text.length >> 1), () => response.destroy());
    return;
  }
  response.end(text);
};
