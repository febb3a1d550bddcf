import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import pino from "pino";
import { expect, onTestFinished, test } from "vitest";
import { publicError } from "../../gateway/http/public-errors.ts";

/** What reading the body of a request throws whose client leaves in the middle of it. */
const readingOfHalfABody = async (): Promise<unknown> => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");
  const [request] = (await once(server, "request")) as [IncomingMessage];
  const read = request.toArray().catch((error: unknown) => error);
  socket.destroy();
  return read;
};

test("a client that leaves within its body is no fault, even before its request counts as aborted", async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => lines.push(line) });
  const request = new Request("http://gateway/graphql");
  const { extensions } = publicError(await readingOfHalfABody(), { log, request });
  expect(extensions["code"]).toBe("BAD_REQUEST");
  expect(lines).toEqual([]);
});
