import type { Logger } from "pino";
import { LeaseTimeout, UnstableEdition } from "../../cache/reader.ts";
import { BANK_ERRORS, BankError, type BankErrorCode } from "../../schema/bank-error.ts";
import type { Failure } from "../../schema/wire/failure.ts";
import { WrongAnswer } from "../../schema/wire/shape.ts";

/** Why a bank did not answer. `code` may be one of a newer bank that this gateway does not know. */
export class BankFailure extends Error {
  override readonly name = "BankFailure";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A code of BANK_ERRORS. A newer bank may name failures that this gateway does not know: they are BANK_BROKEN. */
export const knownCode = (code: string): BankErrorCode =>
  Object.hasOwn(BANK_ERRORS, code) ? (code as BankErrorCode) : "BANK_BROKEN";

/** The failure that an error of a call to a bank stands for; null where the bank is not the cause. */
export const failureIn = (error: unknown): Failure | null => {
  if (error instanceof BankFailure) return error.failure;
  if (error instanceof BankError) {
    const { code, message, retryAfterMs = null, reason } = error;
    return { code, message, retryAfterMs, reason };
  }
  if (error instanceof DOMException && error.name === "TimeoutError") {
    const message = "no answer in time: wanted one before the call was given up, got none";
    return { code: "BANK_TIMEOUT", message, retryAfterMs: null };
  }
  return null;
};

/** A call that missed its time limit of `ms`. */
export const timedOut = (bank: string, ms: number): BankError =>
  new BankError("BANK_TIMEOUT", bank, `no answer in time: wanted one within ${ms} ms, got none`);

/**
 * Any error of a call to a bank as its failure; any other error means that the bank is BROKEN.
 * @param retryAfterMs when a bank that changed its edition twice may be asked again
 */
export const failureOf = (
  bank: string,
  error: unknown,
  { retryAfterMs, log }: { readonly retryAfterMs: number | null; readonly log: Logger },
): BankFailure => {
  if (error instanceof BankFailure) return error;
  const known = failureIn(error);
  if (known !== null) return new BankFailure(known);
  if (error instanceof UnstableEdition)
    return new BankFailure({ code: "BANK_GONE", message: error.message, retryAfterMs });
  if (error instanceof LeaseTimeout) {
    return new BankFailure({ code: "BANK_TIMEOUT", message: error.message, retryAfterMs: null });
  }
  log.debug({ bank, err: error }, "the bank broke");
  const message = `[${bank}] ${error instanceof Error ? error.message : String(error)}`;
  const reason = error instanceof WrongAnswer ? error.reason : undefined;
  return new BankFailure({ code: "BANK_BROKEN", message, retryAfterMs: null, reason });
};
