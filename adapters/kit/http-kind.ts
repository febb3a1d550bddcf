import type { z } from "zod";
import { type HttpLink, httpLink } from "../../net/http/link.ts";
import type { HttpRemote } from "../../net/http/remote-options.ts";
import { withManyListeners } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { AdapterKind, MappedCodes, Named } from "../adapter.ts";
import { type Addressed, atAddresses } from "./at-addresses.ts";
import { type CountingApi, countingAdapter } from "./counting-api.ts";

/** What a local API over HTTP is opened with. */
export type HttpPlace<Options, Client> = {
  readonly bank: string;
  readonly options: Options;
  readonly mapping: MappedCodes;
  readonly client: Client;
  /** See AdapterContext. */
  readonly state?: string | undefined;
};

/** A kind of local API that is asked over HTTP. */
export type HttpKind<Options, Client, Request, Outcome> = {
  readonly options: z.ZodType<Options>;
  readonly named: (options: Options) => Named;
  /** Makes a client; it sends nothing yet. */
  readonly connect: (bank: string, options: Options, link: HttpLink) => Client;
  /**
   * Finds out what can be asked. @throws {BankError}; BANK_UNSUPPORTED is reported as BANK_BROKEN, since without what is read
   * here nothing can be asked
   */
  readonly open: (place: HttpPlace<Options, Client>, signal: AbortSignal) => Promise<CountingApi<Request, Outcome>>;
};

/** The kind as bank.yaml can name it, at one address or several. The client is closed when opening fails. */
export const httpKind = <Options extends HttpRemote & Addressed, Client extends AsyncDisposable, Request, Outcome>({
  options: schema,
  named,
  connect,
  open,
}: HttpKind<Options, Client, Request, Outcome>): AdapterKind<Options> =>
  atAddresses({
    options: schema,
    named,
    async open(options, mapping, context, signal) {
      const { bank, state } = context;
      const client = connect(bank, options, await httpLink(options, context));
      const close = () => client[Symbol.asyncDispose]();
      try {
        return countingAdapter(
          bank,
          await open({ bank, options, mapping, client, state }, withManyListeners(signal)),
          close,
        );
      } catch (error) {
        await close();
        if (!(error instanceof BankError) || error.code !== "BANK_UNSUPPORTED") throw error;
        throw new BankError("BANK_BROKEN", bank, error.detail, { cause: error });
      }
    },
  });
