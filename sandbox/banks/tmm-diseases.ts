import { diseaseTable, weightedCodes } from "./disease-table.ts";

/** Donors in a thousand of each sex who have a disease from an age on, and the shares of them with a narrower code. */
export type Disease = {
  readonly code: string;
  readonly female: number;
  readonly male: number;
  readonly from: number;
  readonly narrower: readonly (readonly [code: string, share: number])[];
};

/** The common diseases, sorted by code. */
export const TMM_DISEASES = diseaseTable(
  "./tmm-diseases.csv",
  ({ code = "", female, male, from, narrower }): Disease => ({
    code,
    female: Number(female),
    male: Number(male),
    from: Number(from),
    narrower: weightedCodes(narrower),
  }),
);

/** Diseases that exactly this many donors have at every size: cells that nobody may publish. */
export const TMM_RARE: readonly (readonly [code: string, donors: number])[] = [
  ["D59.5", 4],
  ["E75.2", 2],
  ["E83.0", 7],
  ["G10", 3],
  ["G12.2", 9],
  ["G71.0", 6],
  ["I67.5", 8],
  ["Q85.0", 5],
  ["Q87.4", 1],
];
