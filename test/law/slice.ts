import { isOrBelow } from "../oracle-codes.ts";

/**
 * A small slice of medicine written down by hand: patients with their code in every system. It knows nothing of the
 * product's tables, and says by looking at every patient what a recorded code may mean.
 */
export type Patient = {
  readonly icd10: string;
  readonly orpha?: string;
  readonly number?: string;
  readonly oncotree?: string;
};

export const PATIENTS: readonly Patient[] = [
  { icd10: "G12.2", orpha: "803", number: "2" },
  { icd10: "G12.2", orpha: "481", number: "1" },
  { icd10: "G12.2", orpha: "35689", number: "4" },
  { icd10: "G12.2" },
  { icd10: "G12" },
  { icd10: "G12.0", orpha: "83330", number: "3" },
  { icd10: "G12.1", orpha: "83419", number: "3" },
  { icd10: "G12.1", orpha: "83418", number: "3" },
  { icd10: "G12.1", orpha: "70", number: "3" },
  { icd10: "G12.1" },
  { icd10: "E75.2", orpha: "324", number: "19" },
  { icd10: "E75.2", orpha: "355", number: "19" },
  { icd10: "E75.2" },
  { icd10: "C34", oncotree: "LUAD" },
  { icd10: "C34.1", oncotree: "LUAD" },
  { icd10: "C34.1", oncotree: "LUSC" },
  { icd10: "C34.1" },
  { icd10: "C34" },
  { icd10: "C50.9", oncotree: "IDC" },
  { icd10: "C50.9" },
  { icd10: "E10.9" },
  { icd10: "E11" },
  { icd10: "E11.2" },
];

const ABOVE: { readonly [code: string]: string } = {
  "ORPHA:83330": "ORPHA:70",
  "ORPHA:83418": "ORPHA:70",
  "ORPHA:83419": "ORPHA:70",
  "ORPHA:324": "ORPHA:68366",
  "ORPHA:355": "ORPHA:68366",
  "ONCOTREE:LUAD": "ONCOTREE:NSCLC",
  "ONCOTREE:LUSC": "ONCOTREE:NSCLC",
  "ONCOTREE:IDC": "ONCOTREE:BRCA",
};
const BBJ: { readonly [code: string]: string } = {
  "BBJ:1": "ICD10:C34",
  "BBJ:33": "ICD10:E10-E14",
  "BBJ:47": "ICD10:G12.2",
};

/** Codes of Mondo, and the one of another system that each is. */
const MONDO: { readonly [code: string]: string } = {
  "MONDO:0004976": "ORPHA:803",
  "MONDO:0002561": "ORPHA:68366",
  "MONDO:0010526": "ORPHA:324",
  "MONDO:0005061": "ONCOTREE:LUAD",
  "MONDO:0005233": "ONCOTREE:NSCLC",
  "MONDO:0005148": "ICD10:E11",
  "MONDO:0005015": "ICD10:E10-E14",
};

/** Every code that the slice speaks of. */
export const SLICE_CODES: readonly string[] = [
  ...new Set([
    ...PATIENTS.flatMap(({ icd10, orpha, number, oncotree }) => [
      `ICD10:${icd10}`,
      ...(orpha ? [`ORPHA:${orpha}`] : []),
      ...(number ? [`NANBYO:${number}`] : []),
      ...(oncotree ? [`ONCOTREE:${oncotree}`] : []),
    ]),
  ]),
];
/** Codes that can be asked for beside those that are recorded. */
export const SLICE_ASKED: readonly string[] = [
  ...SLICE_CODES,
  ...new Set(Object.values(ABOVE)),
  ...Object.keys(BBJ),
  ...Object.keys(MONDO),
  "ICD10:G00-G99",
  "ICD10:C34-C50",
  "ICD10:E11",
];

const codesOf = (p: Patient): readonly string[] => [
  `ICD10:${p.icd10}`,
  ...(p.orpha ? [`ORPHA:${p.orpha}`] : []),
  ...(p.number ? [`NANBYO:${p.number}`] : []),
  ...(p.oncotree ? [`ONCOTREE:${p.oncotree}`] : []),
];

/** The patient has what was asked, or something below it. */
export const patientHas = (patient: Patient, asked: string): boolean => {
  const code = BBJ[asked] ?? MONDO[asked] ?? asked;
  return codesOf(patient).some((own) => {
    for (let at: string | undefined = own; at !== undefined; at = ABOVE[at]) {
      if (at === code || isOrBelow(at, code, true)) return true;
    }
    return false;
  });
};

/** The bank writes this code for the patient. */
export const isRecordedAs = (patient: Patient, code: string): boolean => codesOf(patient).includes(code);

/** The code that a bank writes for the patient when it codes in these systems, in this order of preference. */
export const recordedAs = (patient: Patient, systems: readonly string[]): string | undefined =>
  systems.flatMap((system) => codesOf(patient).filter((code) => code.startsWith(`${system}:`)))[0];
