import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { onTestFinished } from "vitest";

/** A key pair of the provider. */
export type ProviderKey = {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
};

export const newKey = async (kid: string, alg = "ES256"): Promise<ProviderKey> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
};

export const ISSUER = "https://id.example/";
export const AUDIENCE = "odan";

/** Claims in place of others; undefined leaves one out. */
export type Changes = { readonly [claim: string]: unknown };

/** Claims that the gateway takes, with these changes. */
export const claims = (changes: Changes = {}): JWTPayload => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, aud: AUDIENCE, sub: "u-1", name: "Hanako Sato", iat: now, exp: now + 600, ...changes };
};

export const signed = ({ kid, alg, privateKey }: ProviderKey, payload: JWTPayload = claims(), header: object = {}) =>
  new SignJWT(JSON.parse(JSON.stringify(payload))).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A JWKS server on this machine that publishes these keys, until the test ends. */
export const startProvider = async (keys: readonly ProviderKey[]) => {
  const publish =
    (published: readonly ProviderKey[]): Answer =>
    (_, response) =>
      void response
        .setHeader("content-type", "application/json")
        .end(JSON.stringify({ keys: published.map(({ jwk }) => jwk) }));
  let answer = publish(keys);
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return {
    url: new URL(`http://127.0.0.1:${port}/keys`),
    /** How often its keys were asked for. */
    asked: () => asked,
    /** Publishes other keys from now on. */
    publish: (others: readonly ProviderKey[]) => {
      answer = publish(others);
    },
    /** Answers in another way from now on. */
    answerWith: (other: Answer) => {
      answer = other;
    },
    close,
  };
};
