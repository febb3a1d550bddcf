import { BankError } from "../../schema/bank-error.ts";
import type { BrokenReason } from "../../schema/broken-reasons.ts";

/** A count as a local API told it. A count that is none is a BankError, which names its kind and never the number. */
export const toldCount = (bank: string, where: string, told: unknown): number | BankError => {
  if (typeof told === "number" && Number.isSafeInteger(told) && told >= 0) return told;
  const [got, reason] = kindOf(told);
  return new BankError("BANK_BROKEN", bank, `${where}: wanted an integer >= 0, got ${got}`, { reason });
};

const kindOf = (told: unknown): readonly [got: string, reason: BrokenReason] => {
  if (told === undefined || told === null) return ["none", "WRONG_FORM"];
  if (typeof told !== "number") return [`a ${typeof told}`, "NOT_A_COUNT"];
  if (told < 0) return ["a negative number", "NEGATIVE_COUNT"];
  return Number.isInteger(told) ? ["a number beyond 2^53", "ABOVE_BOUND"] : ["a fraction", "NOT_A_COUNT"];
};
