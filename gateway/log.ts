import pino, { type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "./config.ts";

/** The gateway's log: one JSON object a line. Default destination: stderr, since stdout is for people. */
export const createLog = (level: LogLevel, destination: DestinationStream = pino.destination(2)): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
