import { type Dispatcher, request } from "undici";
import type { AdapterContext } from "../adapter.ts";
import { BankError } from "../bank-error.ts";
import { keepSecret } from "../remote/hidden.ts";
import type { AuthOptions } from "../remote/options.ts";
import { secretOf } from "../remote/secrets.ts";

/** Where the value of an Authorization header comes from. */
export type Credentials = {
  /** The value now. @throws {BankError}; signal.reason when the signal aborts */
  readonly header: (dispatcher: Dispatcher, signal: AbortSignal) => Promise<string>;
  /** The server took this value. */
  readonly took: (value: string) => void;
  /** The server refused this value: the next one is got anew. */
  readonly refused: (value: string) => void;
};

type Options = NonNullable<Parameters<typeof request<null>>[1]>;

/** Sends a request as undici does, with whatever it takes to be let in. */
export type Send = (
  url: URL,
  options: Options & {
    readonly dispatcher: Dispatcher;
    readonly signal: AbortSignal;
    readonly headers: { readonly [name: string]: string };
  },
) => Promise<Dispatcher.ResponseData>;

/** Sends with credentials, and once more with others where the server refuses them and there are others by now. */
export const authorized =
  ({ header, took, refused }: Credentials): Send =>
  async (url, options) => {
    const { dispatcher, signal } = options;
    const send = (authorization: string) =>
      request(url, { ...options, headers: { ...options.headers, authorization } });
    const first = await header(dispatcher, signal);
    const response = await send(first);
    if (response.statusCode !== 401) {
      took(first);
      return response;
    }
    refused(first);
    const second = await header(dispatcher, signal);
    if (second === first) return response;
    await response.body.dump();
    const again = await send(second);
    if (again.statusCode !== 401) took(second);
    return again;
  };

/** A user and password, or a token, as they stand elsewhere. @throws {BankError} BANK_REFUSED where they do not */
export const fixedCredentials = async (
  { basic, bearer = "" }: Omit<AuthOptions, "oauth">,
  context: AdapterContext,
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
  keepSecret(pair);
  return `Basic ${pair}`;
};

/** RFC 6750. @throws {BankError} BANK_REFUSED, without the token, where it is none */
export const bearerHeader = (token: string, setting: string, bank: string): string => {
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new BankError("BANK_REFUSED", bank, `${setting}: wanted a token, one word of ASCII, got something else`);
};
