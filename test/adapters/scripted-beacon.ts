import type { ServerResponse } from "node:http";
import { json, serve } from "../loopback.ts";
import { type SaneTerm, saneBeacon } from "./sane-beacon.ts";

/** A response that a test decides: an object is sent as JSON, a function does as it likes, "silent" never answers. */
export type Reply = object | "silent" | ((response: ServerResponse) => void);

/** A request as it came; `body` is its JSON. */
export type Received = { readonly path: string; readonly body: unknown };

const INFO = { response: { id: "b", version: "1", updateDateTime: "2026-04-01T00:00:00Z" } };
const ELSEWHERE = { entryType: "individual", rootUrl: "http://elsewhere.example/individuals" };
const MAP = { response: { endpointSets: { individuals: ELSEWHERE } } };

/** A good answer that counts seven. */
export const COUNT = {
  meta: { returnedGranularity: "count", returnedSchemas: [{ entityType: "individual" }] },
  responseSummary: { exists: true, numTotalResults: 7 },
};

/** Sends a reply. */
export const send = (reply: Reply, response: ServerResponse): void => {
  if (typeof reply === "function") reply(response);
  else if (reply !== "silent") json(200, reply)(response);
};

/**
 * A beacon whose answers to questions the test decides: each takes the next reply of `replies`, the last one over and
 * over. What is asked when the adapter opens is answered well, with these filtering terms, until /info is read the second time.
 */
export const scriptedBeacon = async (
  replies: readonly Reply[],
  terms: readonly SaneTerm[] = [],
  sampleAnd: "same" | "any" = "any",
) => {
  const received: Received[] = [];
  const queue = [...replies];
  const sane = saneBeacon(terms, sampleAnd);
  let opened = 0;
  const { url, close } = await serve((message, text, response) => {
    const path = new URL(message.url ?? "/", "http://beacon");
    const body = text === "" ? undefined : JSON.parse(text);
    if (path.pathname === "/info") opened += 1;
    if (opened === 1 && body !== undefined) return send(sane(body), response);
    received.push({ path: path.pathname, body });
    const page = { response: { filteringTerms: path.searchParams.get("skip") === "0" ? terms : [] } };
    const opening = { "/info": INFO, "/map": MAP, "/filtering_terms": page }[path.pathname];
    send(opening ?? (queue.length > 1 ? queue.shift() : queue[0]) ?? "silent", response);
  });
  return { url: `${url}/`, received, close };
};
