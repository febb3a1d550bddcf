import type { Dispatcher } from "undici";
import { type SecretSource, secretOf } from "../secrets.ts";
import { basicHeader, bearerHeader } from "./authorization.ts";
import { exchangeOver, inTime } from "./exchange.ts";
import type { AuthOptions } from "./remote-options.ts";

/** Source of the values of an Authorization header. */
export type Credentials = {
  /** The current value. @throws {BankError} */
  readonly header: (dispatcher: Dispatcher) => Promise<string>;
  /** Called when the server accepted this value. */
  readonly took: (value: string) => void;
  /** Called when the server refused this value: the next `header` fetches another. */
  readonly refused: (value: string) => void;
};

/** Exchanges with credentials. After a 401 it retries once, where the credentials have changed. */
export const authorized =
  ({ header, took, refused }: Credentials): typeof exchangeOver =>
  (bank, dispatcher, largest) => {
    const exchange = exchangeOver(bank, dispatcher, largest);
    return async (url, request, limit) => {
      const send = (authorization: string) =>
        exchange(url, { ...request, headers: { ...request.headers, authorization } }, limit);
      const credentials = () => inTime(() => header(dispatcher), bank, url.pathname, limit);
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

/** A user and password, or a token, from the environment or a file. @throws {BankError} BANK_REFUSED where it is missing */
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
    // The file may have another one by now.
    refused: (old) => {
      if (value === old) value = undefined;
    },
  };
};
