import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { jsonClient } from "../../net/http/json-client.ts";
import { httpLink } from "../../net/http/link.ts";
import { evaluateLocal } from "../adapters/evaluate.ts";
import { FIXTURE } from "../adapters/fixture.ts";
import { question } from "../adapters/questions.ts";
import { openSqon, startCatalogue } from "../adapters/sqon-bank.ts";

const dialect = { said: () => undefined };

const NEVER = new AbortController().signal;
const EVERYBODY = question([]);

/** An HTTP proxy that records the target of each CONNECT. */
const startProxy = async (answers = true) => {
  const tunnels: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
  server.on("connect", ({ url = "" }: IncomingMessage, near: Socket) => {
    tunnels.push(url);
    if (!answers) return void near.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const { hostname, port } = new URL(`http://${url}`);
    const far = connect(Number(port), hostname, () => near.write("HTTP/1.1 200 OK\r\n\r\n"));
    far.on("error", () => near.destroy()).pipe(near);
    near.on("error", () => far.destroy()).pipe(far);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { proxy: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels, server };
};

test("a local API is asked through a proxy, and through nothing else", async () => {
  const { url } = await startCatalogue(FIXTURE);
  const { proxy, tunnels, server } = await startProxy();
  const adapter = await openSqon(url, { proxy });
  const release = await adapter.release(NEVER);
  expect(await adapter.count([EVERYBODY], release, NEVER)).toEqual([evaluateLocal(FIXTURE, EVERYBODY)]);
  expect(new Set(tunnels)).toEqual(new Set([new URL(url).host]));
  server.close();
  server.closeAllConnections();
  await adapter[Symbol.asyncDispose]();
  await expect(openSqon(url, { proxy })).rejects.toMatchObject({ code: "BANK_UNREACHABLE" });
});

test("a proxy that lets nobody through", async () => {
  const { url } = await startCatalogue(FIXTURE);
  const { proxy } = await startProxy(false);
  await expect(openSqon(url, { proxy })).rejects.toMatchObject({ code: "BANK_UNREACHABLE" });
});

test("what an answer may hold is bounded behind a proxy as well", async () => {
  const flood = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const more = (): void => {
      while (!response.destroyed && response.write(" ".repeat(2 ** 16)));
    };
    response.on("drain", more);
    more();
  }).listen(0, "127.0.0.1");
  await once(flood, "listening");
  onTestFinished(() => {
    flood.close();
    flood.closeAllConnections();
  });
  const { proxy } = await startProxy();
  const link = await httpLink({ proxy, timeoutMs: 20_000 }, { bank: "bank", folder: ".", env: process.env });
  const client = jsonClient("bank", { timeoutMs: 20_000, atOnce: 1, dialect, link });
  onTestFinished(() => client[Symbol.asyncDispose]());
  const url = new URL(`http://127.0.0.1:${(flood.address() as AddressInfo).port}/`);
  await expect(client.fetch(url, NEVER)).rejects.toMatchObject({ code: "BANK_BROKEN", reason: "TOO_LARGE" });
});
