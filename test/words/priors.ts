import { codeSystem, type DiseaseSystem, splitDisease } from "../../schema/codes/disease-code.ts";
import { icd10Level } from "../../schema/codes/icd10.ts";

/**
 * How likely a code is meant, about 1: everyday categories before narrow, rare and research codes.
 * @param lay how many everyday names it has
 */
export const priorOf = (curie: string, lay: number): number => {
  const [system, code] = splitDisease(curie);
  const everyday = 0.05 * Math.min(1, Math.log2(1 + lay) / 4) + (COMMON.get(curie) ?? 0);
  return (ownPrior(system, code) + everyday) * (codeSystem(system).withdrawn(code) ? 0.5 : 1);
};

const SYSTEMS: { readonly [S in Exclude<DiseaseSystem, "ICD10">]: number } = {
  NANBYO: 0.97,
  ORPHA: 0.88,
  ONCOTREE: 0.88,
  BBJ: 0.8,
  NANDO: 0.82,
  MONDO: 0.78,
};
/** Groups that people mean before any category in them. The others come after a category that is called alike. */
const GROUPS = new Set(
  (
    "C18-C20 C91-C95 D50-D64 F00-F03 M05-M06 C54-C55 C81-C85 C82-C85 N10-N12 A40-A41 J09-J11 K50-K51 M80-M81 O02-O03 A50-A53 " +
    "F32-F33 D66-D67 C00-D48 K00-K93 O00-O99 V01-Y98 C23-C24 J45-J46"
  ).split(" "),
);

/** What most people mean by a beginning that fits several names, the most common first. */
const COMMON: ReadonlyMap<string, number> = new Map(
  (
    "I10 E11 E10-E14 E78 J45 J44 I21 I50 I48 I63 I60-I69 I20 I64 C00-C97 C34 C50 C16 C18 C18-C20 C61 C22 C25 C91-C95 C81-C85 F32 F20 " +
    "F41 F03 F00-F03 G30 G20 G35 G40 G43 N18 N17-N19 K21 K25 K29 K50 K51 K74 K80 K85 M81 M05-M06 M06 M17 M15-M19 M10 M54 L20 L40 L50 " +
    "J18 J10 J30 J32 J40 B02 B05 B20-B24 H26 H40 E66 E05 E03 D50 D50-D64 N80 D25 N40 N20 A15-A19 B15-B19 F31 F84 F90 G47 U07 O24 R51"
  )
    .split(" ")
    .map((code, i, { length }) => [`ICD10:${code}`, 0.05 + (0.03 * (length - i)) / length]),
);

const LEVELS = { CHAPTER: 0.93, BLOCK: 0.97, RANGE: 0.9, CATEGORY: 1, SUBCATEGORY: 0.92 } as const;

const ownPrior = (system: DiseaseSystem, code: string): number => {
  if (system !== "ICD10") return SYSTEMS[system];
  return GROUPS.has(code) ? 1 : LEVELS[icd10Level(code)] * (/^[V-Z]/.test(code) ? 0.9 : 1);
};
