import type { Server, ServerResponse } from "node:http";
import { resolvedWithin } from "../deadline.ts";

/** Ends an HTTP server so that nobody is turned away who could be answered. */
export type GracefulShutdown = {
  /** For GET /ready: whether more requests are welcome. Whoever calls it passes the answer on. */
  readonly welcome: () => boolean;
  /** Aborts when what still runs has a second left before it is cut off. */
  readonly closing: AbortSignal;
  /** `welcome` is false from now on. Resolves once somebody has heard so, at once where nobody has asked for long. */
  readonly announce: () => Promise<void>;
  /** Takes no more connections. Resolves when nothing runs any more, or the time is up. @returns how many were cut off */
  readonly drain: () => Promise<number>;
};

/** Whoever has asked whether the server is ready is expected to ask again within this time. */
const POLLED_MS = 30_000;
const HEARD_WITHIN_MS = 5000;
/** How long running requests may take to end, and how much of that is left when they are told. */
const DRAIN_MS = 10_000;
const LAST_MS = 1000;

/**
 * Counts requests rather than connections: one that has not asked anything yet would hold up the end. From `announce` on,
 * each answer ends its connection.
 */
export const gracefulShutdown = (server: Server): GracefulShutdown => {
  const running = new Set<ServerResponse>();
  const closing = new AbortController();
  let polledAt = Number.NEGATIVE_INFINITY;
  let leaving = false;
  let heard = () => {};
  let emptied = () => {};
  server.prependListener("request", (_, response) => {
    running.add(response);
    if (leaving) response.setHeader("Connection", "close");
    response.once("close", () => {
      running.delete(response);
      if (running.size === 0) emptied();
    });
  });

  const announce = async (): Promise<void> => {
    leaving = true;
    for (const response of running) if (!response.headersSent) response.setHeader("Connection", "close");
    if (performance.now() - polledAt > POLLED_MS) return;
    const polled = new Promise<void>((resolve) => {
      heard = resolve;
    });
    await resolvedWithin(polled, HEARD_WITHIN_MS);
  };
  return {
    closing: closing.signal,
    announce,
    welcome() {
      polledAt = performance.now();
      if (leaving) heard();
      return !leaving;
    },
    async drain() {
      leaving = true;
      server.close();
      const last = setTimeout(() => closing.abort(new Error("the server is closing")), DRAIN_MS - LAST_MS);
      const drained = new Promise<void>((resolve) => {
        emptied = resolve;
        if (running.size === 0) resolve();
      });
      await resolvedWithin(drained, DRAIN_MS);
      clearTimeout(last);
      const cut = running.size;
      server.closeAllConnections();
      return cut;
    },
  };
};
