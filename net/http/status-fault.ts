import { BankError, type BankErrorCode } from "../../schema/bank-error.ts";
import type { BrokenReason } from "../../schema/broken-reasons.ts";
import { type Headers, retryAfter } from "./response.ts";

/** HTTP statuses that mean the same at every server. */
const COMMON: ReadonlyMap<number, BankErrorCode> = new Map([
  [401, "BANK_REFUSED"],
  [403, "BANK_REFUSED"],
  [429, "BANK_BUSY"],
  [503, "BANK_BUSY"],
]);

/** What else a status means to servers of one kind; undefined: BANK_BROKEN. */
export type StatusCodes = (status: number) => BankErrorCode | undefined;

/** What was asked for (`wanted`: default "an answer"), and the server's own words, with the sign that parts them from the status. */
type Asked = { readonly where: string; readonly wanted?: string; readonly said?: string };

/** An answer with another status than 200, as a BankError: see statusOf. */
export const statusFault = (
  bank: string,
  { status, headers = {} }: { readonly status: number; readonly headers?: Headers },
  { where, wanted = "an answer", said = "" }: Asked,
  others?: StatusCodes,
): BankError => {
  const code = COMMON.get(status) ?? others?.(status) ?? "BANK_BROKEN";
  return new BankError(code, bank, `${where}: wanted ${wanted}, got HTTP ${status}${said}`, {
    cause: { status },
    ...(code === "BANK_BUSY" ? retryAfter(headers) : {}),
    ...(code === "BANK_BROKEN" ? { reason: reasonOf(status) } : {}),
  });
};

/** The HTTP status that made this error; undefined where none did. */
export const statusOf = ({ cause }: BankError): number | undefined =>
  (cause as { readonly status?: number } | undefined)?.status;

const reasonOf = (status: number): BrokenReason =>
  status >= 500 ? "SERVER_ERROR" : status >= 300 && status < 400 ? "REDIRECTED" : "WRONG_FORM";
