import { BankError } from "../../schema/bank-error.ts";

/** A question that a local API cannot be asked: BANK_UNSUPPORTED in its slot. */
export class Unsupported extends Error {}

/** What `say` returns, or BANK_UNSUPPORTED where it throws Unsupported. */
export const unlessUnsupported = <T>(bank: string, say: () => T): T | BankError => {
  try {
    return say();
  } catch (error) {
    if (error instanceof Unsupported) return new BankError("BANK_UNSUPPORTED", bank, error.message);
    throw error;
  }
};
