/** The small world in which the law is tried: few values, so that conditions meet often. */
export const DISEASES = [
  "E10",
  "E11",
  "E11.2",
  "E11.9",
  "E14",
  "C22",
  "C22.1",
  "C23",
  "C34",
  "C34.1",
  "I10",
  "E10-E14",
  "C22-C24",
];
export const PROGRAMMES = ["PROGRAMME:CONTROL_GROUP", "PROGRAMME:CANCER_WGS", "PROGRAMME:X"];
export const CENTRES = ["x/a", "x/b"];
export const DOMAIN = {
  SEX: ["FEMALE", "MALE", "OTHER"],
  COHORT: ["POPULATION", "PATIENT", "FAMILY"],
  FAMILY: ["NONE", "RELATIVE_HELD", "TRIO"],
  CENTRE: CENTRES,
  PROGRAMME: PROGRAMMES,
  DATA: ["WGS", "WES", "SNP_ARRAY"],
  USE: ["ACADEMIC", "COMMERCIAL", "OVERSEAS"],
  SAMPLE_TYPE: ["DNA", "PLASMA", "SERUM"],
  SAMPLE_ORIGIN: ["TUMOUR", "NORMAL"],
  STORAGE: ["LN2", "MINUS_80", "ROOM"],
} as const;

/** A small seeded generator (mulberry32): the same number always grows into the same thing. */
export const random = (seed: number) => {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  const pick = <T>(values: readonly T[]): T => values[int(0, values.length - 1)] as T;
  return { chance: (p: number): boolean => next() < p, int, pick };
};
export type Random = ReturnType<typeof random>;
