import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TcpProxy, tcpProxy } from "./tcp-proxy.ts";

/** Says back what it hears. */
const echo = async (prefix = "") => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => socket.write(prefix + chunk));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, sockets, port: (server.address() as AddressInfo).port };
};

/** A connection, what came back on it, and the code with which it failed. */
const visit = (port: number) => {
  const socket = connect({ port, host: "127.0.0.1" });
  const seen = { heard: "", failed: "", ended: false };
  socket.on("data", (chunk) => {
    seen.heard += chunk;
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    seen.failed = error.code ?? error.message;
  });
  socket.on("close", () => {
    seen.ended = true;
  });
  socket.write("one");
  visitors.push(socket);
  return { socket, seen };
};
const heard = (visitor: ReturnType<typeof visit>, text: string) => expect.poll(() => visitor.seen.heard).toBe(text);
const ended = (visitor: ReturnType<typeof visit>) => expect.poll(() => visitor.seen.ended).toBe(true);

let house: Awaited<ReturnType<typeof echo>>;
let proxy: TcpProxy;
let visitors: Socket[];
beforeEach(async () => {
  visitors = [];
  house = await echo();
  proxy = await tcpProxy(house.port);
});
afterEach(async () => {
  for (const visitor of visitors) visitor.destroy();
  await proxy[Symbol.asyncDispose]();
  for (const socket of house.sockets) socket.destroy();
  house.server.close();
});

test("passes both ways, and counts", async () => {
  const first = visit(proxy.port);
  await heard(first, "one");
  first.socket.write("two");
  await heard(first, "onetwo");
  await heard(visit(proxy.port), "one");
  expect([proxy.taken(), proxy.open()]).toEqual([2, 2]);
  first.socket.end();
  await expect.poll(proxy.open).toBe(1);
});

test("an end of one side goes through after all that it sent", async () => {
  const visitor = visit(proxy.port);
  await heard(visitor, "one");
  visitor.socket.end("last");
  await heard(visitor, "onelast");
  await expect.poll(() => [visitor.seen.ended, visitor.seen.failed]).toEqual([true, ""]);
  await expect.poll(() => house.sockets.size).toBe(0);
});

test("refuses: open connections are reset, new ones find nobody; afterwards the same port serves again", async () => {
  const open = visit(proxy.port);
  await heard(open, "one");
  await proxy.set({ kind: "refuse" });
  await ended(open);
  const late = visit(proxy.port);
  await ended(late);
  expect(late.seen.failed).toBe("ECONNREFUSED");
  await proxy.set({ kind: "pass" });
  await heard(visit(proxy.port), "one");
});

test("resets: open connections and new ones", async () => {
  const open = visit(proxy.port);
  await heard(open, "one");
  await proxy.set({ kind: "reset" });
  await ended(open);
  await ended(visit(proxy.port));
  expect(proxy.open()).toBe(0);
});

test("delays each direction, in order, and no longer than the mode lasts", async () => {
  await proxy.set({ kind: "delay", ms: 60 });
  const began = performance.now();
  const visitor = visit(proxy.port);
  visitor.socket.write("two");
  await heard(visitor, "onetwo");
  expect(performance.now() - began).toBeGreaterThan(118);
  await proxy.set({ kind: "delay", ms: 3_600_000 });
  visitor.socket.write("three");
  await proxy.set({ kind: "pass" });
  await heard(visitor, "onetwothree");
});

test("drops: connections stay and say nothing, old and new; what was sent arrives when it heals", async () => {
  const open = visit(proxy.port);
  await heard(open, "one");
  await proxy.set({ kind: "drop" });
  open.socket.write("two");
  const fresh = visit(proxy.port);
  await once(fresh.socket, "connect");
  await sleep(80);
  expect([open.seen, fresh.seen]).toEqual([
    { heard: "one", failed: "", ended: false },
    { heard: "", failed: "", ended: false },
  ]);
  await proxy.set({ kind: "pass" });
  await heard(open, "onetwo");
  await heard(fresh, "one");
});

test("cuts a connection after so many bytes, and not the next one before as many", async () => {
  await proxy.set({ kind: "cut", bytes: 5 });
  const visitor = visit(proxy.port);
  await heard(visitor, "one");
  visitor.socket.write("two");
  await ended(visitor);
  expect("onetw".startsWith(visitor.seen.heard)).toBe(true);
  await heard(visit(proxy.port), "one");
});

test("leads elsewhere from then on", async () => {
  const other = await echo("other ");
  const open = visit(proxy.port);
  await heard(open, "one");
  proxy.aim(other.port);
  await ended(open);
  await heard(visit(proxy.port), "other one");
  other.server.close();
});

test("nobody behind it: a connection is reset", async () => {
  proxy.aim(1);
  await ended(visit(proxy.port));
});

test.each([["pass"], ["drop"], ["refuse"]] as const)(
  "disposed while it would %s, it leaves no socket",
  async (kind) => {
    const visitor = visit(proxy.port);
    await heard(visitor, "one");
    await proxy.set({ kind });
    if (kind === "drop") await once(visit(proxy.port).socket, "connect");
    await proxy[Symbol.asyncDispose]();
    expect(proxy.open()).toBe(0);
    await expect.poll(() => house.sockets.size).toBe(0);
    await expect.poll(() => visitor.seen.ended).toBe(true);
  },
);
