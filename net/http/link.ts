import type { SecretSource } from "../secrets.ts";
import { type TlsTexts, tlsTexts } from "../tls.ts";
import { authorized, fixedCredentials } from "./credentials.ts";
import { exchangeOver } from "./exchange.ts";
import { oauthCredentials } from "./oauth.ts";
import type { AuthOptions, HttpRemote } from "./remote-options.ts";

/** How a server is reached over HTTP, apart from its address: credentials, TLS and proxy. */
export type HttpLink = {
  readonly exchangeOver: typeof exchangeOver;
  /** Certificates for connections to it. */
  readonly tls?: TlsTexts;
  readonly proxy?: string;
};

/** No credentials, public certificate authorities, no proxy. */
export const DIRECT: HttpLink = { exchangeOver };

/** The link that bank.yaml describes. @throws {BankError} BANK_REFUSED for a missing secret or an unusable certificate */
export const httpLink = async (
  { auth, tls, proxy, timeoutMs }: HttpRemote,
  context: SecretSource,
): Promise<HttpLink> => {
  const credentialsOf = async (given: AuthOptions) =>
    given.oauth === undefined ? fixedCredentials(given, context) : oauthCredentials(given.oauth, timeoutMs, context);
  return {
    exchangeOver: auth === undefined ? exchangeOver : authorized(await credentialsOf(auth)),
    ...(tls === undefined ? {} : { tls: await tlsTexts(tls, context) }),
    ...(proxy === undefined ? {} : { proxy }),
  };
};
