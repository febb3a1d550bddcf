import type { Logger } from "pino";
import { Refusal, refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";
import { addressId } from "./address-id.ts";
import { type Asker, anonymous } from "./asker.ts";
import { type Arrival, clientAddresses } from "./client-address.ts";
import { type Credentials, givenToken, signIn } from "./given-token.ts";
import { findToken, type IssuedToken, type ReadableTokens } from "./issued-tokens.ts";
import { type JwtReader, jwtReader, looksLikeJwt } from "./jwt.ts";
import type { JwtOptions } from "./jwt-settings.ts";
import { type AuditPublish, refusedPublishes } from "./refused-publishes.ts";
import { digestOf, isWholeToken, TOKEN_PREFIX } from "./token-text.ts";

/** Tells who sends a request. */
export type Askers = AsyncDisposable & {
  /**
   * Who sent a request. Called once for each, before its document is read.
   * @throws {Refusal} SIGN_IN, TOKEN_EXPIRED, SIGN_IN_UNAVAILABLE: a request with an invalid token is not anonymous
   */
  readonly of: (arrival: Arrival & Credentials) => Asker | Promise<Asker>;
  /** The id by address, whatever token came. */
  readonly addressIdOf: (arrival: Arrival) => string;
  /** Why an asker's token no longer counts; null while it does. */
  readonly ended: (asker: Asker) => Refusal | null;
  readonly auditPublish: AuditPublish;
  /** By what askers are known, for the log. */
  readonly sources: readonly string[];
};

export type AskersOptions = {
  /** Addresses and CIDR blocks of proxies whose word about addresses counts. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Tokens that the federation issued. Default: none. */
  readonly tokens?: ReadableTokens;
  /** Whether a text is the operator's token of this gateway's own banks. Default: none is. */
  readonly isOperatorToken?: ((token: string) => boolean) | null;
  /** The identity provider. Default: none. */
  readonly jwt?: JwtOptions | null;
  readonly log: Logger;
};

export const openAskers = (options: AskersOptions): Askers => {
  const { trustedProxies = [], tokens = NO_TOKENS, isOperatorToken = null, jwt = null, log } = options;
  const addressOf = clientAddresses(trustedProxies, (header) => log.warn({ header }, IGNORED));
  const reader: JwtReader | null = jwt === null ? null : jwtReader(jwt, log);
  /** Of askers with an issued token. */
  const digests = new WeakMap<Asker, string>();

  const issued = (token: string): Asker => {
    if (!isWholeToken(token)) throw signIn(CUT);
    const digest = digestOf(token);
    const asker = holderOf(standing(tokens, digest), token);
    digests.set(asker, digest);
    return asker;
  };
  const withToken = (token: string): Asker | Promise<Asker> => {
    // Only the federation judges a token that it issued: one that is revoked is good nowhere.
    if (token.startsWith(TOKEN_PREFIX)) return issued(token);
    if (isOperatorToken?.(token)) return ownOperator(token);
    if (reader !== null && looksLikeJwt(token)) return reader.read(token);
    throw signIn(UNKNOWN);
  };
  const addressIdOf = (arrival: Arrival): string => addressId(addressOf(arrival));
  return {
    of(arrival) {
      const token = givenToken(arrival);
      return token === null ? anonymous(addressIdOf(arrival)) : withToken(token);
    },
    addressIdOf,
    ended(asker) {
      const digest = digests.get(asker);
      if (digest !== undefined) return refusalIn(() => standing(tokens, digest));
      const toleranceMs = (jwt?.toleranceS ?? 0) * 1000;
      return asker.expires !== null && asker.expires.getTime() + toleranceMs <= Date.now() ? expired() : null;
    },
    auditPublish: refusedPublishes(),
    sources: sourcesOf(options),
    async [Symbol.asyncDispose]() {
      await reader?.[Symbol.asyncDispose]();
    },
  };
};

const NO_TOKENS: ReadableTokens = { entries: () => new Map() };

/** @throws {Refusal} for a token that nobody issued, that was revoked or that has expired, and where nothing tells */
const standing = (tokens: ReadableTokens, digest: string): IssuedToken => {
  const found = findToken(tokens, digest);
  if (found === null && tokens.status?.().copy === "NONE") {
    throw refuse("OVERLOADED", { at: "Authorization", says: CANNOT_TELL, remedy: ASK_WITHOUT, retryAfterMs: 5000 });
  }
  if (found === null) throw signIn(UNKNOWN);
  if (found.expires.getTime() <= Date.now()) throw expired();
  return found;
};

const refusalIn = (check: () => unknown): Refusal | null => {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
};

const holderOf = ({ id, tier, name, expires }: IssuedToken, token: string): Asker => ({
  tier,
  id: `token:${id}`,
  name,
  expires,
  ...(tier === "OPERATOR" ? { banks: [name], token } : { banks: [], token: null }),
});

const ownOperator = (token: string): Asker => ({
  tier: "OPERATOR",
  id: "file:operator",
  name: "operator",
  expires: null,
  banks: "HOSTED",
  token,
});

const expired = (): Refusal => refuse("TOKEN_EXPIRED", { at: "Authorization" });

const sourcesOf = ({ tokens, isOperatorToken, jwt }: AskersOptions): readonly string[] => [
  "address",
  ...(tokens === undefined ? [] : ["tokens of odan token"]),
  ...(isOperatorToken == null ? [] : ["ODAN_OPERATOR_TOKEN_FILE"]),
  ...(jwt ? [`JWT of ${jwt.issuer}`] : []),
];

const CUT = text(
  "wanted a whole token of this federation, got one that is cut or mistyped",
  "この連合のトークン全体が必要ですが、途中で切れているか誤りがあります",
);
const UNKNOWN = text(
  "the token was not issued by this federation, or was revoked",
  "この連合のトークンではないか、取り消されています",
);
const CANNOT_TELL = text("the gateway cannot look tokens up at present", "現在、トークンを確認できません");
const ASK_WITHOUT = text(
  "Ask again after Retry-After, or without a token.",
  "Retry-After の経過後に再度送るか、トークンなしで検索してください。",
);
const IGNORED =
  "a forwarded address is ignored, since it came from no proxy of ODAN_TRUSTED_PROXIES: behind a proxy that is not named there, all clients are one asker";
