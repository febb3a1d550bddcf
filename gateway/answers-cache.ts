import type { Logger } from "pino";
import { type Answers, createAnswers } from "../cache/answers.ts";
import { realClock } from "../cache/clock.ts";
import { sealWith } from "../cache/seal.ts";
import type { Config } from "./config.ts";

/** The cache that the configuration names: memory, and Redis below it where there is one. */
export const openAnswers = (
  { cacheBytes }: Pick<Config, "cacheBytes" | "redisUrl">,
  key: Uint8Array,
  log: Logger,
): Answers =>
  createAnswers({
    clock: realClock,
    maxBytes: cacheBytes,
    seal: sealWith(key),
    alarm: (what, { group, edition, question }) =>
      log.error({ alarm: what, bank: group, edition, question }, "a cache entry is not what was put there"),
  });
