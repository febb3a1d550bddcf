import type { KeyObject } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { digestOf } from "./digest.ts";
import { ALGORITHM, keyId, type PublicKey, shownKeys } from "./keys.ts";
import { GATEWAY } from "./request.ts";

/** The header of a subgraph's answer with the bank's token: a JWT (RFC 7519) over request, status and body. */
export const ANSWER_HEADER = "odan-answer";

const TYPE = "odan-answer+jwt";

/** What an answer is signed over, beside its bank. */
export type SignedAnswer = {
  /** Id of the request that it answers. */
  readonly jti: string;
  /** HTTP status. */
  readonly status: number;
  readonly body: string;
};

/** Signs the answers of one bank, refusals included. */
export const answerSigner = (key: KeyObject, bank: string) => {
  const kid = keyId(key);
  return ({ jti, status, body }: SignedAnswer): Promise<string> =>
    new SignJWT({ status, digest: digestOf(body) })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
      .setIssuer(bank)
      .setAudience(GATEWAY)
      .setJti(jti)
      .sign(key);
};

export type AnswerSigner = ReturnType<typeof answerSigner>;

/**
 * Checks that a bank signed this answer to this request. Needs no clock: the request's id was made for it.
 * @returns what is wrong, as `wanted X, got Y`; null where nothing is
 */
export const answerVerifier = (keys: readonly PublicKey[], bank: string) => {
  const wanted = `wanted an answer that ${bank} signed with ${shownKeys(keys.map(({ id }) => id))}`;
  return async (token: string | undefined, { jti, status, body }: SignedAnswer): Promise<string | null> => {
    if (token === undefined) return `${wanted}, got one without ${ANSWER_HEADER}`;
    let by = "an unnamed key";
    try {
      const { payload } = await jwtVerify(
        token,
        ({ kid }) => {
          if (kid !== undefined) by = shownKeys([kid]);
          const known = keys.find(({ id }) => id === kid);
          if (known === undefined) throw new errors.JWKSNoMatchingKey();
          return known.key;
        },
        { algorithms: [ALGORITHM], typ: TYPE, issuer: bank, audience: GATEWAY, requiredClaims: ["jti"] },
      );
      if (payload.jti !== jti) return `${wanted}, got its answer to another request`;
      if (payload["status"] !== status) return `${wanted}, got another HTTP status (${status}) than it signed`;
      return payload["digest"] === digestOf(body) ? null : `${wanted}, got another body than it signed`;
    } catch (error) {
      return `${wanted}, got one by ${by} (${reasonOf(error)})`;
    }
  };
};

export type AnswerVerifier = ReturnType<typeof answerVerifier>;

const reasonOf = (error: unknown): string => {
  if (error instanceof errors.JWTClaimValidationFailed) return `${error.claim} of another party`;
  if (error instanceof errors.JWKSNoMatchingKey) return "not the bank's";
  return error instanceof errors.JWSSignatureVerificationFailed ? "a signature that does not hold" : "no valid token";
};
