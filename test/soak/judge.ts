import type { BankId } from "../../sandbox/donor.ts";
import type { ReleaseNumber } from "../../sandbox/releases.ts";
import { type CellAsked, truthOf, type World } from "../oracle.ts";

export type Interval = { readonly min: number; readonly max: number | null };
type Pair = { readonly donors: Interval; readonly samples: Interval };
export type Cell = { readonly by: { readonly value: string }; readonly counts: Pair };

/** What one bank said, and the releases that may have been in force: one where the answer names it. */
export type BankSaid = Pair & {
  readonly bank: BankId;
  readonly of: readonly ReleaseNumber[];
  readonly facets: readonly { readonly by: string; readonly cells: readonly Cell[] }[];
};
export type Said = { readonly where: object; readonly banks: readonly BankSaid[] };
/** How many numbers were compared, of how many the truth was not 0, how many were exact; and what was wrong. */
export type Verdict = {
  readonly numbers: number;
  readonly positive: number;
  readonly exact: number;
  readonly wrong: readonly string[];
};

/** Compares every number of an answer with the truth. */
export const judge =
  (worldOf: (bank: BankId, release: ReleaseNumber) => World) =>
  ({ where, banks }: Said): Verdict => {
    const wrong: string[] = [];
    let [numbers, positive, exact] = [0, 0, 0];
    const compare = (said: BankSaid, counts: Pair, cell: CellAsked): void => {
      const truths = said.of.map((release) => truthOf(worldOf(said.bank, release), where, cell));
      for (const of of ["donors", "samples"] as const) {
        const { min, max } = counts[of];
        const inside = truths.some((truth) => min <= truth[of] && (max === null || truth[of] <= max));
        numbers += 1;
        if (truths.some((truth) => truth[of] > 0)) positive += 1;
        if (min === max) exact += 1;
        if (inside) continue;
        const place = cell.map(({ field, value }) => ` ${field}=${value}`).join("");
        const truth = truths.map((each, i) => `${each[of]} (release ${said.of[i]})`).join(" or ");
        wrong.push(`${said.bank}${place} ${of}: wanted ${truth}, got ${min}..${max}`);
      }
    };
    for (const said of banks) {
      compare(said, said, []);
      for (const { by, cells } of said.facets) {
        for (const { by: row, counts } of cells) {
          // What a bank does not map has no missing values either; only the fields of the record are told by the oracle.
          const open = counts.donors.max !== 0 && counts.donors.min !== counts.donors.max;
          if (row.value === "NOT_RECORDED" && open) continue;
          compare(said, counts, [{ field: by, value: row.value }]);
        }
      }
    }
    return { numbers, positive, exact, wrong };
  };
