import type { FailureJson } from "../../schema/answer.ts";
import { BANK_ERRORS, BankError, type BankErrorCode } from "../../schema/bank-error.ts";

/** What a bank says of its own failing. `code` may be one of a newer bank that this gateway does not know. */
export class BankFailure extends Error {
  override readonly name = "BankFailure";
  readonly failure: FailureJson["failure"];

  constructor(failure: FailureJson["failure"]) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A newer bank may name failures that this gateway does not know. */
export const knownCode = (code: string): BankErrorCode =>
  Object.hasOwn(BANK_ERRORS, code) ? (code as BankErrorCode) : "BANK_BROKEN";

/** Which failure an error of a call to a bank is; null where it is none of the bank's own. */
export const failureIn = (error: unknown): FailureJson["failure"] | null => {
  if (error instanceof BankFailure) return error.failure;
  if (error instanceof BankError) {
    const { code, message, retryAfterMs = null, reason } = error;
    return { code, message, retryAfterMs, reason };
  }
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return {
      code: "BANK_TIMEOUT",
      message: "no answer in time: wanted one before the call was given up, got none",
      retryAfterMs: null,
    };
  }
  return null;
};
