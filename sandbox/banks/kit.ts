import type { DataKind, Sample, SampleType, Sex, Storage } from "../donor.ts";
import type { Prng } from "../prng.ts";

/** Options of every bank's generator. `size` 1 is the published size; `rareCells` false leaves out those of TMM. */
export type PopulationOptions = { readonly size: number; readonly seed: string; readonly rareCells?: boolean };

/**
 * Scales a published number. Parts of a whole are cut at scaled boundaries (3,000 and 3,750 of 13,650), so that parts
 * always add up to their whole, whatever the rounding.
 */
export const scaled = (published: number, size: number): number => Math.round(published * size);

/** How many donors a bank has at a size: never none. */
export const donorsAt = (published: number, size: number): number => Math.max(1, scaled(published, size));

/** A donor's id: bank, then a number of fixed width. */
export const donorId = (prefix: string, index: number): string => `${prefix}${String(index + 1).padStart(7, "0")}`;

/** Female or male by share; one in 5,000 neither (a share that is only plausible). */
export const drawSex = (draw: Prng, female: number): Sex => {
  if (draw.chance(0.0002)) return "OTHER";
  return draw.chance(female) ? "FEMALE" : "MALE";
};

/** Roughly normal by the sum of four uniform draws, cut to `range`, first and last included. */
export const bell = (draw: Prng, mean: number, deviation: number, range: readonly [number, number]): number => {
  const centred = draw.unit() + draw.unit() + draw.unit() + draw.unit() - 2;
  const [first, last] = range;
  return Math.min(last, Math.max(first, Math.round(mean + centred * deviation * 1.732)));
};

/** The kinds whose share is drawn: each on its own, in the order given. */
export const drawData = (draw: Prng, shares: readonly (readonly [DataKind, number])[]): DataKind[] =>
  shares.filter(([, share]) => draw.chance(share)).map(([kind]) => kind);

/** Where each type of sample is usually kept (plausible, after the banks' descriptions). */
export const STORAGE: { readonly [Type in SampleType]: Storage } = {
  DNA: "PLUS_4",
  RNA: "MINUS_80",
  CFDNA: "MINUS_80",
  WHOLE_BLOOD: "MINUS_80",
  PLASMA: "MINUS_80",
  SERUM: "MINUS_80",
  BUFFY_COAT: "MINUS_80",
  PBMC: "LN2",
  CORD_BLOOD_MNC: "LN2",
  TISSUE_FROZEN: "LN2",
  TISSUE_FFPE: "ROOM",
  BONE_MARROW: "MINUS_80",
  CELL_LINE: "LN2",
  CSF: "MINUS_80",
  URINE: "MINUS_80",
  SALIVA: "MINUS_20",
  BREAST_MILK: "MINUS_80",
};

/** When a donor was born; `late` means that the birthday comes after the day of collection. */
export type Birth = { readonly year: number; readonly late: boolean };

/** A person of a given age in a given year. Newborns are born in that very year. */
export const bornAt = (draw: Prng, age: number, year: number): Birth => {
  const late = age > 0 && draw.chance(0.5);
  return { year: year - age - (late ? 1 : 0), late };
};

/** One tube or block, with the donor's age in completed years. */
export const sampleOf = (
  type: SampleType,
  birth: Birth,
  year: number,
  more: { readonly origin?: Sample["origin"]; readonly storage?: Storage } = {},
): Sample => ({
  type,
  origin: more.origin ?? null,
  age: Math.max(0, year - birth.year - (birth.late ? 1 : 0)),
  year,
  storage: more.storage ?? STORAGE[type],
});
