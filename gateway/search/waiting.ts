import type { Bank } from "../banks/bank.ts";
import type { AskedQuestion } from "./asked-question.ts";
import { type BankResult, unknownCounts } from "./bank-result.ts";

/** What is known of a bank that has not answered yet: 0 to its bound, in total and in every cell. */
export type WaitingResult = Omit<BankResult, "status"> & { readonly status: "WAITING" };

export const waitingResult = (bank: Bank, asked: AskedQuestion): WaitingResult => ({
  ...unknownCounts(bank, asked, "BANK_WAITING"),
  card: bank.card(),
  status: "WAITING",
  understanding: [],
  release: null,
  edition: null,
  staleSince: null,
  tookMs: 0,
  problem: null,
});
