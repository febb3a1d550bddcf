import { expect, test } from "vitest";
import { cases, type Domain, questionsIn } from "../law/case.ts";
import { DOMAIN } from "../law/domain.ts";
import { openClinics, openHouse, worldOf } from "./house.ts";
import { compare } from "./law.ts";

test("the law holds for the sandbox's banks, over HTTP, a Beacon and Parquet files", async () => {
  const size = 0.004;
  await using house = await openHouse(size);
  const worlds = { bbj: worldOf("bbj", size), tmm: worldOf("tmm", size) };
  const { bbj, tmm } = await compare(house, worlds, cases, { numRuns: 400, seed: 11 });
  const numbers = bbj!.numbers + tmm!.numbers;
  expect((bbj!.positive + tmm!.positive) / numbers).toBeGreaterThan(0.3);
  expect((bbj!.exact + tmm!.exact) / numbers).toBeGreaterThan(0.3);
});

/** Codes that some donors of the three have, codes above and beside them, in every system, and some that nobody has. */
const DISEASE = [
  ...["C34", "C34.1", "C50", "C50.4", "C22-C24", "C00-D49", "G00-G99", "G12.2", "G12", "E10-E14", "E11", "E11.2"],
  ...["G20", "G30", "I10", "I63", "E75.2", "M32", "D80-D89", "G35", "G71.0", "C92.0", "A00"],
].map((code) => `ICD10:${code}`);
const OTHER = [
  ...["ONCOTREE:LUAD", "ONCOTREE:NSCLC", "ONCOTREE:LUNG", "ONCOTREE:BREAST", "ONCOTREE:IDC", "ONCOTREE:AML"],
  ...["ONCOTREE:MYELOID", "ONCOTREE:LYMPH", "ONCOTREE:COADREAD", "ONCOTREE:PANCREAS"],
  ...["ORPHA:803", "ORPHA:481", "ORPHA:70", "ORPHA:83330", "ORPHA:324", "ORPHA:68366", "ORPHA:536", "ORPHA:399"],
  ...["ORPHA:98503", "ORPHA:68381", "ORPHA:98053", "ORPHA:273"],
  ...["NANBYO:1", "NANBYO:2", "NANBYO:3", "NANBYO:6", "NANBYO:8", "NANBYO:13", "NANBYO:19", "NANBYO:49", "NANBYO:113"],
  ...["NANDO:1200002", "NANDO:1200003", "NANDO:1200004", "NANDO:1100001", "NANDO:1200055", "NANDO:1000001"],
  ...["MONDO:0004976", "MONDO:0002561", "MONDO:0005148", "MONDO:0005061", "MONDO:0005233", "MONDO:0007915"],
  ...["BBJ:1", "BBJ:13", "BBJ:33", "BBJ:47"],
];

const CLINICS: Domain = {
  DISEASE: [...DISEASE, ...OTHER],
  SEX: DOMAIN.SEX,
  COHORT: DOMAIN.COHORT,
  CENTRE: ["ncbn/ncc", "ncbn/ncnp", "ncbn/ncgg"],
  PROGRAMME: [
    ...["CONTROL_GROUP", "CANCER_WGS", "CANCER_WGS_HEREDITARY", "CANCER_WGS_FY2021", "RARE_DISEASE_WGS"],
    "RARE_DISEASE_WGS_FY2020",
  ].map((code) => `PROGRAMME:${code}`),
  DATA: ["WGS", "WES", "SNP_ARRAY", "TRANSCRIPTOME", "LONG_READ", "IMAGING"],
  USE: DOMAIN.USE,
  SAMPLE_TYPE: ["DNA", "PLASMA", "SERUM", "WHOLE_BLOOD", "TISSUE_FROZEN", "CELL_LINE", "RNA"],
  SAMPLE_ORIGIN: DOMAIN.SAMPLE_ORIGIN,
  STORAGE: DOMAIN.STORAGE,
  ages: [0, 90],
  years: [2011, 2024],
  AGE_AT_COLLECTION: ["0-9", "10-39", "40-59", "60-69", "70-89"],
  COLLECTED_YEAR: ["2012", "2016", "2019", "2020", "2021"],
};

test("the law holds over HTTP for OMOP, SQON and FHIR, with diseases in ICD-10, ORPHA, NANBYO, NANDO, OncoTree and Mondo", async () => {
  const sizes = { ncbn: 0.005, cancer: 0.03, rare: 0.07 };
  await using house = await openClinics(sizes);
  const worlds = {
    ncbn: worldOf("ncbn", sizes.ncbn),
    cancer: worldOf("cancer", sizes.cancer),
    rare: worldOf("rare", sizes.rare),
  };
  const seen = await compare(house, worlds, questionsIn(CLINICS), {
    numRuns: 150,
    seed: 20_261_122,
  });
  for (const { numbers, exact, positive } of Object.values(seen)) {
    expect(positive / numbers).toBeGreaterThan(0.2);
    expect(exact / numbers).toBeGreaterThan(0.2);
  }
});
