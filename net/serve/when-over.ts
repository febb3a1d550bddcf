import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

const ends = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls `done` once, when the response has been sent or its connection has closed. A pipelined response that waits for its turn
 * does not hear of the latter: it has no socket yet.
 */
export const whenOver = ({ socket }: IncomingMessage, response: ServerResponse, done: () => void): void => {
  const own = endsOf(socket);
  const end = (): void => {
    if (own.delete(end)) done();
  };
  own.add(end);
  response.once("close", end);
  if (socket.destroyed) end();
};

const endsOf = (socket: Socket): Set<() => void> => {
  const known = ends.get(socket);
  if (known !== undefined) return known;
  const made = new Set<() => void>();
  ends.set(socket, made);
  socket.once("close", () => {
    for (const end of made) end();
  });
  return made;
};
