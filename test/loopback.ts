import type { IncomingMessage, ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { loopbackServer } from "../sandbox/http-server.ts";

/** Serves on a free port of loopback until the test ends; `handle` gets the whole body. `url` has no slash at its end. */
export const serve = async (
  handle: (message: IncomingMessage, body: string, response: ServerResponse) => Promise<void> | void,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> => {
  const server = loopbackServer(async (message, response) => handle(message, await textOf(message), response));
  onTestFinished(server.close);
  return { url: await server.listen(0), close: server.close };
};

/** Sends this status, body and headers. */
export const json =
  (status: number, body: object, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };

const textOf = async (message: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of message as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
};
