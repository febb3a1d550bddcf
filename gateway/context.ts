import type { Logger } from "pino";
import type { Refusal } from "../schema/refusal.ts";
import type { Asker } from "./askers/asker.ts";
import type { AuditPublish } from "./askers/refused-publishes.ts";
import type { AskerRate } from "./fairness/rate.ts";

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
  readonly asker: Asker;
  readonly auditPublish: AuditPublish;
  /** Why an asker's token no longer counts; null while it does. */
  readonly ended: (asker: Asker) => Refusal | null;
  /** What the asker may spend. */
  readonly rate: () => AskerRate;
  readonly log: Logger;
  readonly notes: RequestNotes;
  /** Makes the answer one that stays open; false where its connection has too many of them. */
  readonly openStream: () => boolean;
};

/** What is known of a request before it is known who sent it. */
export type Arrived = Omit<ServerContext, "asker" | "rate">;

/** What one request carries through its resolvers. */
export type GatewayContext = ServerContext & {
  /** Its signal aborts when the asker has left. */
  readonly request: { readonly signal: AbortSignal };
};
