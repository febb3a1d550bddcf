import type { FacetInput } from "../../gateway/search/facets.ts";
import type { Kind } from "./house.ts";

/** Questions that people ask, as the search puts them. */
export type Typical = { readonly where: object; readonly facets?: readonly FacetInput[] };

/** What the questions name at one bank. */
type Words = {
  readonly disease: string;
  readonly types: readonly [string, string];
  readonly ages: readonly [from: number, to: number];
  /** Diseases of the facet. */
  readonly diseases: readonly string[];
};

export const WORDS: { readonly [K in Kind]: Words } = {
  tabular: {
    disease: "ICD10:E10-E14",
    types: ["SERUM", "DNA"],
    ages: [40, 59],
    diseases: ["C34", "C15", "C16", "C25", "C61", "C50", "C53", "C56", "I63"].map((code) => `ICD10:${code}`),
  },
  beacon: {
    disease: "ICD10:E11",
    types: ["PLASMA", "DNA"],
    ages: [40, 59],
    diseases: ["C16", "C18", "C34", "C50", "E11", "E78", "H25", "H40", "J45"].map((code) => `ICD10:${code}`),
  },
  omop: {
    disease: "ICD10:C34",
    types: ["PLASMA", "DNA"],
    ages: [40, 59],
    diseases: ["C16", "C18", "C34", "C50", "E11", "I21", "I63", "F32", "G30"].map((code) => `ICD10:${code}`),
  },
  sqon: {
    disease: "ONCOTREE:LUNG",
    types: ["PLASMA", "DNA"],
    ages: [40, 59],
    diseases: ["LUAD", "LUSC", "SCLC", "COAD", "READ", "STAD", "PAAD", "IDC", "PRAD"].map((code) => `ONCOTREE:${code}`),
  },
  fhir: {
    disease: "NANBYO:2",
    types: ["PLASMA", "DNA"],
    ages: [40, 59],
    diseases: ["2", "6", "11", "13", "46", "49", "90", "96", "97"].map((number) => `NANBYO:${number}`),
  },
};

/** The names of the questions, in the order in which they are asked. */
export const TYPICAL_NAMES = ["sex", "disease", "two samples", "one sample", "not", "disease facet"] as const;
export type TypicalName = (typeof TYPICAL_NAMES)[number];

/**
 * Six typical questions in the words of one bank: women; a disease and what lies below it; two samples of one donor; one
 * sample of a type and an age; everybody without a disease; everybody by disease.
 */
export const typical = ({
  disease,
  types,
  ages: [from, to],
  diseases,
}: Words): { readonly [N in TypicalName]: Typical } => ({
  sex: { where: { sex: ["FEMALE"] } },
  disease: { where: { disease: { codes: [disease] } } },
  "two samples": { where: { all: types.map((type) => ({ sample: { type: [type] } })) } },
  "one sample": { where: { sample: { type: [types[0]], ageAtCollection: { from, to } } } },
  not: { where: { not: { disease: { codes: [disease] } } } },
  "disease facet": { where: {}, facets: [{ by: "DISEASE", values: diseases }] },
});
