import type { Logger } from "pino";
import { type Answers, createAnswers } from "../cache/answers.ts";
import { realClock } from "../cache/clock.ts";
import { redisStore } from "../cache/redis.ts";
import { sealWith } from "../cache/seal.ts";
import type { Config } from "./config.ts";

/** The cache that the configuration names: memory, and Redis below it where there is one. */
export const openAnswers = (
  { cacheBytes, redisUrl }: Pick<Config, "cacheBytes" | "redisUrl">,
  key: Uint8Array,
  log: Logger,
): Answers =>
  createAnswers({
    clock: realClock,
    maxBytes: cacheBytes,
    ...(redisUrl === null ? {} : { shared: redisStore({ url: redisUrl, report: reportTo(log) }) }),
    seal: sealWith(key),
    alarm: (what, { group, edition, question }) =>
      log.error({ alarm: what, bank: group, edition, question }, "a cache entry is not what was put there"),
  });

const reportTo =
  (log: Logger) =>
  (what: "lost" | "back", err?: unknown): void =>
    what === "lost"
      ? log.warn({ err }, "Redis is away: answers come from memory and from the banks")
      : log.info("Redis is back");
