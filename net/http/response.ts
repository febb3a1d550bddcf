import { BankError, type BankErrorCode } from "../../schema/bank-error.ts";
import type { BrokenReason } from "../../schema/broken-reasons.ts";
import { DEEPEST, isDeepJson } from "../nesting.ts";
import { tlsFault } from "../tls.ts";

/** Response headers as received. */
export type Headers = { readonly [name: string]: string | readonly string[] | undefined };

/** The value of a JSON text; undefined for a text that is no JSON. @throws {BankError} BANK_BROKEN for one nested too deep */
export const jsonOf = (bank: string, where: string, text: string): unknown => {
  if (isDeepJson(text)) {
    const message = `${where}: wanted JSON of at most ${DEEPEST} levels, got more`;
    throw new BankError("BANK_BROKEN", bank, message, { reason: "TOO_DEEP" });
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Upper bound of a Retry-After. */
const LONGEST_WAIT_MS = 86_400_000;

/** Retry-After in ms: seconds, or a date, compared with the response's Date header, else with our clock. */
export const retryAfter = (headers: Headers): { readonly retryAfterMs?: number } => {
  const wait = waitOf(headers["retry-after"], headers["date"]);
  return wait === undefined ? {} : { retryAfterMs: Math.min(Math.max(0, wait), LONGEST_WAIT_MS) };
};

const waitOf = (after: Headers[string], date: Headers[string]): number | undefined => {
  if (typeof after !== "string") return undefined;
  if (/^\d{1,9}$/.test(after)) return Number(after) * 1000;
  const [at, now] = [Date.parse(after), typeof date === "string" ? Date.parse(date) : Number.NaN];
  return Number.isNaN(at) ? undefined : at - (Number.isNaN(now) ? Date.now() : now);
};

/** The BankError of an undici error: no complete response came. `largest`: the agent's maxResponseSize, for the message. */
export const cutOff = (bank: string, where: string, cause: unknown, largest?: number): BankError => {
  const { code, name } = cause as { readonly code?: unknown; readonly name?: unknown };
  const fault = (means: BankErrorCode, detail: string, reason?: BrokenReason): BankError =>
    new BankError(means, bank, `${where}: ${detail}`, reason === undefined ? { cause } : { cause, reason });

  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE" || code === "UND_ERR_HEADERS_OVERFLOW") {
    return fault("BANK_BROKEN", `wanted at most ${largest ?? "so many"} bytes, got more`, "TOO_LARGE");
  }
  // Some parser errors have no code. HPE_INVALID_EOF_STATE, a chunked body cut short, is a lost connection.
  if (name === "HTTPParserError" && code !== "HPE_INVALID_EOF_STATE") {
    return fault("BANK_BROKEN", "wanted HTTP, got something else", "NOT_HTTP");
  }
  if (code === "UND_ERR_CONNECT_TIMEOUT") return fault("BANK_TIMEOUT", "wanted a connection, got none in time");
  const secure = tlsFault(cause);
  if (secure !== undefined) return fault(secure.code, `wanted TLS, got ${secure.got}`);
  return fault("BANK_UNREACHABLE", `wanted an answer, got ${typeof code === "string" ? code : "an error"}`);
};
