import { type Dispatcher, request } from "undici";
import type { AdapterContext } from "../adapter.ts";
import { BankError } from "../bank-error.ts";
import { keepSecret } from "../remote/hidden.ts";
import type { AuthOptions } from "../remote/options.ts";
import { secretOf } from "../remote/secrets.ts";
import { unlessAborted } from "../signals.ts";
import { answerText, cutOff, jsonOf, retryAfter } from "./answer.ts";
import { basicHeader, bearerHeader, type Credentials } from "./auth.ts";

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
  context: AdapterContext,
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
    kept.push(keepSecret(access));
    // An answer to the token before may still be under way.
    if (kept.length > 2) kept.shift()?.();
    return { header: bearerHeader(access, "oauth", bank), until: since + lifeMs - early, since };
  };

  return {
    async header(dispatcher, signal) {
      if (token !== undefined && performance.now() < token.until) return token.header;
      fetching ??= fetched(dispatcher)
        .then((one) => (token = one))
        .finally(() => {
          fetching = undefined;
        });
      return (await unlessAborted(fetching, signal)).header;
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

/** @throws {BankError} */
const askToken = async (
  bank: string,
  { tokenUrl, clientId, scope, audience, sendSecret }: OAuth,
  secret: string,
  dispatcher: Dispatcher,
  timeoutMs: number,
): Promise<{ readonly access: string; readonly lifeMs: number }> => {
  const url = new URL(tokenUrl);
  const where = `oauth, ${url.pathname}`;
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    ...(scope === undefined ? {} : { scope }),
    ...(audience === undefined ? {} : { audience }),
    ...(sendSecret === "body" ? { client_id: clientId, client_secret: secret } : {}),
  });
  const late = new BankError("BANK_TIMEOUT", bank, `${where}: wanted a token in ${timeoutMs} ms, got none`);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(late), timeoutMs);
  try {
    const response = await request(url, {
      dispatcher,
      method: "POST",
      headers: {
        accept: "application/json",
        "content-type": "application/x-www-form-urlencoded",
        ...(sendSecret === "body" ? {} : { authorization: basicHeader(encoded(clientId), encoded(secret)) }),
      },
      body: form.toString(),
      signal: controller.signal,
    });
    const text = await answerText(bank, where, response);
    return readToken(bank, where, response, jsonOf(bank, where, text));
  } catch (error) {
    if (controller.signal.aborted) throw late;
    throw error instanceof BankError ? error : cutOff(bank, where, error);
  } finally {
    clearTimeout(timer);
  }
};

/** RFC 6749, 2.3.1: as in a form. */
const encoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice("x=".length);

const readToken = (
  bank: string,
  where: string,
  { statusCode, headers }: Dispatcher.ResponseData,
  answer: unknown,
): { readonly access: string; readonly lifeMs: number } => {
  const { access_token, token_type, expires_in, error } = (answer ?? {}) as { readonly [key: string]: unknown };
  if (statusCode === 200) {
    const life = expires_in === undefined ? Number.POSITIVE_INFINITY : Number(expires_in);
    if (typeof access_token === "string" && /^bearer$/i.test(String(token_type)) && life >= 0) {
      return { access: access_token, lifeMs: life * 1000 };
    }
    const message = `${where}: wanted access_token, token_type Bearer and expires_in, got something else`;
    throw new BankError("BANK_BROKEN", bank, message, { reason: "WRONG_FORM" });
  }
  const said = REFUSALS.includes(error) ? ` (${String(error)})` : "";
  const message = `${where}: wanted a token, got HTTP ${statusCode}${said}`;
  if (statusCode === 429 || statusCode === 503) throw new BankError("BANK_BUSY", bank, message, retryAfter(headers));
  if (statusCode >= 400 && statusCode < 500) throw new BankError("BANK_REFUSED", bank, message);
  throw new BankError("BANK_BROKEN", bank, message, { reason: statusCode >= 500 ? "SERVER_ERROR" : "REDIRECTED" });
};
