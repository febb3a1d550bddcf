import { tlsFault } from "../../net/tls.ts";
import { BankError, type BankErrorCode } from "../../schema/bank-error.ts";

/** SQLSTATE (or its first two characters) and what it means to us; the first that fits counts. */
const STATES: readonly (readonly [state: string, code: BankErrorCode, got: string])[] = [
  ["57014", "BANK_TIMEOUT", "a cancelled statement"],
  ["57P03", "BANK_BUSY", "a server that is starting"],
  ["57P", "BANK_UNREACHABLE", "a server that closed the connection"],
  ["53", "BANK_BUSY", "a server without resources to spare"],
  ["28", "BANK_REFUSED", "a refused user or password"],
  ["3D000", "BANK_REFUSED", "no such database"],
  ["42501", "BANK_REFUSED", "no right to read a table"],
  ["08P01", "BANK_BROKEN", "a breach of the protocol"],
  ["08", "BANK_UNREACHABLE", "a broken connection"],
  ["42P01", "BANK_BROKEN", "a missing table"],
  ["42703", "BANK_BROKEN", "a missing column"],
  ["3F000", "BANK_BROKEN", "no such schema"],
];

const NETWORK = /^(E[A-Z]+|ERR_[A-Z_]+|UNABLE_[A-Z_]+|CERT_[A-Z_]+|DEPTH_[A-Z_]+|SELF_[A-Z_]+)$/;

/**
 * A failure of the driver as a BankError. Messages name the SQLSTATE and our own words for it, never the server's, which
 * may quote values.
 */
export const omopError = (bank: string, error: unknown): BankError => {
  if (error instanceof BankError) return error;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const state = typeof code === "string" ? code : "";
  const text = typeof message === "string" ? message : "";
  const fault = (means: BankErrorCode, wanted: string, got: string): BankError =>
    new BankError(means, bank, `PostgreSQL: wanted ${wanted}, got ${got}`, { cause: error });

  const known = STATES.find(([prefix]) => /^[0-9A-Z]{5}$/.test(state) && state.startsWith(prefix));
  if (known !== undefined) return fault(known[1], "counts", `${known[2]} (${state})`);
  if (text === "timeout expired" || state === "ETIMEDOUT") return fault("BANK_TIMEOUT", "a connection", "none in time");
  if (/password|SASL|SCRAM|authentication/i.test(text)) return fault("BANK_REFUSED", "to log in", "no agreement");
  const secure = tlsFault(error);
  if (secure !== undefined) return fault(secure.code, "TLS", secure.got);
  if (/does not support SSL/.test(text)) return fault("BANK_UNREACHABLE", "TLS", "a server that does not speak it");
  if (NETWORK.test(state) || /^Connection terminated|not queryable|SSL/.test(text)) {
    return fault("BANK_UNREACHABLE", "a connection", state === "" ? "none" : state);
  }
  return fault("BANK_BROKEN", "counts", state === "" ? "something else" : `SQLSTATE ${state}`);
};
