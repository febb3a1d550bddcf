import type { Sex } from "../donor.ts";

/** One of the 51 target diseases: how often it is enrolled, and the true ICD-10 codes that it stands for, with their weights. */
export type TargetDisease = {
  readonly target: string;
  readonly cases: number;
  readonly codes: readonly (readonly [code: string, weight: number])[];
  readonly sex: Sex | undefined;
};

/**
 * Target, cases, codes (`E11*3` weighs three), sex. The numbering is TogoVar's. Cases follow the published counts of
 * genome-wide studies (cancers, asthma, hay fever, atopic dermatitis, arthritis, Graves' disease), raised to enrolment; the
 * others are only plausible, as are the weights of the codes. 48 to 51 are candidates, not confirmed by the bank.
 */
const TABLE: readonly (readonly [target: string, cases: number, codes: string, sex?: Sex])[] = [
  ["1", 4200, "C34 C34.1 C34.3 C34.9"], // Lung cancer
  ["2", 1500, "C15 C15.4 C15.9"], // Esophageal cancer
  ["3", 7600, "C16 C16.2 C16.9"], // Gastric cancer
  ["4", 8000, "C18 C18.7 C18.9 C19 C20"], // Colorectal cancer
  ["5", 2400, "C22.0*3 C22.9"], // Liver cancer
  ["6", 700, "C25 C25.0 C25.9"], // Pancreas cancer
  ["7", 650, "C22.1 C23 C24.0 C24.9"], // Gallbladder/Cholangiocarcinoma
  ["8", 5600, "C61", "MALE"], // Prostate cancer
  ["9", 6300, "C50 C50.4 C50.9", "FEMALE"], // Breast cancer
  ["10", 1300, "C53 C53.9", "FEMALE"], // Cervical cancer
  ["11", 1250, "C54 C54.1*2 C55", "FEMALE"], // Uterine cancer
  ["12", 950, "C56", "FEMALE"], // Ovarian cancer
  ["13", 1400, "C82 C83.3 C85.9 C90.0 C91.0 C92.0 C92.1"], // Hematopoietic tumor
  ["14", 19500, "I63 I63.3 I63.5 I63.9"], // Cerebral infarction
  ["15", 3900, "I67.1*2 I60 I60.9"], // Cerebral aneurysm
  ["16", 2700, "G40 G40.2 G40.3 G40.9 G41"], // Epilepsy
  ["17", 9800, "J45 J45.0 J45.9 J46"], // Bronchial asthma
  ["18", 900, "A15.0 A15 A16.2"], // Pulmonary tuberculosis
  ["19", 4200, "J43 J43.9 J44 J44.9"], // Chronic obstructive pulmonary disease
  ["20", 1050, "J84 J84.1 J84.9"], // Interstitial lung disease/Pulmonary fibrosis
  ["21", 16500, "I21 I21.0 I21.9 I22 I25.2"], // Myocardial infarction
  ["22", 6000, "I20.0"], // Unstable angina
  ["23", 20000, "I20.1 I20.8 I20.9*2"], // Stable angina
  ["24", 22000, "I44.2 I47.1 I47.2 I48*2 I49.3 I49.5"], // Arrhythmia
  ["25", 11500, "I50 I50.0 I50.9"], // Heart failure
  ["26", 4300, "I70.2 I73.9"], // Peripheral arterial diseases
  ["27", 1700, "B18.0 B18.1*2"], // Chronic hepatitis B
  ["28", 7300, "B18.2"], // Chronic hepatitis C
  ["29", 3000, "K70.3 K74.3 K74.6*2"], // Liver cirrhosis
  ["30", 1200, "N04 N04.0 N04.2 N04.9"], // Nephrotic syndrome
  ["31", 7800, "N20 N20.0 N20.1 N21.0"], // Urolithiasis
  ["32", 9500, "M80 M81 M81.0 M81.9 M82"], // Osteoporosis
  ["33", 46000, "E10 E10.9 E11*3 E11.2 E11.3 E11.9*2 E14"], // Diabetes mellitus
  ["34", 56000, "E78 E78.0 E78.1 E78.5"], // Dyslipidemia
  ["35", 2500, "E05.0"], // Graves' disease
  ["36", 5200, "M05 M05.8 M06 M06.9"], // Rheumatoid arthritis
  ["37", 7300, "J30.1"], // Hay fever
  ["38", 600, "L27.0 L27.1 L51.1 L51.2"], // Drug eruption
  ["39", 3300, "L20 L20.8 L20.9"], // Atopic dermatitis
  ["40", 900, "L91.0"], // Keloid
  ["41", 7600, "D25 D25.0 D25.1 D25.9", "FEMALE"], // Uterine fibroid
  ["42", 1100, "N80 N80.0 N80.1", "FEMALE"], // Endometriosis
  ["43", 350, "R56.0"], // Febrile seizure
  ["44", 7300, "H40 H40.1 H40.2 H42"], // Glaucoma
  ["45", 27500, "H25 H25.1 H26 H26.9 H28"], // Cataract
  ["46", 4200, "K05 K05.2 K05.3"], // Periodontitis
  ["47", 750, "G12.2"], // Amyotrophic lateral sclerosis
  ["48", 3200, "F00 F01 F03 G30 G30.1"], // Dementia
  ["49", 2600, "F32 F32.9 F33"], // Depression
  ["50", 1800, "I61 I61.0 I61.9"], // Cerebral hemorrhage
  ["51", 900, "L40.0"], // Psoriasis vulgaris
];

/** The target diseases of BBJ. */
export const TARGET_DISEASES: readonly TargetDisease[] = TABLE.map(([target, cases, codes, sex]) => ({
  target,
  cases,
  codes: codes.split(" ").map((item) => {
    const [code = "", weight = "1"] = item.split("*");
    return [code, Number(weight)];
  }),
  sex,
}));

/** The target diseases under which a true code may be enrolled; C22.1 is liver and bile duct cancer. */
export const targetsOf = (code: string): readonly string[] => TARGETS.get(code) ?? [];

const TARGETS: ReadonlyMap<string, readonly string[]> = (() => {
  const found = new Map<string, string[]>([["ICD10:C22.1", ["5"]]]);
  for (const { target, codes } of TARGET_DISEASES) {
    for (const [code] of codes) found.set(`ICD10:${code}`, [...(found.get(`ICD10:${code}`) ?? []), target]);
  }
  return found;
})();
