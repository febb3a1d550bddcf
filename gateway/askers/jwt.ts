import { errors, type JWTPayload, jwtVerify } from "jose";
import type { Logger } from "pino";
import { Refusal, refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";
import { type Asker, anonymous } from "./asker.ts";
import { signIn } from "./given-token.ts";
import type { JwtOptions } from "./jwt-settings.ts";
import { type KeyTimes, ProviderAway, type ProviderKeys, providerKeys } from "./provider-keys.ts";

/** Reads the JWT of an identity provider. */
export type JwtReader = AsyncDisposable & {
  /** The registered researcher that it names. @throws {Refusal} SIGN_IN, TOKEN_EXPIRED, SIGN_IN_UNAVAILABLE */
  readonly read: (token: string) => Promise<Asker>;
};

/** Whether a token may be a signed JWT: three parts of base64url, of which the last may be empty. */
export const looksLikeJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);

export const jwtReader = (options: JwtOptions, log: Logger, times?: KeyTimes): JwtReader => {
  const { issuer, audiences, keysUrl, algorithms, toleranceS } = options;
  const keys: ProviderKeys = providerKeys(keysUrl, log, times);
  const checks = {
    issuer,
    audience: [...audiences],
    algorithms: [...algorithms],
    clockTolerance: toleranceS,
    requiredClaims: ["sub", "exp"],
  };
  return {
    async read(token) {
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys.find, checks);
        return askerOf(issuer, payload, protectedHeader.typ);
      } catch (error) {
        throw refusalOf(error, log);
      }
    },
    [Symbol.asyncDispose]: () => keys[Symbol.asyncDispose](),
  };
};

/** Types (`typ`) of tokens that stand for a person who signed in: not logout tokens or proofs of possession. */
const TYPES = ["jwt", "at+jwt"];
/** Most characters of `sub` (OpenID Connect Core, 2), and of the name that is shown. */
const LONGEST_SUBJECT = 255;
const LONGEST_NAME = 80;

const askerOf = (issuer: string, { sub, name, exp }: JWTPayload, type: string | undefined): Asker => {
  if (type !== undefined && !TYPES.includes(type.toLowerCase().replace(/^application\//, ""))) throw wrong("typ");
  if (typeof sub !== "string" || sub === "" || sub.length > LONGEST_SUBJECT) throw wrong("sub");
  const expires = new Date((exp ?? Number.NaN) * 1000);
  if (Number.isNaN(expires.getTime())) throw wrong("exp");
  const shown = typeof name === "string" && name.trim() !== "" ? name : sub;
  return {
    ...anonymous(`jwt:${issuer}#${sub}`),
    tier: "REGISTERED",
    name: shown.replace(/\p{C}+/gu, " ").slice(0, LONGEST_NAME),
    expires,
  };
};

/** What the asker hears of a JWT that does not count: the name of a claim, never its value. */
const refusalOf = (error: unknown, log: Logger): Refusal => {
  if (error instanceof Refusal) return error;
  if (error instanceof errors.JWTExpired) return refuse("TOKEN_EXPIRED", { at: "Authorization" });
  if (error instanceof errors.JWTClaimValidationFailed) return wrong(error.claim);
  if (error instanceof errors.JOSEAlgNotAllowed) return wrong("alg");
  if (error instanceof errors.JWKSNoMatchingKey) return wrong("kid");
  if (error instanceof errors.JOSEError && !isOfKeySet(error)) return signIn(NOT_SIGNED);
  // The provider's own fault. What jose throws says nothing of the token.
  if (!(error instanceof ProviderAway)) log.warn({ err: error }, "the identity provider's keys cannot be used");
  return refuse("SIGN_IN_UNAVAILABLE", { at: "Authorization", retryAfterMs: RETRY_AFTER_MS });
};

const RETRY_AFTER_MS = 5000;

const isOfKeySet = (error: errors.JOSEError): boolean =>
  error instanceof errors.JWKSInvalid || error instanceof errors.JWKSTimeout;

const wrong = (part: string): Refusal =>
  signIn(text(`the token's ${part} does not count here`, `トークンの ${part} はここでは有効ではありません`));

const NOT_SIGNED = text(
  "wanted a token that the identity provider signed, got something else",
  "認証プロバイダーが署名したトークンが必要ですが、別のものが指定されました",
);
