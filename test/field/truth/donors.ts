/** A donor as she is. `*Known`: whether the bank has it on record; what it has not is asked for all the same. */
export type FieldDonor = {
  readonly id: string;
  readonly sex: "FEMALE" | "MALE" | "OTHER";
  readonly sexKnown: boolean;
  readonly cohort: "PATIENT" | "POPULATION" | "FAMILY";
  /** ICD-10 codes, all of them on record. */
  readonly diagnoses: readonly string[];
  readonly data: readonly ("WGS" | "SNP_ARRAY" | "IMAGING")[];
  readonly uses: readonly ("ACADEMIC" | "COMMERCIAL" | "OVERSEAS")[];
  readonly samples: readonly FieldSample[];
};

/** A sample as it is. `age`: years with their fraction. `day`: of collection. */
export type FieldSample = {
  readonly type: "DNA" | "RNA" | "PLASMA" | "WHOLE_BLOOD" | "SALIVA";
  readonly origin: "TUMOUR" | "NORMAL";
  readonly originKnown: boolean;
  readonly storage: "ROOM" | "MINUS_80" | "LN2";
  readonly storageKnown: boolean;
  readonly age: number;
  readonly ageKnown: boolean;
  readonly day: string;
  readonly dayKnown: boolean;
};

/** Numbers from 0 up to 1 that are the same at each run of the same seed. */
export const numbersOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
};

/** The diagnoses that donors have. */
const CODES = ["E11.2", "E11.9", "E10.9", "I10", "C34.1", "C34.9", "C50.4", "J45.0", "G20", "Q87.4"] as const;

/** The donors that servers are loaded with. */
export const FIELD_DONORS = (): readonly FieldDonor[] => fieldDonors(13, 1000);

/** Invented donors: three in four have samples, one in three several diagnoses, and something is missing of many. */
const fieldDonors = (seed: number, count: number): readonly FieldDonor[] => {
  const next = numbersOf(seed);
  const chance = (share: number): boolean => next() < share;
  const one = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)]!;
  const some = <T>(values: readonly T[], share: number): readonly T[] => values.filter(() => chance(share));
  const sample = (): FieldSample => ({
    type: one(["DNA", "DNA", "RNA", "PLASMA", "WHOLE_BLOOD", "SALIVA"] as const),
    origin: one(["TUMOUR", "NORMAL"] as const),
    originKnown: chance(0.9),
    storage: one(["ROOM", "MINUS_80", "LN2"] as const),
    storageKnown: chance(0.8),
    age: Math.floor(next() * 8000) / 100,
    ageKnown: chance(0.95),
    day: dayOf(2012 + Math.floor(next() * 10), next()),
    dayKnown: chance(0.95),
  });
  return Array.from({ length: count }, (_, at) => ({
    id: `D${String(at).padStart(6, "0")}`,
    sex: chance(0.02) ? "OTHER" : one(["FEMALE", "MALE"] as const),
    sexKnown: chance(0.94),
    cohort: one(["PATIENT", "PATIENT", "POPULATION", "FAMILY"] as const),
    diagnoses: some(CODES, 0.14),
    data: some(["WGS", "SNP_ARRAY", "IMAGING"] as const, 0.35),
    uses: some(["ACADEMIC", "COMMERCIAL", "OVERSEAS"] as const, 0.6),
    samples: chance(0.25) ? [] : Array.from({ length: 1 + Math.floor(next() * 4) }, sample),
  }));
};

/** A day of a year; one in ten is its first or its last. */
const dayOf = (year: number, at: number): string => {
  if (at < 0.05) return `${year}-01-01`;
  if (at < 0.1) return `${year}-12-31`;
  return new Date(Date.UTC(year, 0, 1 + Math.floor(at * 365))).toISOString().slice(0, 10);
};
