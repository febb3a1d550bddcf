import type { Dispatcher } from "undici";
import { BankError } from "../../schema/bank-error.ts";
import { rememberSecret } from "../redact.ts";
import { type SecretSource, secretOf } from "../secrets.ts";
import { NEVER } from "../signals.ts";
import { bearerHeader } from "./authorization.ts";
import type { Credentials } from "./credentials.ts";
import { exchangeOver } from "./exchange.ts";
import type { AuthOptions } from "./remote-options.ts";
import { jsonOf } from "./response.ts";
import { type StatusCodes, statusFault } from "./status-fault.ts";

type OAuth = NonNullable<AuthOptions["oauth"]>;
type Token = { readonly header: string; readonly expiresAt: number; readonly fetchedAt: number };

/** A token is renewed so long before it expires, in ms, but no earlier than in the last tenth of its lifetime. */
const EARLY_MS = 30_000;
/** A token that was never accepted is kept for so long, in ms, so that a server that refuses all of them is not flooded. */
const UNPROVEN_MS = 5000;
/** Error codes of RFC 6749, 5.2. No other text of a token server is repeated in messages. */
const ERROR_CODES = /^(invalid_(request|client|grant|scope)|unauthorized_client|unsupported_grant_type)$/;

/**
 * Credentials by the client credentials grant (RFC 6749, 4.4). A token is fetched when it is first needed, once for all waiting
 * requests, and cached until shortly before it expires or until the server refuses it.
 * @throws {BankError} BANK_REFUSED where the secret is missing
 */
export const oauthCredentials = async (
  oauth: OAuth,
  timeoutMs: number,
  context: SecretSource,
): Promise<Credentials> => {
  const { bank } = context;
  await secretOf(oauth.clientSecret, SECRET, context);
  let token: Token | undefined;
  let accepted: string | undefined;
  let fetching: Promise<Token> | undefined;
  const remembered: (() => void)[] = [];

  const fetchToken = async (dispatcher: Dispatcher): Promise<Token> => {
    const fetchedAt = performance.now();
    const secret = await secretOf(oauth.clientSecret, SECRET, context);
    const { access, lifeMs } = await requestToken(oauth, secret, { bank, dispatcher, timeoutMs });
    remembered.push(rememberSecret(access));
    // A response to a request with the previous token may still be under way.
    if (remembered.length > 2) remembered.shift()?.();
    const expiresAt = fetchedAt + lifeMs - Math.min(EARLY_MS, lifeMs / 10);
    return { header: bearerHeader(access, "oauth", bank), expiresAt, fetchedAt };
  };

  return {
    async header(dispatcher) {
      if (token !== undefined && performance.now() < token.expiresAt) return token.header;
      fetching ??= fetchToken(dispatcher)
        .then((one) => (token = one))
        .finally(() => {
          fetching = undefined;
        });
      return (await fetching).header;
    },
    took: (header) => {
      accepted = header;
    },
    refused(header) {
      if (token?.header !== header) return;
      if (accepted === header || performance.now() - token.fetchedAt > UNPROVEN_MS) token = undefined;
    },
  };
};

const SECRET = "auth.oauth.clientSecret";
const PREFIX = "oauth, ";

type TokenRequest = { readonly bank: string; readonly dispatcher: Dispatcher; readonly timeoutMs: number };

/** @throws {BankError} */
const requestToken = async (
  { tokenUrl, clientId, scope, audience, sendSecret }: OAuth,
  secret: string,
  { bank, dispatcher, timeoutMs }: TokenRequest,
): Promise<{ readonly access: string; readonly lifeMs: number }> => {
  // Loaded only where a bank asks for it.
  const grant = await import("oauth4webapi");
  const where = PREFIX + new URL(tokenUrl).pathname;
  const exchange = exchangeOver(bank, dispatcher, undefined, PREFIX);
  const send = async (url: string, { headers, body }: SentForm): Promise<Response> => {
    rememberSecret(headers["authorization"]?.slice("Basic ".length) ?? "");
    const limit = { signal: NEVER, timeoutMs, until: performance.now() + timeoutMs };
    const response = await exchange(new URL(url), { headers, body: body.toString() }, limit);
    const answer = (jsonOf(bank, where, response.text) ?? {}) as { readonly [name: string]: unknown };
    const { access_token, token_type, expires_in, error } = answer;
    const said = typeof error === "string" && ERROR_CODES.test(error) ? ` (${error})` : "";
    if (response.status !== 200) throw statusFault(bank, response, { where, wanted: "a token", said }, refusal);
    // The members that Odan does not use may have any form, such as null.
    return Response.json({ access_token, token_type, expires_in });
  };
  const [server, client] = [{ issuer: tokenUrl, token_endpoint: tokenUrl }, { client_id: clientId }];
  const authentication = (sendSecret === "body" ? grant.ClientSecretPost : grant.ClientSecretBasic)(secret);
  const form = { ...(scope === undefined ? {} : { scope }), ...(audience === undefined ? {} : { audience }) };
  const options = { [grant.customFetch]: send, [grant.allowInsecureRequests]: true };
  const response = await grant.clientCredentialsGrantRequest(server, client, authentication, form, options);
  const token = await grant.processClientCredentialsResponse(server, client, response).catch(() => undefined);
  if (token?.token_type !== "bearer") {
    const message = `${where}: wanted access_token, token_type Bearer and expires_in, got something else`;
    throw new BankError("BANK_BROKEN", bank, message, { reason: "WRONG_FORM" });
  }
  return { access: token.access_token, lifeMs: (token.expires_in ?? Number.POSITIVE_INFINITY) * 1000 };
};

type SentForm = { readonly headers: { readonly [name: string]: string }; readonly body: URLSearchParams };

const refusal: StatusCodes = (status) => (status >= 400 && status < 500 ? "BANK_REFUSED" : undefined);
