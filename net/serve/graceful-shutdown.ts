import type { Server, ServerResponse } from "node:http";
import { settledWithin } from "../deadline.ts";
import { withManyListeners } from "../signals.ts";
import { whenOver } from "./when-over.ts";

/** Who has polled /ready is expected to poll again within this time. */
const POLLED_MS = 30_000;
const POLL_WITHIN_MS = 5000;
/** Time for running requests to end, and how much of it remains when `closing` aborts. */
const DRAIN_MS = 10_000;
const LAST_MS = 1000;

/**
 * Ends an HTTP server without refusing a request that it could answer: announce, then drain, then cut off.
 *
 * Waits for requests rather than connections: an idle connection would delay the end. After `announce` every response closes
 * its connection.
 */
export const gracefulShutdown = (server: Server) => {
  const running = new Set<ServerResponse>();
  const closing = new AbortController();
  let polledAt = Number.NEGATIVE_INFINITY;
  let leaving = false;
  let polled = () => {};
  let emptied = () => {};
  server.prependListener("request", (request, response) => {
    running.add(response);
    if (leaving) response.setHeader("Connection", "close");
    whenOver(request, response, () => {
      running.delete(response);
      if (running.size === 0) emptied();
    });
  });

  /** Makes `isReady` false. Resolves at its next poll, or at once where no poll came within 30 s. */
  const announce = async (): Promise<void> => {
    leaving = true;
    for (const response of running) if (!response.headersSent) response.setHeader("Connection", "close");
    if (performance.now() - polledAt > POLLED_MS) return;
    const nextPoll = new Promise<void>((resolve) => {
      polled = resolve;
    });
    await settledWithin(nextPoll, POLL_WITHIN_MS);
  };
  return {
    /** Aborts one second before the requests that still run are cut off. */
    closing: withManyListeners(closing.signal),
    announce,
    /** For GET /ready: whether the server takes more requests. Counts as a poll, whose caller learns of an announcement. */
    isReady(): boolean {
      polledAt = performance.now();
      if (leaving) polled();
      return !leaving;
    },
    /** Takes no more connections. Resolves when no request runs, after 10 s at most. @returns the number of requests cut off */
    async drain(): Promise<number> {
      leaving = true;
      server.close();
      const last = setTimeout(() => closing.abort(new Error("the server is closing")), DRAIN_MS - LAST_MS);
      const drained = new Promise<void>((resolve) => {
        emptied = resolve;
        if (running.size === 0) resolve();
      });
      await settledWithin(drained, DRAIN_MS);
      clearTimeout(last);
      const cut = running.size;
      server.closeAllConnections();
      return cut;
    },
  };
};
