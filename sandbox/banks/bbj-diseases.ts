import type { Sex } from "../donor.ts";
import { diseaseTable, weightedCodes } from "./disease-table.ts";

/** One of the 51 target diseases: how often it is enrolled, and the true ICD-10 codes that it stands for, with their weights. */
export type TargetDisease = {
  readonly target: string;
  readonly cases: number;
  readonly codes: readonly (readonly [code: string, weight: number])[];
  readonly sex: Sex | undefined;
};

/** The target diseases of BBJ. */
export const TARGET_DISEASES = diseaseTable(
  "./bbj-diseases.csv",
  ({ target = "", cases, codes, sex }): TargetDisease => ({
    target,
    cases: Number(cases),
    codes: weightedCodes(codes),
    sex: sex === "FEMALE" || sex === "MALE" ? sex : undefined,
  }),
);

/** The target diseases under which a true code may be enrolled; C22.1 is liver and bile duct cancer. */
export const targetsOf = (code: string): readonly string[] => TARGETS.get(code) ?? [];

const TARGETS: ReadonlyMap<string, readonly string[]> = (() => {
  const found = new Map<string, string[]>([["ICD10:C22.1", ["5"]]]);
  for (const { target, codes } of TARGET_DISEASES) {
    for (const [code] of codes) found.set(`ICD10:${code}`, [...(found.get(`ICD10:${code}`) ?? []), target]);
  }
  return found;
})();
