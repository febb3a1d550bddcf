import type { Logger } from "pino";

/** What a process serves until it is told to stop. */
export type Served = {
  /** Resolves once those who send requests know that they had better ask elsewhere. */
  readonly announce: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Announcing takes five seconds at most and running requests ten; with as much again, something hangs. */
const LONGEST_MS = 20_000;

/**
 * Closes what the process serves and ends the process with 0 on SIGTERM, on SIGINT, and when the process that started this one over
 * IPC has gone. The same signal again ends it at once with 1.
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
