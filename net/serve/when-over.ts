import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What is to be called for each response of a connection that is under way. */
type Ends = Map<ServerResponse, (() => void)[]>;

const connections = new WeakMap<Socket, Ends>();

/**
 * Calls `done` once, when the response has been sent or its connection has closed. A pipelined response that waits for its turn
 * does not hear of the latter: it has no socket yet.
 */
export const whenOver = ({ socket }: IncomingMessage, response: ServerResponse, done: () => void): void => {
  if (socket.destroyed) {
    done();
    return;
  }
  const ends = endsOf(socket);
  const known = ends.get(response);
  if (known !== undefined) {
    known.push(done);
    return;
  }
  ends.set(response, [done]);
  response.once("close", () => end(ends, response));
};

const endsOf = (socket: Socket): Ends => {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const ends: Ends = new Map();
  connections.set(socket, ends);
  socket.once("close", () => {
    for (const response of [...ends.keys()]) end(ends, response);
  });
  return ends;
};

const end = (ends: Ends, response: ServerResponse): void => {
  const called = ends.get(response) ?? [];
  ends.delete(response);
  for (const done of called) done();
};
