import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Faults } from "./faults.ts";
import { asRefusal, Refusal } from "./refusal.ts";

/** A request as a bank's server reads it. */
export type HttpRequest = {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** The whole body. @throws {Refusal} 413 for more than the server takes */
  body(): Promise<string>;
};

/** What goes back: `body` as JSON. */
export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
};

/** What one API differs from another by. */
export type HttpApi = {
  readonly contentType: string;
  /** In bytes. */
  readonly largestBody: number;
  respond(request: HttpRequest): Promise<Reply>;
  /** A refusal in the API's own words. */
  refused(refusal: Refusal): object;
};

/** A server that can be started and stopped, and started again. */
export type HttpServer = {
  /** Serves on loopback; port 0 takes a free one. Gives the origin, without a slash at its end. */
  listen(port: number): Promise<string>;
  /** Number of open connections. */
  connections(): Promise<number>;
  close(): Promise<void>;
};

/** A bank's HTTP server: reads requests, sends the replies of the API, and shows the faults that are switched on. */
export const httpServer = (api: HttpApi, faults: Faults): HttpServer => {
  const replyTo = async (message: IncomingMessage): Promise<Reply> => {
    try {
      const { busySeconds, busyStatus = 503, refuses } = faults;
      if (busySeconds !== undefined) {
        throw new Refusal(busyStatus, "Too much to do.", { "retry-after": String(busySeconds) });
      }
      if (refuses === true) throw new Refusal(401, "Not without a token.");
      return await api.respond(requestOf(message, api.largestBody));
    } catch (error) {
      return refusalReply(error, api.refused);
    }
  };

  return loopbackServer(async (message, response) => {
    if (faults.down === true) {
      message.socket.resetAndDestroy();
      return;
    }
    if (faults.delayMs !== undefined) await sleep(faults.delayMs);
    const reply = await replyTo(message);
    if (faults.silent !== true) await send(response, reply, api.contentType, faults);
  });
};

/** An HTTP server on loopback that leaves every response to `handle`. */
export const loopbackServer = (
  handle: (message: IncomingMessage, response: ServerResponse) => Promise<void>,
): HttpServer => {
  const server = createServer(handle);
  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => {
          server.off("error", reject);
          resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        });
      }),
    connections: promisify(server.getConnections.bind(server)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** The reply to a request that failed; an error that is not a Refusal becomes a 500. */
export const refusalReply = (error: unknown, refused: HttpApi["refused"]): Reply => {
  const refusal = asRefusal(error);
  return { status: refusal.status, headers: refusal.headers, body: refused(refusal) };
};

/** The reply to a request that is answered. */
export const answered = (body: object): Reply => ({ status: 200, headers: {}, body });

const requestOf = (message: IncomingMessage, largestBody: number): HttpRequest => ({
  method: message.method ?? "GET",
  url: new URL(message.url ?? "/", "http://bank"),
  headers: message.headers,
  async body() {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of message as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > largestBody) {
        throw new Refusal(413, `A request body has at most ${largestBody} bytes.`, { connection: "close" });
      }
      parts.push(part);
    }
    return Buffer.concat(parts).toString("utf8");
  },
});

const PAGE = "<!doctype html><title>Maintenance</title>";

const send = async (
  response: ServerResponse,
  { status, headers, body }: Reply,
  contentType: string,
  { garbage, dripMs }: Faults,
): Promise<void> => {
  if (garbage === "page") {
    response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
    return;
  }
  const json = Buffer.from(JSON.stringify(body));
  const bytes = garbage === "bytes" ? json.map((byte) => byte ^ 0xff) : json;
  response.writeHead(status, { "content-type": contentType, "content-length": bytes.length, ...headers });
  if (garbage === "cut") {
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
    return;
  }
  if (dripMs !== undefined) await drip(response, bytes, dripMs);
  else response.end(bytes);
};

/** Until all is sent or nobody is there any more. */
const drip = async (response: ServerResponse, bytes: Uint8Array, ms: number): Promise<void> => {
  for (let at = 0; at < bytes.length && !response.destroyed; at++) {
    response.write(bytes.subarray(at, at + 1));
    await sleep(ms, undefined, { ref: false });
  }
  response.end();
};
