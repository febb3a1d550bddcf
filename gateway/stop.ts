import type { Logger } from "pino";

/**
 * Closes what the process serves and ends the process with 0 on SIGTERM, on SIGINT, and when the process that started this one over
 * IPC has gone. The same signal again ends it at once with 1.
 */
export const stopWithProcess = (served: { readonly close: () => Promise<void> }, log: Logger): void => {
  const reasons = new Set<string>();
  const stop = async (why: string): Promise<void> => {
    if (reasons.has(why)) process.exit(1);
    reasons.add(why);
    log.info({ why }, "closing");
    await served.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
  if (process.connected) process.once("disconnect", () => void stop("the parent has gone"));
};
