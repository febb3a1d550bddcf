import { canonical } from "../../schema/canonical.ts";
import { icd10Categories } from "../../schema/codes/icd10.ts";
import { parseWhere } from "../../schema/parse.ts";
import { QUESTION_LIMITS } from "../../schema/question-limits.ts";
import { alternate, msPerCall } from "./rounds.ts";

const ROUNDS = 7;
const ROUND_MS = 100;

/**
 * How many times as long the canonical form of 50 alternative lists of 20 diseases takes as that of 5 such lists: ten times
 * the codes, so ten where it grows with their number, and a hundred where it grows with its square.
 */
export const canonicalGrowth = async (): Promise<number> => {
  const took = (lists: number) => {
    const where = parseWhere(listsOf(lists, 20), { ...QUESTION_LIMITS, criteria: lists });
    return () => msPerCall(async () => canonical(where), ROUND_MS);
  };
  const { few, many } = await alternate(ROUNDS, { few: took(5), many: took(50) });
  return many / few;
};

const listsOf = (lists: number, codes: number): object => ({
  any: Array.from({ length: lists }, (_, list) => ({
    disease: { codes: icd10Categories.slice(list * codes, (list + 1) * codes).map((code) => `ICD10:${code}`) },
  })),
});
