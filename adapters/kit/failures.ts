import { BankError } from "../../schema/bank-error.ts";
import type { BrokenReason } from "../../schema/broken-reasons.ts";

/** BANK_BROKEN: what the bank gives makes no sense. `detail` reads `what happened: wanted X, got Y`. */
export const bankBroken = (bank: string, detail: string, reason?: BrokenReason): BankError =>
  new BankError("BANK_BROKEN", bank, detail, reason === undefined ? {} : { reason });

/** What `work` resolves to, or the BankError that it rejects with. Any other rejection passes. */
export const caught = async <T>(work: () => Promise<T>): Promise<T | BankError> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BankError) return error;
    throw error;
  }
};

/** What `work` returns, or the BankError that it throws. Any other error passes. */
export const caughtNow = <T>(work: () => T): T | BankError => {
  try {
    return work();
  } catch (error) {
    if (error instanceof BankError) return error;
    throw error;
  }
};

/** BANK_GONE: the bank serves release `got` and not `wanted`. */
export const releaseGone = (bank: string, wanted: string, got: string): BankError =>
  new BankError("BANK_GONE", bank, `wanted release ${wanted}, got ${got}`);

/** BANK_UNREACHABLE, since the adapter has been disposed of. */
export const adapterClosed = (bank: string): BankError =>
  new BankError("BANK_UNREACHABLE", bank, "the adapter is closed");
