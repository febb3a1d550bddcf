import type { FacetInput } from "../../gateway/search/facets.ts";
import { icd10Categories } from "../../schema/codes/icd10.ts";

/** The banks that are asked. */
export const BANKS = ["a", "b", "c", "d", "e"] as const;

/** The year that collection years are listed up to. */
export const YEAR = 2026;

/** Breakdowns whose cells make a bank's answer 17 KB. */
export const FACETS: readonly FacetInput[] = [
  { by: "DISEASE" },
  { by: "SEX" },
  { by: "DATA" },
  { by: "SAMPLE_TYPE" },
  { by: "AGE_AT_COLLECTION" },
  { by: "COLLECTED_YEAR" },
  { by: "STORAGE", across: "SAMPLE_ORIGIN" },
  { by: "COHORT", across: "DATA" },
  { by: "USE", across: "SEX" },
];

const COUNT = "{ min max because }";
const CELLS = `facets { by across cells { by { value } across { value } counts { donors ${COUNT} samples ${COUNT} } } }`;

/** What a client asks: totals and every bank's own numbers, with all breakdowns. */
export const DOCUMENT = `query search($where: Where!, $facets: [FacetInput!]) {
  search(where: $where, facets: $facets) {
    complete donors ${COUNT} samples ${COUNT} ${CELLS}
    banks {
      bank { id } status release { id } donors ${COUNT} samples ${COUNT} ${CELLS}
      understanding { verdict says { en } } problem { code }
    }
  }
}`;

/** The n-th question; no two of the first 100,000 are the same. */
export const whereOf = (n: number): object => {
  const from = Math.floor(n / icd10Categories.length) % 60;
  return {
    disease: { codes: [`ICD10:${icd10Categories[n % icd10Categories.length]}`] },
    sample: { type: ["PLASMA"], ageAtCollection: { from, to: from + 20 } },
  };
};
