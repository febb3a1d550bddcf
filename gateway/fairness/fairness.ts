import type { Logger } from "pino";
import { realClock } from "../../net/clock.ts";
import { type Config, ConfigError } from "../settings/config.ts";
import { type Charges, requestCharges } from "./charges.ts";
import { createDoor, type Door, openDoor } from "./door.ts";
import { noRate } from "./no-rate.ts";
import { watchOverload } from "./overload.ts";
import { createRate, type Rate } from "./rate.ts";
import { reconcile } from "./reconcile.ts";
import type { SharedLevels } from "./shared-levels.ts";
import { countStreams, type OpenStream } from "./streams.ts";

/** What keeps one asker from taking the gateway from the others, and all of them together from taking more than it has. */
export type Fairness = Disposable & {
  readonly rate: Rate;
  readonly charges: Charges;
  readonly door: Door;
  readonly openStream: OpenStream;
  /** Whether new work is refused at present, from whomever it comes. */
  readonly isOverloaded: () => boolean;
  /** False: ODAN_RATE is off, and nobody is limited. */
  readonly isOn: boolean;
};

export type FairnessOptions = Pick<Config, "rate" | "redisUrl"> & {
  /** Names what gateways share in Redis. */
  readonly key: Uint8Array;
  readonly log: Logger;
};

/** Opens the limits of the configuration. @throws {ConfigError} */
export const openFairness = async ({ rate: settings, redisUrl, key, log }: FairnessOptions): Promise<Fairness> => {
  if (settings === null) {
    log.warn("ODAN_RATE is off: no asker is limited");
    return unlimited();
  }
  const rate = createRate(settings, realClock);
  const telling = redisUrl === null ? null : reconcile(rate.untold, await openLevels(redisUrl, key, log));
  const overload = watchOverload((what) =>
    what === "late"
      ? log.error("overloaded: new requests are refused until the event loop is in time again")
      : log.info("no more overloaded: new requests are answered again"),
  );
  return {
    rate,
    charges: requestCharges(rate),
    door: createDoor({ rate, overload }),
    openStream: countStreams(),
    isOverloaded: overload.isLate,
    isOn: true,
    [Symbol.dispose]() {
      telling?.[Symbol.dispose]();
      overload[Symbol.dispose]();
    },
  };
};

/** No limits on anybody. */
export const unlimited = (): Fairness => ({
  rate: noRate(),
  charges: requestCharges(noRate()),
  door: openDoor,
  openStream: () => true,
  isOverloaded: () => false,
  isOn: false,
  [Symbol.dispose]: () => undefined,
});

/** The client of Redis is loaded where there is one. */
const openLevels = async (url: string, key: Uint8Array, log: Logger): Promise<SharedLevels> => {
  const { openSharedLevels } = await import("./shared-levels.ts");
  const report = (what: "lost" | "back"): void =>
    what === "lost"
      ? log.warn("Redis is away: each gateway counts its askers' units alone")
      : log.info("Redis is back: gateways count their askers' units together");
  try {
    return openSharedLevels({ url, key, report });
  } catch (error) {
    throw new ConfigError(`ODAN_REDIS_URL: ${(error as Error).message}`);
  }
};
