import type { EventEmitter } from "node:events";
import type { Logger } from "pino";

/** Logs unhandled rejections instead of ending the process: a bug in one request must not fail the others. */
export const logUnhandledRejections = (process: EventEmitter, log: Logger): void => {
  process.on("unhandledRejection", (err: unknown) =>
    log.error({ err }, "a fault of the gateway: an unhandled rejection"),
  );
};
