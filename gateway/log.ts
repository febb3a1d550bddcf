import pino, { type DestinationStream, type Logger } from "pino";
import type { Config } from "./settings/config.ts";

/** The gateway's log: one JSON object per line. Default destination: stderr. */
export const createLog = (level: Config["logLevel"], destination: DestinationStream = pino.destination(2)): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
