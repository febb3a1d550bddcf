import type { Logger } from "pino";
import { type Answers, createAnswers } from "../../cache/answers.ts";
import { sealWith } from "../../cache/seal.ts";
import type { Store } from "../../cache/store.ts";
import { realClock } from "../../net/clock.ts";
import type { Keys } from "../secrets/keys.ts";
import { type Config, ConfigError } from "../settings/config.ts";

/** The cache that the configuration names: memory, and Redis below it where there is one. @throws {ConfigError} */
export const openAnswers = async (
  { cacheBytes, redisUrl }: Pick<Config, "cacheBytes" | "redisUrl">,
  { entries, names }: Pick<Keys, "entries" | "names">,
  log: Logger,
): Promise<Answers> =>
  createAnswers({
    clock: realClock,
    maxBytes: cacheBytes,
    ...(redisUrl === null ? {} : { shared: await openRedis(redisUrl, names, log) }),
    seal: sealWith(...entries),
    alarm: (what, { group, edition, question }) =>
      log.error({ alarm: what, bank: group, edition, question }, "a cache entry is not what was put there"),
  });

/** The client of Redis is loaded where there is one. */
const openRedis = async (url: string, names: Keys["names"], log: Logger): Promise<Store> => {
  const { redisStore } = await import("../../cache/redis.ts");
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
