import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { whenOver } from "../../net/serve/when-over.ts";
import { refuse, statusOf } from "../../schema/refusal.ts";
import { refusalJson } from "./json-response.ts";

export type ConnectionLimits = {
  /** Connections at the same time. */
  readonly most: number;
  /** Connections of one peer; null: as many as it wants. */
  readonly mostOf: (socket: Socket) => number | null;
  /** Whose connection it is. */
  readonly peerOf: (socket: Socket) => string;
};

/** Part of all connections from which on those that ask nothing are closed. */
const CROWDED = 0.75;

/**
 * Limits the connections of a server, in all and by peer. Where there are too many, the one closes that has been asking nothing
 * for longest: so nobody is locked out by connections that are merely held open. A peer all of whose connections are at work
 * gets 429 on the next one.
 */
export const limitConnections = (server: Server, { most, mostOf, peerOf }: ConnectionLimits): void => {
  server.maxConnections = most;
  const connections = new Map<Socket, Connection>();
  const peers = new Map<string, Peer>();
  /** Connections that ask nothing, the longest idle first. */
  const idle = new Set<Connection>();

  const peerWith = (name: string): Peer => {
    const peer = peers.get(name) ?? { name, open: 0, idle: new Set<Connection>() };
    peers.set(name, peer);
    return peer;
  };
  const rest = (connection: Connection): void => {
    for (const set of [idle, connection.peer.idle]) set.add(connection);
  };
  const work = (connection: Connection): void => {
    for (const set of [idle, connection.peer.idle]) set.delete(connection);
  };
  const leave = (connection: Connection): void => {
    const { socket, peer } = connection;
    if (!connections.delete(socket)) return;
    work(connection);
    peer.open -= 1;
    if (peer.open === 0) peers.delete(peer.name);
  };
  const closeFirst = ([longest]: Iterable<Connection>): boolean => {
    if (longest === undefined) return false;
    leave(longest);
    longest.socket.destroy();
    return true;
  };

  server.prependListener("connection", (socket: Socket) => {
    const peer = peerWith(peerOf(socket));
    const allowed = mostOf(socket);
    if (connections.size >= CROWDED * most) closeFirst(idle);
    if (allowed !== null && peer.open >= allowed && !closeFirst(peer.idle)) return turnAway(socket);
    const connection = { socket, peer, running: 0 };
    connections.set(socket, connection);
    peer.open += 1;
    rest(connection);
    socket.once("close", () => leave(connection));
  });
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) return;
    connection.running += 1;
    work(connection);
    whenOver(request, response, () => {
      connection.running -= 1;
      if (connection.running === 0 && connections.has(connection.socket)) rest(connection);
    });
  });
};

type Connection = { readonly socket: Socket; readonly peer: Peer; running: number };
type Peer = { readonly name: string; open: number; readonly idle: Set<Connection> };

const TOO_MANY = refuse("TOO_MANY_REQUESTS", { retryAfterMs: 1000 });

/** Refuses a connection before anything is read from it. */
const turnAway = (socket: Socket): void => {
  const body = refusalJson(TOO_MANY);
  const head = [
    `HTTP/1.1 ${statusOf(TOO_MANY)} Too Many Requests`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "Retry-After: 1",
    "Connection: close",
  ];
  socket.on("error", () => undefined);
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
};
