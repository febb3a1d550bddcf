import type { Logger } from "pino";
import { bearerToken } from "../net/http/authorization.ts";

/** Who asks. */
export type Asker = {
  readonly tier: "ANONYMOUS";
  /** What came as `Authorization: Bearer`. A bank's subgraph judges it. */
  readonly token: string | null;
};

/** The asker that a request's headers name. */
export const askerOf = (request: Parameters<typeof bearerToken>[0]): Asker => ({
  tier: "ANONYMOUS",
  token: bearerToken(request),
});

/** One request. */
export type RequestContext = {
  readonly asker: Asker;
  /** Aborts when the asker has left. */
  readonly signal: AbortSignal;
  /** Every line has the request's id. */
  readonly log: Logger;
};

/** What a request's line in the log says of its GraphQL part; filled while it runs. Never values of criteria. */
export type RequestNotes = { operationName?: string; errorCodes?: readonly string[] };

/** What the HTTP server hands to GraphQL with every request. */
export type ServerContext = {
  readonly log: Logger;
  readonly notes: RequestNotes;
  /** Makes the answer one that stays open; false where its connection has too many of them. */
  readonly openStream: () => boolean;
};

/** What one request carries through its resolvers. */
export type GatewayContext = ServerContext & {
  /** Its signal aborts when the asker has left. */
  readonly request: { readonly signal: AbortSignal; readonly headers: { get(name: string): string | null } };
  /** Counts what the request asks of the banks. @throws {QuestionError} over the limit of one request */
  readonly charge: () => void;
};
