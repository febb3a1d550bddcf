import { type SecretSource, type TlsTexts, tlsTexts } from "../secrets.ts";
import { authorized, fixedCredentials } from "./auth.ts";
import { exchangeOver } from "./exchange.ts";
import { oauthCredentials } from "./oauth.ts";
import type { HttpRemote } from "./remote-options.ts";

/** How a server is reached over HTTP beside its address: what shows who we are and who it is. */
export type HttpLink = {
  readonly exchangeOver: typeof exchangeOver;
  /** For connections to it. */
  readonly tls?: TlsTexts;
  readonly proxy?: string;
};

/** Without credentials, trusting the public authorities. */
export const DIRECT: HttpLink = { exchangeOver };

/** The link that bank.yaml describes. @throws {BankError} BANK_REFUSED where a secret or certificate cannot be had */
export const httpLink = async (
  { auth, tls, proxy, timeoutMs }: HttpRemote,
  context: SecretSource,
): Promise<HttpLink> => {
  const credentials =
    auth === undefined
      ? undefined
      : await (auth.oauth === undefined
          ? fixedCredentials(auth, context)
          : oauthCredentials(auth.oauth, timeoutMs, context));
  return {
    exchangeOver: credentials === undefined ? exchangeOver : authorized(credentials),
    ...(tls === undefined ? {} : { tls: await tlsTexts(tls, context) }),
    ...(proxy === undefined ? {} : { proxy }),
  };
};
