import type { Dispatcher } from "undici";
import { BankError } from "../../schema/bank-error.ts";
import { rememberSecret } from "../redact.ts";
import { type SecretSource, secretOf } from "../secrets.ts";
import { NEVER } from "../signals.ts";
import { basicHeader, bearerHeader } from "./authorization.ts";
import type { Credentials } from "./credentials.ts";
import { exchangeOver, type HttpResponse } from "./exchange.ts";
import type { AuthOptions } from "./remote-options.ts";
import { jsonOf } from "./response.ts";
import { type StatusCodes, statusFault } from "./status-fault.ts";

type OAuth = NonNullable<AuthOptions["oauth"]>;
type Token = { readonly header: string; readonly until: number; readonly since: number };

/** A token is given up so much before it expires, and no more than a tenth of its time. */
const EARLY_MS = 30_000;
/** A new token that has never been taken is given up no sooner, so that a server that refuses all of them is left alone. */
const PATIENCE_MS = 5000;
/** RFC 6749, 5.2: the words that a server of tokens may refuse with. Any other word is not repeated. */
const REFUSALS: readonly unknown[] = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
];

/**
 * A token for client credentials (RFC 6749, 4.4): fetched when it is needed, once for all who wait for it, and kept until
 * shortly before it expires or until it is refused.
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
  let taken: string | undefined;
  let fetching: Promise<Token> | undefined;
  const kept: (() => void)[] = [];

  const fetched = async (dispatcher: Dispatcher): Promise<Token> => {
    const since = performance.now();
    const secret = await secretOf(oauth.clientSecret, SECRET, context);
    const { access, lifeMs } = await askToken(bank, oauth, secret, dispatcher, timeoutMs);
    const early = Math.min(EARLY_MS, lifeMs / 10);
    kept.push(rememberSecret(access));
    // An answer to the token before may still be under way.
    if (kept.length > 2) kept.shift()?.();
    return { header: bearerHeader(access, "oauth", bank), until: since + lifeMs - early, since };
  };

  return {
    async header(dispatcher) {
      if (token !== undefined && performance.now() < token.until) return token.header;
      fetching ??= fetched(dispatcher)
        .then((one) => (token = one))
        .finally(() => {
          fetching = undefined;
        });
      return (await fetching).header;
    },
    took: (header) => {
      taken = header;
    },
    refused(header) {
      if (token?.header !== header) return;
      if (taken === header || performance.now() - token.since > PATIENCE_MS) token = undefined;
    },
  };
};

const SECRET = "auth.oauth.clientSecret";
const OAUTH = "oauth, ";

/** @throws {BankError} */
const askToken = async (
  bank: string,
  { tokenUrl, clientId, scope, audience, sendSecret }: OAuth,
  secret: string,
  dispatcher: Dispatcher,
  timeoutMs: number,
): Promise<{ readonly access: string; readonly lifeMs: number }> => {
  const url = new URL(tokenUrl);
  const where = OAUTH + url.pathname;
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    ...(scope === undefined ? {} : { scope }),
    ...(audience === undefined ? {} : { audience }),
    ...(sendSecret === "body" ? { client_id: clientId, client_secret: secret } : {}),
  });
  const headers = {
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
    ...(sendSecret === "body" ? {} : { authorization: basicHeader(encoded(clientId), encoded(secret)) }),
  };
  const wait = { signal: NEVER, timeoutMs, until: performance.now() + timeoutMs };
  const exchange = exchangeOver(bank, dispatcher, undefined, OAUTH);
  const answer = await exchange(url, { headers, body: form.toString() }, wait);
  return readToken(bank, where, answer, jsonOf(bank, where, answer.text));
};

/** RFC 6749, 2.3.1: as in a form. */
const encoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice("x=".length);

const readToken = (
  bank: string,
  where: string,
  { status, headers }: HttpResponse,
  answer: unknown,
): { readonly access: string; readonly lifeMs: number } => {
  const { access_token, token_type, expires_in, error } = (answer ?? {}) as { readonly [key: string]: unknown };
  if (status === 200) {
    const life = expires_in === undefined ? Number.POSITIVE_INFINITY : Number(expires_in);
    if (typeof access_token === "string" && /^bearer$/i.test(String(token_type)) && life >= 0) {
      return { access: access_token, lifeMs: life * 1000 };
    }
    const message = `${where}: wanted access_token, token_type Bearer and expires_in, got something else`;
    throw new BankError("BANK_BROKEN", bank, message, { reason: "WRONG_FORM" });
  }
  const said = REFUSALS.includes(error) ? ` (${String(error)})` : "";
  throw statusFault(bank, { status, headers }, { where, wanted: "a token", said }, refusal);
};

const refusal: StatusCodes = (status) => (status >= 400 && status < 500 ? "BANK_REFUSED" : undefined);
