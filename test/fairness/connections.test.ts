import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { limitConnections } from "../../gateway/http/connections.ts";
import { SERVER_TIMES } from "../../gateway/http/limit-server.ts";
import { cutUnread } from "../../gateway/http/unread.ts";
import { closeAll, toClose } from "../gateway/started-gateway.ts";
import { connection } from "./limited-gateway.ts";

afterEach(closeAll);

const GET = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/** A server, before it listens. */
const serve = async (server: Server, listener: RequestListener): Promise<string> => {
  server.on("request", listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  toClose(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const limited = (limits: { readonly most: number; readonly each: number | null }, listener: RequestListener) => {
  const server = createServer(SERVER_TIMES);
  const limited = limitConnections(server, {
    most: limits.most,
    mostOf: () => limits.each,
    peerOf: ({ remoteAddress }) => remoteAddress ?? "",
  });
  return serve(server, limited(listener));
};
const answer: RequestListener = (_, response) => void response.end("here");
const connected = (url: string, times: number, localAddress?: string) =>
  Promise.all(
    Array.from({ length: times }, async () => {
      const made = connection(url, localAddress);
      await Promise.race([once(made.socket, "connect"), once(made.socket, "close")]);
      return made;
    }),
  );

test("whoever holds connections open locks nobody out, on the same address neither", async () => {
  const url = await limited({ most: 100, each: 8 }, answer);
  const stalled = await connected(url, 200);
  for (const { socket } of stalled) socket.write("POST / HTTP/1.1\r\nHost: a\r\n");
  await expect.poll(() => stalled.filter(({ isOpen }) => isOpen()).length, { timeout: 10_000 }).toBe(8);
  await sleep(1200);
  for (const address of ["127.0.0.1", "127.0.0.2"]) {
    const { socket, text } = connection(url, address);
    socket.write(GET);
    await expect.poll(text).toContain("here");
  }
});

test("a peer all of whose connections are at work gets 429 on the next one", async () => {
  let end = (): void => undefined;
  const hold = new Promise<void>((resolve) => {
    end = resolve;
  });
  const url = await limited({ most: 100, each: 3 }, async (_, response) => {
    await hold;
    response.end("here");
  });
  const busy = await connected(url, 3);
  for (const { socket } of busy) socket.write(GET);
  await sleep(100);
  const next = connection(url);
  next.socket.write(GET);
  await expect.poll(next.text).toMatch(/^HTTP\/1\.1 429 .*\r\nRetry-After: 1\r\n.*"code":"TOO_MANY_REQUESTS"/s);
  await expect.poll(next.isOpen).toBe(false);
  const other = connection(url, "127.0.0.2");
  other.socket.write(GET);
  end();
  for (const { text } of [...busy, other]) await expect.poll(text).toContain("here");
});

test("where most of all connections are taken, those that ask nothing are closed first", async () => {
  const url = await limited({ most: 40, each: null }, answer);
  const idle = await connected(url, 30);
  await sleep(1200);
  idle.push(...(await connected(url, 20)));
  await expect.poll(() => idle.filter(({ isOpen }) => isOpen()).length).toBe(30);
  expect(idle.slice(20).every(({ isOpen }) => isOpen())).toBe(true);
  const { socket, text } = connection(url);
  socket.write(GET);
  await expect.poll(text).toContain("here");
});

test("a head that does not come, and a body that does not, end their connections", { timeout: 60_000 }, async () => {
  const url = await limited({ most: 100, each: null }, (request) => void request.resume());
  const started = performance.now();
  const silent = await connected(url, 3);
  silent[1]!.socket.write("POST / HTTP/1.1\r\nHost: a\r\n");
  const dripping = setInterval(() => silent[2]!.socket.write("X"), 200);
  toClose(async () => clearInterval(dripping));
  silent[2]!.socket.write("POST / HTTP/1.1\r\nX-Slow: ");
  for (const { isOpen } of silent) await expect.poll(isOpen, { timeout: 40_000 }).toBe(false);
  // Within 10 s, looked at every 5 s.
  expect(performance.now() - started).toBeLessThan(20_000);
});

test("answers that nobody reads are cut off after their time, and at once while too many bytes wait", async () => {
  const large = Buffer.alloc(20 * 2 ** 20, "a");
  const cut: number[] = [];
  const server = createServer();
  const unread = cutUnread(server, { readMs: 2500, bytes: 64 * 2 ** 20, cut: (answers) => cut.push(answers) });
  toClose(async () => unread[Symbol.dispose]());
  const url = await serve(server, (_, response) => void response.end(large));
  const lazy = await connected(url, 10);
  for (const { socket } of lazy) {
    socket.pause();
    socket.write(GET);
  }
  // Ten of them would be 200 MB.
  await expect.poll(() => cut.reduce((sum, n) => sum + n, 0), { timeout: 10_000 }).toBeGreaterThanOrEqual(6);
  expect(server.listeners("request").length).toBeGreaterThan(0);
  await expect.poll(() => cut.reduce((sum, n) => sum + n, 0), { timeout: 10_000 }).toBe(10);
  const reader = connection(url);
  reader.socket.write(GET);
  await expect.poll(() => reader.text().length, { timeout: 10_000 }).toBeGreaterThan(large.length);
});
