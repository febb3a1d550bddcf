import type { IncomingMessage } from "node:http";
import { bearerToken } from "../../net/http/authorization.ts";
import { addressId } from "./address-id.ts";
import { type Asker, anonymous } from "./asker.ts";

/** Tells who sends a request. */
export type Askers = {
  /** Called once for each request, before its document is read. */
  readonly of: (request: Pick<IncomingMessage, "socket" | "headers">) => Asker;
};

export const openAskers = (): Askers => ({
  of: ({ socket, headers }) => ({
    ...anonymous(addressId(socket.remoteAddress)),
    token: bearerToken({ headers: { get: () => headers.authorization ?? null } }),
  }),
});
