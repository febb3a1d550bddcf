import type { CellCounts } from "../../schema/answer.ts";
import { silentCount } from "../../schema/count.ts";
import type { RegisteredBank } from "../banks/registry.ts";
import type { BankResult } from "./ask.ts";
import { cellsOf, type FacetPlan } from "./facets.ts";

/** What is known of a bank that has not answered yet: 0 to its bound, in total and in every cell. */
export type WaitingResult = Omit<BankResult, "status"> & { readonly status: "WAITING" };

export const waitingResult = (bank: RegisteredBank, facets: readonly FacetPlan[]): WaitingResult => {
  const size = bank.reader.last()?.about.size ?? bank.copy.size;
  const counts: CellCounts = {
    donors: silentCount(size.donors, "BANK_WAITING"),
    samples: silentCount(size.samples, "BANK_WAITING"),
  };
  return {
    ...counts,
    bank,
    status: "WAITING",
    facets: facets.map((plan) => ({ cells: Array<CellCounts>(cellsOf(plan)).fill(counts) })),
    understanding: [],
    release: null,
    edition: null,
    staleSince: null,
    tookMs: 0,
    problem: null,
  };
};
