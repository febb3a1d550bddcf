import type { EventEmitter } from "node:events";
import type { Logger } from "pino";

/** A server of the process. */
export type Served = {
  /** Resolves once those who poll /ready know that the server is about to close. */
  readonly announce: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Time limit of the whole shutdown in ms: announcing takes at most 5 s, draining 10 s, disposal the rest. */
const LONGEST_MS = 20_000;

/**
 * Closes the server and exits with 0 on SIGTERM, on SIGINT, and when the IPC channel to the parent process closes, or has closed
 * before. Exits with 1 when the same signal comes again, and when closing fails or takes longer than 20 s.
 */
export const stopWithProcess = (served: Served, log: Logger): void => {
  const reasons = new Set<string>();
  const fail = (error: unknown): never => {
    log.error({ err: error }, "the server could not be closed");
    log.flush();
    process.exit(1);
  };
  const stop = async (why: string): Promise<void> => {
    if (reasons.has(why)) process.exit(1);
    reasons.add(why);
    if (reasons.size > 1) return;
    log.info({ why }, "closing");
    setTimeout(fail, LONGEST_MS, new Error(`wanted to be closed within ${LONGEST_MS} ms, got no end`)).unref();
    await served.announce();
    await served.close();
    log.flush();
    process.exit(0);
  };
  const stopFor = (why: string): void => void stop(why).catch(fail);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stopFor(signal));
  // Only a process with a parent over IPC has `send`, which stays when the parent has gone.
  if (process.connected) process.once("disconnect", () => stopFor("the parent has gone"));
  else if (process.send !== undefined) stopFor("the parent has gone");
};

/** Logs unhandled rejections instead of ending the process: a bug in one request must not fail the others. */
export const logUnhandledRejections = (process: EventEmitter, log: Logger): void => {
  process.on("unhandledRejection", (err: unknown) =>
    log.error({ err }, "a fault of the gateway: an unhandled rejection"),
  );
};
