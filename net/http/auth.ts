import type { Dispatcher } from "undici";
import { BankError } from "../../schema/bank-error.ts";
import { rememberSecret } from "../redact.ts";
import { type SecretSource, secretOf } from "../secrets.ts";
import { exchangeOver, inTime } from "./exchange.ts";
import type { AuthOptions } from "./remote-options.ts";

/** Where the value of an Authorization header comes from. */
export type Credentials = {
  /** The value now. @throws {BankError} */
  readonly header: (dispatcher: Dispatcher) => Promise<string>;
  /** The server took this value. */
  readonly took: (value: string) => void;
  /** The server refused this value: the next one is got anew. */
  readonly refused: (value: string) => void;
};

/** Exchanges with credentials, and once more with others where the server refuses them and there are others by now. */
export const authorized =
  ({ header, took, refused }: Credentials): typeof exchangeOver =>
  (bank, dispatcher, largest) => {
    const exchange = exchangeOver(bank, dispatcher, largest);
    return async (url, sent, wait) => {
      const send = (authorization: string) =>
        exchange(url, { ...sent, headers: { ...sent.headers, authorization } }, wait);
      const credentials = () => inTime(() => header(dispatcher), bank, url.pathname, wait);
      const first = await credentials();
      const answer = await send(first);
      if (answer.status !== 401) {
        took(first);
        return answer;
      }
      refused(first);
      const second = await credentials();
      if (second === first) return answer;
      const again = await send(second);
      if (again.status !== 401) took(second);
      return again;
    };
  };

/** A user and password, or a token, as they stand elsewhere. @throws {BankError} BANK_REFUSED where they do not */
export const fixedCredentials = async (
  { basic, bearer = "" }: Omit<AuthOptions, "oauth">,
  context: SecretSource,
): Promise<Credentials> => {
  const read = async (): Promise<string> => {
    if (basic !== undefined) {
      return basicHeader(basic.user, await secretOf(basic.password, "auth.basic.password", context));
    }
    return bearerHeader(await secretOf(bearer, "auth.bearer", context), "adapter.auth.bearer", context.bank);
  };
  let value: string | undefined = await read();
  return {
    header: async () => (value ??= await read()),
    took: () => undefined,
    // The file may hold another one by now.
    refused: (old) => {
      if (value === old) value = undefined;
    },
  };
};

/** RFC 7617, in UTF-8. */
export const basicHeader = (user: string, password: string): string => {
  const pair = Buffer.from(`${user}:${password}`).toString("base64");
  rememberSecret(pair);
  return `Basic ${pair}`;
};

/** RFC 6750. @throws {BankError} BANK_REFUSED, without the token, where it is none */
export const bearerHeader = (token: string, setting: string, bank: string): string => {
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new BankError("BANK_REFUSED", bank, `${setting}: wanted a token, one word of ASCII, got something else`);
};
