import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { whenOver } from "../../net/serve/when-over.ts";
import { refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";
import { sendRefusal } from "./json-response.ts";

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
/** Time in ms for which a connection has asked nothing before it may be closed: a new one has had no time to. */
const IDLE_MS = 1000;
/** Time in ms for a connection that is turned away to send its request, which is refused in words. */
const COURTESY_MS = 1000;

/**
 * Limits the connections of a server, in all and by peer. Where there are too many, the one closes that has been asking nothing
 * for longest: so nobody is locked out by connections that are merely held open. A peer all of whose connections are at work, or
 * new, gets 429 on the next one.
 * @returns makes the server's listener one that answers so
 */
export const limitConnections = (
  server: Server,
  { most, mostOf, peerOf }: ConnectionLimits,
): ((listener: RequestListener) => RequestListener) => {
  server.maxConnections = most;
  const connections = new Map<Socket, Connection>();
  const peers = new Map<string, Peer>();
  /** Connections that ask nothing, the longest idle first. */
  const idle = new Set<Connection>();
  const turnedAway = new Set<Socket>();

  const peerWith = (name: string): Peer => {
    const peer = peers.get(name) ?? { name, open: 0, idle: new Set<Connection>() };
    peers.set(name, peer);
    return peer;
  };
  const rest = (connection: Connection): void => {
    connection.idleSince = performance.now();
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
    if (longest === undefined || performance.now() - longest.idleSince < IDLE_MS) return false;
    leave(longest);
    longest.socket.destroy();
    return true;
  };

  const turnAway = (socket: Socket): void => {
    if (connections.size + turnedAway.size >= CROWDED * most) {
      socket.destroy();
      return;
    }
    turnedAway.add(socket);
    const timer = setTimeout(() => socket.destroy(), COURTESY_MS).unref();
    socket.once("close", () => {
      clearTimeout(timer);
      turnedAway.delete(socket);
    });
  };

  server.prependListener("connection", (socket: Socket) => {
    const peer = peerWith(peerOf(socket));
    const allowed = mostOf(socket);
    if (connections.size >= CROWDED * most) closeFirst(idle);
    if (allowed !== null && peer.open >= allowed && !closeFirst(peer.idle)) return turnAway(socket);
    const connection = { socket, peer, running: 0, idleSince: 0 };
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
  return (listener) => (request, response) => {
    if (turnedAway.has(request.socket)) refuseConnection(response);
    else listener(request, response);
  };
};

type Connection = { readonly socket: Socket; readonly peer: Peer; running: number; idleSince: number };
type Peer = { readonly name: string; open: number; readonly idle: Set<Connection> };

const TOO_MANY = refuse("TOO_MANY_REQUESTS", {
  says: text(
    "all connections of this address are at work: wanted no more of them, got one",
    "このアドレスからの接続はすべて使用中のため、これ以上の接続は受け付けられません",
  ),
  retryAfterMs: 1000,
});

const refuseConnection = (response: ServerResponse): void => {
  response.setHeader("Connection", "close");
  sendRefusal(response, TOO_MANY);
};
