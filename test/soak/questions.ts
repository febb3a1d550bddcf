import fc from "fast-check";
import { type Case, type Domain, questionsIn } from "../law/case.ts";
import { DOMAIN } from "../law/domain.ts";

export type Question = {
  readonly where: object;
  readonly facets: readonly { by: string; values: readonly string[] }[];
};

const ICD10 = [
  ...["C34", "C34.1", "C50", "C22-C24", "C00-D49", "C61", "G00-G99", "G12.2", "E10-E14", "E11", "E11.2", "E10"],
  ...["G20", "G30", "I10", "I63", "I20-I25", "E75.2", "M32", "D80-D89", "G35", "C92.0", "J45", "A00"],
];
const OTHER = [
  ...["ONCOTREE:LUAD", "ONCOTREE:NSCLC", "ONCOTREE:BREAST", "ONCOTREE:IDC", "ONCOTREE:AML", "ONCOTREE:MYELOID"],
  ...["ORPHA:803", "ORPHA:70", "ORPHA:324", "ORPHA:68366", "ORPHA:98503", "NANBYO:2", "NANBYO:6", "NANBYO:49"],
  ...["NANDO:1200002", "NANDO:1100001", "MONDO:0004976", "MONDO:0005148", "MONDO:0005061", "BBJ:1", "BBJ:33"],
];
const PROGRAMMES = ["CONTROL_GROUP", "PUBLIC_PRIVATE_100K", "CANCER_WGS", "CANCER_WGS_FY2021", "RARE_DISEASE_WGS"];

/** Values that some donors of the five banks have, and some that nobody has. */
const BANKS: Domain = {
  DISEASE: [...ICD10.map((code) => `ICD10:${code}`), ...OTHER],
  SEX: DOMAIN.SEX,
  COHORT: DOMAIN.COHORT,
  CENTRE: ["ncbn/ncc", "ncbn/ncnp", "ncbn/ncgg"],
  PROGRAMME: PROGRAMMES.map((code) => `PROGRAMME:${code}`),
  DATA: ["WGS", "WES", "SNP_ARRAY", "TRANSCRIPTOME", "LONG_READ", "IMAGING"],
  USE: DOMAIN.USE,
  SAMPLE_TYPE: ["DNA", "PLASMA", "SERUM", "URINE", "WHOLE_BLOOD", "TISSUE_FROZEN", "RNA"],
  SAMPLE_ORIGIN: DOMAIN.SAMPLE_ORIGIN,
  STORAGE: DOMAIN.STORAGE,
  ages: [0, 90],
  years: [2003, 2024],
  AGE_AT_COLLECTION: ["0-9", "10-39", "40-59", "60-69", "70-89"],
  COLLECTED_YEAR: ["2004", "2012", "2016", "2019", "2021"],
};

const BATCH = 200;
const asked = ({ where, facets }: Pick<Case, "where" | "facets">): Question => ({
  where,
  facets: facets.map(({ by: { field, values } }) => ({ by: field, values })),
});

/** Random questions without end, the same for the same seed. */
export function* questionsFrom(seed: number): Generator<Question, never> {
  for (let batch = 0; ; batch++) {
    yield* fc.sample(questionsIn(BANKS), { seed: seed * 100_003 + batch, numRuns: BATCH }).map(asked);
  }
}

/**
 * What a client may get wrong: the request, and the HTTP status that it has to get. Who takes `application/json` gets 200 for
 * every request that is one of GraphQL.
 */
export const MALFORMED: readonly {
  readonly body: string;
  readonly headers?: { readonly [name: string]: string };
  readonly status: number;
}[] = [
  { body: "{", status: 400 },
  { body: "[]", status: 400 },
  { body: '{"query":"{ search(where: {}) { donors "}', status: 200 },
  { body: '{"query":"{ search(where: {}) { patients } }"}', status: 200 },
  { body: '{"query":"{ search(where: {sex: []}) { complete } }"}', status: 200 },
  { body: '{"query":"{ search(where: {disease: {codes: [\\"ICD10:XYZ\\"]}}) { complete } }"}', status: 200 },
  { body: '{"query":"{ search(where: {}, deadlineMs: 0) { complete } }"}', status: 200 },
  { body: '{"query":"{ search(where: {}, snapshot: \\"AAAA\\") { complete } }"}', status: 200 },
  { body: '{"query":"{ search(where: {}, banks: [\\"nobody\\"]) { complete } }"}', status: 200 },
  { body: `{"query":"{ limits { facets } }","variables":{"x":"${"x".repeat(300_000)}"}}`, status: 413 },
  { body: '{"query":"{ limits { facets } }"}', headers: { "content-type": "text/plain" }, status: 415 },
];
