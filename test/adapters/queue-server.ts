import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A response that a test decides: an object is sent as JSON, a function does as it likes, "silent" never answers. */
export type Reply = object | "silent" | ((response: ServerResponse) => void);

/** A request as it came. */
export type Received = { readonly path: string; readonly body: Body | undefined };
type Body = { readonly query: { readonly filters: readonly object[] } };

const INFO = { response: { id: "b", version: "1", updateDateTime: "2026-04-01T00:00:00Z" } };
const ELSEWHERE = { entryType: "individual", rootUrl: "http://elsewhere.example/individuals" };
const MAP = { response: { endpointSets: { individuals: ELSEWHERE } } };

/** A good answer that counts seven. */
export const COUNT = {
  meta: { returnedGranularity: "count", returnedSchemas: [{ entityType: "individual" }] },
  responseSummary: { exists: true, numTotalResults: 7 },
};

/**
 * A beacon whose answers to questions the test decides: each takes the next reply of `replies`, the last one over and
 * over. What is asked when the adapter opens is answered well, with these filtering terms.
 */
export async function queueServer(replies: readonly Reply[], terms: readonly object[] = []) {
  const received: Received[] = [];
  const queue = [...replies];
  const server = createServer(async (message, response) => {
    const path = new URL(message.url ?? "/", "http://beacon");
    const text = await textOf(message);
    received.push({ path: path.pathname, body: text === "" ? undefined : JSON.parse(text) });
    const page = { response: { filteringTerms: path.searchParams.get("skip") === "0" ? terms : [] } };
    const opening = { "/info": INFO, "/map": MAP, "/filtering_terms": page }[path.pathname];
    const reply = opening ?? (queue.length > 1 ? queue.shift() : queue[0]) ?? "silent";
    if (typeof reply === "function") reply(response);
    else if (reply !== "silent") json(200, reply)(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, received, close };
}

/** A response with this status, body and headers. */
export const json =
  (status: number, body: object, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };

async function textOf(message: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of message) text += String(chunk);
  return text;
}
