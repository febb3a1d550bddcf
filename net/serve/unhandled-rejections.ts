import type { EventEmitter } from "node:events";
import type { Logger } from "pino";

/**
 * A promise that fails while nobody listens is a fault of ours, and none that others should pay for: it is logged, and the
 * process goes on.
 */
export const logUnhandledRejections = (process: EventEmitter, log: Logger): void => {
  process.on("unhandledRejection", (err: unknown) => log.error({ err }, "a fault of the gateway: nobody heard it"));
};
