import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { LIMITS } from "../limits.ts";

/** How long a reader may take for the rest when the banks have had all their time. */
const READ_MS = 30_000;

const open = new WeakMap<Socket, number>();

/**
 * Makes an answer one that stays open: counts it among those of its connection, asks proxies not to collect it, and cuts
 * it off where nobody reads it.
 * @returns whether the connection may have one more
 */
export const openStream = ({ socket }: IncomingMessage, response: ServerResponse): boolean => {
  const before = open.get(socket) ?? 0;
  if (before >= LIMITS.streams) return false;
  open.set(socket, before + 1);
  const cut = setTimeout(() => response.destroy(), LIMITS.deadlineMs + READ_MS).unref();
  response.once("close", () => {
    clearTimeout(cut);
    open.set(socket, open.get(socket)! - 1);
  });
  response.setHeader("X-Accel-Buffering", "no");
  return true;
};
