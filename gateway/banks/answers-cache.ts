import type { Logger } from "pino";
import { type Answers, createAnswers } from "../../cache/answers.ts";
import { redisStore } from "../../cache/redis.ts";
import { sealWith } from "../../cache/seal.ts";
import type { Store } from "../../cache/store.ts";
import { realClock } from "../../net/clock.ts";
import { type Config, ConfigError } from "../config.ts";
import type { Keys } from "../keys.ts";

/** The cache that the configuration names: memory, and Redis below it where there is one. @throws {ConfigError} */
export const openAnswers = (
  { cacheBytes, redisUrl }: Pick<Config, "cacheBytes" | "redisUrl">,
  { entries, names }: Pick<Keys, "entries" | "names">,
  log: Logger,
): Answers =>
  createAnswers({
    clock: realClock,
    maxBytes: cacheBytes,
    ...(redisUrl === null ? {} : { shared: openRedis(redisUrl, names, log) }),
    seal: sealWith(...entries),
    alarm: (what, { group, edition, question }) =>
      log.error({ alarm: what, bank: group, edition, question }, "a cache entry is not what was put there"),
  });

const openRedis = (url: string, names: Keys["names"], log: Logger): Store => {
  const report = (what: "lost" | "back", err?: unknown): void =>
    what === "lost"
      ? log.error({ err }, "Redis is away: each gateway has its own memory only")
      : log.info("Redis is back");
  try {
    return redisStore({ url, names, report });
  } catch (error) {
    throw new ConfigError(`ODAN_REDIS_URL: ${(error as Error).message}`);
  }
};
