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
 * Closes the server and exits with 0 on SIGTERM, on SIGINT, and when the IPC channel to the parent process closes. Exits with 1 when
 * the same signal comes again, and when closing takes longer than 20 s.
 */
export const stopWithProcess = (served: Served, log: Logger): void => {
  const reasons = new Set<string>();
  const stop = async (why: string): Promise<void> => {
    if (reasons.has(why)) process.exit(1);
    reasons.add(why);
    if (reasons.size > 1) return;
    log.info({ why }, "closing");
    setTimeout(() => {
      log.error(`wanted to be closed within ${LONGEST_MS} ms, got no end`);
      process.exit(1);
    }, LONGEST_MS).unref();
    await served.announce();
    await served.close();
    log.flush();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
  if (process.connected) process.once("disconnect", () => void stop("the parent has gone"));
};
