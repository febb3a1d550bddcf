import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request or a response on its way. */
export type Message = { readonly headers: IncomingHttpHeaders; readonly body: string };
export type Response = Message & { readonly status: number };

/** What somebody in the middle does with what passes. Each may be exchanged at any time. */
export type Meddling = {
  /** The request that is passed on, or the response that is given at once. */
  request: (sent: Message) => Message | Response | Promise<Message | Response>;
  response: (got: Response, sent: Message) => Response;
  /** The origin to which requests go. */
  target: string;
};

/** Somebody in the middle between a gateway and a subgraph, who reads and changes what passes. Disposing closes it. */
export const meddler = async (target: string) => {
  const does: Meddling = { request: (sent) => sent, response: (got) => got, target };
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const sent: Message = { headers: incoming.headers, body: (await buffer(incoming)).toString() };
    const passed = await does.request(sent);
    const got = "status" in passed ? passed : does.response(await send(does.target, passed), sent);
    const { "content-length": _, "transfer-encoding": __, ...headers } = got.headers;
    outgoing.writeHead(got.status, headers).end(got.body);
  };
  // The server behind it, or the client, may end at any time.
  const server = createServer((incoming, outgoing) => void pass(incoming, outgoing).catch(() => outgoing.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    does,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};

/** Sends a message as it is, and gives back what comes. */
export const send = (target: string, { headers, body }: Message): Promise<Response> =>
  new Promise((resolve, reject) => {
    const { "content-length": _, connection: __, ...others } = headers;
    const length = Buffer.byteLength(body);
    const options = { method: "POST", headers: { ...others, "content-length": length }, agent: false };
    const asked = request(target, options, async (response) => {
      const text = (await buffer(response)).toString();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
    });
    asked.once("error", reject).end(body);
  });
