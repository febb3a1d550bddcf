import type { Logger } from "pino";

/** What a request's line in the log says of its GraphQL part; filled while it runs. Never values of criteria. */
export type RequestNotes = { operationName?: string; errorCodes?: readonly string[] };

/** What the HTTP server hands to GraphQL with every request. Every line of `log` has the request's id. */
export type ServerContext = {
  readonly log: Logger;
  readonly notes: RequestNotes;
  /** Makes the answer one that stays open; false where its connection has too many of them. */
  readonly openStream: () => boolean;
};

/** What one request carries through its resolvers. */
export type GatewayContext = ServerContext & {
  /** Its signal aborts when the asker has gone. */
  readonly request: { readonly signal: AbortSignal; readonly headers: { get(name: string): string | null } };
  /** Counts what the request asks of the banks. @throws {QuestionError} over the limit of one request */
  readonly charge: () => void;
};
