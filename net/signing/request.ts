import { type KeyObject, randomUUID } from "node:crypto";
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { FaultCode } from "../../schema/faults.ts";
import { digestOf } from "./digest.ts";
import { ALGORITHM, keyId, type PublicKey, shownKeys } from "./keys.ts";
import { replayMemory } from "./replays.ts";

/** The header of a request to a subgraph with the gateway's token: a JWT (RFC 7519) over the body. */
export const REQUEST_HEADER = "odan-request";

/** The code by which a subgraph refuses a request that no gateway has signed for it. */
export const NOT_PROVEN = "SIGN_IN" satisfies FaultCode;

/** Issuer of every request, and audience of every answer: the gateways of a federation are one party. */
export const GATEWAY = "odan-gateway";

/** The type that a token names, so that none of another use is taken for one (RFC 8725, 3.11). */
const TYPE = "odan-request+jwt";
/** Time in which a request is good, and the difference of clocks that does not matter, in seconds. */
export const LIFETIME_S = 30;
export const SKEW_S = 5;

/** Milliseconds since 1970. */
type Wall = () => number;

/** A token for one request, and the id by which its answer is recognised. */
export type SignedRequest = { readonly jti: string; readonly token: string };

/** Signs requests to one bank. `operator`: the gateway's word that an operator of this very bank asks. */
export const requestSigner = (key: KeyObject, bank: string, wall: Wall = Date.now) => {
  const kid = keyId(key);
  return async (body: string, operator: boolean): Promise<SignedRequest> => {
    const jti = randomUUID();
    const iat = wall() / 1000;
    const token = await new SignJWT({ digest: digestOf(body), ...(operator ? { operator } : {}) })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
      .setIssuer(GATEWAY)
      .setAudience(bank)
      .setJti(jti)
      .setIssuedAt(iat)
      .setExpirationTime(iat + LIFETIME_S)
      .sign(key);
    return { jti, token };
  };
};

export type RequestSigner = ReturnType<typeof requestSigner>;

/** What is known of who sent a request. A refused one has its `jti` where it was signed by a gateway: such a refusal is signed too. */
export type CheckedRequest =
  | { readonly ok: true; readonly jti: string; readonly operator: boolean }
  | { readonly ok: false; readonly jti: string | null; readonly code: RefusalCode; readonly message: string };
type RefusalCode = typeof NOT_PROVEN | "OVERLOADED";

export type RequestVerifierOptions = {
  /** Id of the bank that is asked. */
  readonly bank: string;
  /** The gateways' keys; asked for with each request, since they rotate. */
  readonly keys: () => readonly PublicKey[];
  readonly wall?: Wall;
};

/**
 * Checks that a gateway sent a body, to this bank, now, and once. Requests are POSTs and every path is the same endpoint, so
 * that the body is all of a request.
 */
export const requestVerifier = ({ bank, keys, wall = Date.now }: RequestVerifierOptions) => {
  const replays = replayMemory((LIFETIME_S + 2 * SKEW_S) * 1000);
  const startedS = wall() / 1000;
  return async (token: string | undefined, body: Uint8Array): Promise<CheckedRequest> => {
    const known = keys();
    if (token === undefined) return refused(null, `${wantedKeys(known)}, got a request without ${REQUEST_HEADER}`);
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => keyOf(known, kid), {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: GATEWAY,
        audience: bank,
        maxTokenAge: LIFETIME_S,
        clockTolerance: SKEW_S,
        requiredClaims: ["exp", "jti", "digest"],
        currentDate: new Date(wall()),
      });
      return accepted(payload, { body, replays, startedS });
    } catch (error) {
      return refusalOf(error, bank, wall() / 1000);
    }
  };
};

export type RequestVerifier = ReturnType<typeof requestVerifier>;

const keyOf = (known: readonly PublicKey[], kid: string | undefined): KeyObject => {
  const found = known.find(({ id }) => id === kid);
  if (found !== undefined) return found.key;
  throw new UnknownKey(`${wantedKeys(known)}, got one by ${kid === undefined ? "no named key" : shownKeys([kid])}`);
};

class UnknownKey extends Error {
  override readonly name = "UnknownKey";
}

const wantedKeys = (known: readonly PublicKey[]): string =>
  `wanted a request that a gateway signed with ${shownKeys(known.map(({ id }) => id))}`;

type Wanted = {
  readonly body: Uint8Array;
  readonly replays: ReturnType<typeof replayMemory>;
  readonly startedS: number;
};

/** What a token leaves to check whose signature, audience and time are right. */
const accepted = (payload: JWTPayload, { body, replays, startedS }: Wanted): CheckedRequest => {
  const { jti, iat = 0, digest, operator } = payload;
  if (typeof jti !== "string" || !/^[\w-]{16,64}$/.test(jti)) {
    return refused(null, "jti: wanted 16 to 64 letters and digits, got something else");
  }
  if (digest !== digestOf(body)) return refused(jti, "digest: wanted that of the body, got another one");
  // What came before this process started it cannot remember.
  if (iat < startedS - SKEW_S) return refused(jti, "iat: wanted a request of this process's time, got an older one");
  const found = replays.take(jti);
  if (found === "seen") return refused(jti, "jti: wanted a request that was not seen before, got a replayed one");
  if (found === "full")
    return { ...refused(jti, "too many requests to remember: ask again later"), code: "OVERLOADED" };
  return { ok: true, jti, operator: operator === true };
};

const refused = (jti: string | null, message: string): Extract<CheckedRequest, { ok: false }> => ({
  ok: false,
  jti,
  code: NOT_PROVEN,
  message,
});

/** The refusal of a token that `jwtVerify` does not take. Its claims are read only where the signature was right. */
const refusalOf = (error: unknown, bank: string, nowS: number): CheckedRequest => {
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
    const { claim, payload } = error;
    const jti = typeof payload.jti === "string" ? payload.jti : null;
    return refused(jti, claimFault(claim, payload, { bank, nowS }));
  }
  if (error instanceof UnknownKey) return refused(null, error.message);
  const { code } = error as { readonly code?: unknown };
  return refused(null, `${REQUEST_HEADER}: wanted a token of a gateway, got ${code ?? "something else"}`);
};

const claimFault = (
  claim: string,
  { aud, iat }: JWTPayload,
  { bank, nowS }: { readonly bank: string; readonly nowS: number },
): string => {
  if (claim === "aud") return `aud: wanted ${bank}, got ${JSON.stringify(aud ?? null).slice(0, 64)}`;
  if ((claim !== "iat" && claim !== "exp") || iat === undefined)
    return `${claim}: wanted that of a gateway, got another`;
  const skew = Math.round(iat - nowS);
  const got = skew > 0 ? `one of ${skew} s ahead` : `one of ${-skew} s ago`;
  return (
    `iat: wanted a time of the last ${LIFETIME_S} s by this bank's clock (clocks may differ by ${SKEW_S} s), got ${got}. ` +
    "Set the clocks of gateway and bank, or find what holds requests back"
  );
};
