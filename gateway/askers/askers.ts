import type { Logger } from "pino";
import { bearerToken } from "../../net/http/authorization.ts";
import { addressId } from "./address-id.ts";
import { type Asker, anonymous } from "./asker.ts";
import { type Arrival, clientAddresses } from "./client-address.ts";

/** Tells who sends a request. */
export type Askers = {
  /** Called once for each request, before its document is read. */
  readonly of: (arrival: Arrival) => Asker;
};

export type AskersOptions = {
  /** Addresses and CIDR blocks of proxies whose word about addresses counts. Default: none. */
  readonly trustedProxies?: readonly string[];
  readonly log: Logger;
};

export const openAskers = ({ trustedProxies = [], log }: AskersOptions): Askers => {
  const addressOf = clientAddresses(trustedProxies, (header) => log.warn({ header }, IGNORED));
  return {
    of: (arrival) => ({
      ...anonymous(addressId(addressOf(arrival))),
      token: bearerToken({ headers: { get: () => arrival.headers.authorization ?? null } }),
    }),
  };
};

const IGNORED =
  "a forwarded address is ignored, since it came from no proxy of ODAN_TRUSTED_PROXIES: behind a proxy that is not named there, all clients are one asker";
