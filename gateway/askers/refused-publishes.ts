import type { Logger } from "pino";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { type Refusal, refuse } from "../../schema/refusal.ts";

/** A publication that was refused before any bank was asked. */
export type RefusedPublish = {
  /** Id of the asker: an address, or a token that is not good for the bank. */
  readonly asker: string;
  /** The bank that was named, or what came in its place. */
  readonly bank: string;
  readonly refusal: Refusal;
};

/** Refused publications of one asker in a minute that get their own reason; later ones get TOO_MANY_REQUESTS. */
const A_MINUTE = 5;

/** Writes the audit line of a refused publication. @returns what the asker gets: the refusal, or TOO_MANY_REQUESTS */
export type AuditPublish = (refused: RefusedPublish, log: Logger) => Promise<Refusal>;

/** Slows an asker who tries to publish again and again without the bank's token. A right token is never slowed. */
export const refusedPublishes = (): AuditPublish => {
  const limiter = new RateLimiterMemory({ points: A_MINUTE, duration: 60 });
  return async ({ asker, bank, refusal }, log) => {
    const line = { audit: "publishRelease", bank: bank.slice(0, 40), asker, code: refusal.code };
    const over = await overLimit(limiter, asker);
    if (over === null) log.warn(line, "refused to publish a release");
    if (over === null) return refusal;
    // One line for all that follow in this minute.
    if (over.consumedPoints === A_MINUTE + 1) log.warn(line, "refuses to publish for a minute: too many were refused");
    return refuse("TOO_MANY_REQUESTS", { at: "publishRelease", retryAfterMs: over.msBeforeNext });
  };
};

const overLimit = async (limiter: RateLimiterMemory, asker: string): Promise<RateLimiterRes | null> => {
  try {
    await limiter.consume(asker);
    return null;
  } catch (over) {
    return over as RateLimiterRes;
  }
};
