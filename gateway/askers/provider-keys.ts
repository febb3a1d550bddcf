import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from "jose";
import type { Logger } from "pino";
import { httpClient } from "../../net/http/client.ts";

/** The keys by which an identity provider signs, fetched when they are first needed. */
export type ProviderKeys = AsyncDisposable & {
  /** @throws {ProviderAway} {JOSEError} where the provider has no such key */
  readonly find: JWTVerifyGetKey;
};

/** The identity provider does not give its keys. */
export class ProviderAway extends Error {
  override readonly name = "ProviderAway";
}

/** In ms. */
export type KeyTimes = {
  /** Longest wait for the keys. */
  readonly timeoutMs: number;
  /** Least time between two fetches because of a key that is not known. */
  readonly cooldownMs: number;
  /** Least time from a failure to the next fetch. */
  readonly retryMs: number;
  /** Age at which keys are fetched anew while they go on serving. */
  readonly freshMs: number;
  /** Age at which keys that could not be fetched anew are given up. */
  readonly longestMs: number;
};

const TIMES: KeyTimes = {
  timeoutMs: 5000,
  cooldownMs: 5000,
  retryMs: 5000,
  freshMs: 600_000,
  longestMs: 86_400_000,
};

/** Most bytes of a key set. */
const LARGEST = 256 * 1024;

/**
 * The keys at a JWKS URL. While the provider is away, the keys that are known go on serving for a day. It is asked at most
 * once every five seconds, whatever tokens come.
 */
export const providerKeys = (url: URL, log: Logger, times: KeyTimes = TIMES): ProviderKeys => {
  const { timeoutMs, cooldownMs, retryMs, freshMs, longestMs } = times;
  const client = httpClient(url.host, { timeoutMs, atOnce: 1, largest: LARGEST });
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let isAway = false;

  const fetchKeys: FetchImplementation = async (href, { headers, signal }) => {
    if (performance.now() - failedAt < retryMs) throw new ProviderAway("the identity provider is away");
    try {
      const { status, text } = await client.send(new URL(href), { headers: Object.fromEntries(headers) }, signal);
      if (status !== 200) throw new Error(`wanted HTTP 200, got ${status}`);
      // Throws for what is no key set.
      createLocalJWKSet(JSON.parse(text));
      fetchedAt = performance.now();
      if (isAway) log.info({ provider: url.host }, "the identity provider is back");
      isAway = false;
      return new Response(text);
    } catch (err) {
      failedAt = performance.now();
      if (!isAway) log.warn({ provider: url.host, err }, "the identity provider did not give its keys");
      isAway = true;
      throw new ProviderAway("the identity provider is away", { cause: err });
    }
  };
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: timeoutMs,
    cooldownDuration: cooldownMs,
    cacheMaxAge: Number.POSITIVE_INFINITY,
    [customFetch]: fetchKeys,
  });
  return {
    async find(header, token) {
      const age = performance.now() - fetchedAt;
      if (age > longestMs) await keys.reload();
      else if (age > freshMs) void keys.reload().catch(() => undefined);
      return keys(header, token);
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};
