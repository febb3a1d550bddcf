import { createHmac } from "node:crypto";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { redisLink } from "../../cache/redis-link.ts";
import { redisAddress } from "../../cache/redis-url.ts";
import { unlessLate } from "../../net/deadline.ts";
import type { Untold } from "./rate.ts";

/** What all gateways together have let an asker spend, in Redis. */
export type SharedLevels = Disposable & {
  /** Whether there is a connection. */
  readonly isReady: () => boolean;
  /** Adds units to a party's level and returns the level. Rejects where Redis is away, or does not answer in time. */
  readonly add: (told: Untold) => Promise<number>;
};

export type SharedLevelsOptions = {
  /** @see redisAddress */
  readonly url: string;
  /** Names of levels are keyed hashes of parties, so that Redis holds no addresses. */
  readonly key: Uint8Array;
  readonly report: (what: "lost" | "back") => void;
};

/** Time limit of one addition, in ms. */
const ADD_MS = 250;
/** The library counts in integers. */
const PER_UNIT = 1000;

/**
 * A leaky bucket in place of the library's window: the level drains by the time that has passed on the server, then grows.
 * KEYS: the bucket. ARGV: thousandths of units to add, the library's own duration, thousandths of units that drain in a
 * number of seconds, and that number. -> {level, milliseconds until it is empty}
 */
const LEAKY_BUCKET = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
-- A clock that was set back drains nothing once.
local at = math.min(tonumber(kept[2] or '') or now, now)
local rate = tonumber(ARGV[3]) / (tonumber(ARGV[4]) * 1000)
local level = math.max(0, (tonumber(kept[1] or '') or 0) - (now - at) * rate) + tonumber(ARGV[1])
local left = math.ceil(level / rate)
redis.call('HSET', KEYS[1], 'level', string.format('%.3f', level), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], left + 1000)
return {math.ceil(level), left}
`;

/** Opens the levels. Connects in the background. @throws {Error} for a URL that cannot be used */
export const openSharedLevels = ({ url, key, report }: SharedLevelsOptions): SharedLevels => {
  let isAway = false;
  const events = {
    up: () => {
      if (isAway) report("back");
      isAway = false;
    },
    down: () => {
      if (!isAway) report("lost");
      isAway = true;
    },
  };
  // The library adds its script as a command of its own.
  const link = redisLink<object>({ address: redisAddress(url), scripts: {}, events });
  const limiters = new Map<number, RateLimiterRedis>();
  const limiterOf = (perMinute: number): RateLimiterRedis => {
    const limiter =
      limiters.get(perMinute) ??
      new RateLimiterRedis({
        storeClient: link.commands,
        keyPrefix: "odan-rate",
        points: perMinute * PER_UNIT,
        duration: 60,
        customIncrTtlLuaScript: LEAKY_BUCKET,
      });
    limiters.set(perMinute, limiter);
    return limiter;
  };
  const nameOf = (party: string): string => createHmac("sha256", key).update(party).digest("base64url");

  return {
    isReady: () => link.ready(),
    async add({ party, kind, units }) {
      const counted = limiterOf(kind.perMinute).penalty(nameOf(party), Math.round(units * PER_UNIT));
      const { consumedPoints } = await unlessLate(counted, ADD_MS, away);
      return consumedPoints / PER_UNIT;
    },
    [Symbol.dispose]: () => link.close(),
  };
};

const away = (): Error => new Error("Redis: wanted a level, got no answer in time");
