import type { BrokenReason } from "../../schema/broken-reasons.ts";
import { bankBroken } from "./failures.ts";

/** A count as a local API gave it. @throws {BankError} BANK_BROKEN with the kind of value that came, never with the value */
export const parseCount = (bank: string, where: string, value: unknown): number => {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  const { got, reason } = faultOf(value);
  throw bankBroken(bank, `${where}: wanted an integer >= 0, got ${got}`, reason);
};

const faultOf = (value: unknown): { readonly got: string; readonly reason: BrokenReason } => {
  if (value === undefined || value === null) return { got: "none", reason: "WRONG_FORM" };
  if (typeof value !== "number") return { got: `a ${typeof value}`, reason: "NOT_A_COUNT" };
  if (value < 0) return { got: "a negative number", reason: "NEGATIVE_COUNT" };
  return Number.isInteger(value)
    ? { got: "a number beyond 2^53", reason: "ABOVE_BOUND" }
    : { got: "a fraction", reason: "NOT_A_COUNT" };
};
