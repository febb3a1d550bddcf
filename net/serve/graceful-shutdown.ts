import type { Server, ServerResponse } from "node:http";
import { settledWithin } from "../deadline.ts";

/** Ends an HTTP server without refusing a request that it could answer: announce, then drain, then cut off. */
export type GracefulShutdown = {
  /** For GET /ready: whether the server takes more requests. Counts as a poll, whose caller learns of an announcement. */
  readonly isReady: () => boolean;
  /** Aborts one second before the requests that still run are cut off. */
  readonly closing: AbortSignal;
  /** Makes `isReady` false. Resolves at its next poll, or at once where no poll came within 30 s. */
  readonly announce: () => Promise<void>;
  /** Takes no more connections. Resolves when no request runs, after 10 s at most. @returns the number of requests cut off */
  readonly drain: () => Promise<number>;
};

/** Who has polled /ready is expected to poll again within this time. */
const POLLED_MS = 30_000;
const POLL_WITHIN_MS = 5000;
/** Time for running requests to end, and how much of it remains when `closing` aborts. */
const DRAIN_MS = 10_000;
const LAST_MS = 1000;

/**
 * Waits for requests rather than connections: an idle connection would delay the end. After `announce` every response closes
 * its connection.
 */
export const gracefulShutdown = (server: Server): GracefulShutdown => {
  const running = new Set<ServerResponse>();
  const closing = new AbortController();
  let polledAt = Number.NEGATIVE_INFINITY;
  let leaving = false;
  let polled = () => {};
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
    const nextPoll = new Promise<void>((resolve) => {
      polled = resolve;
    });
    await settledWithin(nextPoll, POLL_WITHIN_MS);
  };
  return {
    closing: closing.signal,
    announce,
    isReady() {
      polledAt = performance.now();
      if (leaving) polled();
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
      await settledWithin(drained, DRAIN_MS);
      clearTimeout(last);
      const cut = running.size;
      server.closeAllConnections();
      return cut;
    },
  };
};
