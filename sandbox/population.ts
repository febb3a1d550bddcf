import { bbjDonors } from "./banks/bbj.ts";
import { targetsOf } from "./banks/bbj-diseases.ts";
import { cancerDonors } from "./banks/cancer.ts";
import { donorsAt, type PopulationOptions } from "./banks/kit.ts";
import { ncbnDonors } from "./banks/ncbn.ts";
import { rareDonors } from "./banks/rare.ts";
import { tmmDonors } from "./banks/tmm.ts";
import type { Stamp } from "./build-once.ts";
import type { BankId, Donor, RecordedDonor, RecordedSample, Sample } from "./donor.ts";
import { type Prng, prng } from "./prng.ts";
import { changeOf, type ReleaseNumber } from "./releases.ts";
import { secondRelease } from "./second-release.ts";

/** Version of the generators. Raise it when the same seed gives other donors: builds of older versions are not used. */
export const GENERATOR = 1;

/** The seed of the populations that `npm start` serves. */
export const SEED = "odan";

/** The stamp of a build of a release. Raise `format` when the shape of the build changes. */
export const stampOf = (format: number, size: number, release: ReleaseNumber): Stamp => ({
  generator: GENERATOR,
  format,
  seed: SEED,
  size,
  ...(release === 1 ? {} : { release }),
});

/** The published sizes in donors, and the code systems in which each bank's truth is written. */
export const POPULATIONS: {
  readonly [Bank in BankId]: { readonly donors: number; readonly systems: readonly string[] };
} = {
  tmm: { donors: 150_000, systems: ["ICD10"] },
  bbj: { donors: 270_000, systems: ["ICD10"] },
  ncbn: { donors: 100_000, systems: ["ICD10"] },
  cancer: { donors: 13_650, systems: ["ONCOTREE", "ICD10"] },
  rare: { donors: 5_500, systems: ["NANBYO", "ORPHA", "ICD10"] },
};

/** Which population. `size` 1 is the published size; release 1 is the one of the published figures. */
export type PopulationAsked = {
  readonly size: number;
  readonly seed: string;
  readonly release: ReleaseNumber;
};

/**
 * The complete truth about a bank's donors in a release, one at a time, the same for the same seed. The allocations of the
 * programmes scale along with the size, rounded at their boundaries. Rare cells of TMM do not scale.
 */
export const population = (bank: BankId, asked: Partial<PopulationAsked> = {}): Iterable<Donor> => {
  const { size = 1, seed = SEED, release = 1 } = asked;
  const first = GENERATORS[bank]({ size, seed });
  if (release === 1) return first;
  const { donors } = POPULATIONS[bank];
  const { withdrawn, added } = changeOf(donors, size);
  const later = GENERATORS[bank]({ size: added / donors, seed: `${seed}/release-2`, rareCells: false });
  return secondRelease(first, later, { total: donorsAt(donors, size), withdrawn, seed: `${seed}/${bank}` });
};

/** How many donors a bank has. */
export const donorsIn = (bank: BankId, size: number, release: ReleaseNumber): number => {
  const { donors } = POPULATIONS[bank];
  const { withdrawn, added } = changeOf(donors, size);
  return donorsAt(donors, size) + (release === 1 ? 0 : added - withdrawn);
};

const GENERATORS: { readonly [Bank in BankId]: (options: PopulationOptions) => Iterable<Donor> } = {
  tmm: tmmDonors,
  bbj: bbjDonors,
  ncbn: ncbnDonors,
  cancer: cancerDonors,
  rare: rareDonors,
};

/** Share of samples whose value is missing at a bank; default 0. All shares are only plausible. */
type Gaps = { readonly [Key in keyof Sample]?: number };
const GAPS: { readonly [Bank in BankId]: Gaps } = {
  tmm: { origin: 1, storage: 0.02 },
  bbj: { origin: 1, age: 0.03, storage: 0.05 },
  ncbn: { origin: 0.25, age: 0.01, year: 0.005, storage: 0.1 },
  cancer: { origin: 0.02, year: 1, storage: 0.2 },
  rare: { origin: 1, age: 0.1, year: 0.02, storage: 1 },
};

/**
 * A donor as a bank records them: the truth with values removed, and diagnoses in the bank's own codes. Depends on
 * the donor's id alone, so that it is the same whenever it is asked for.
 */
export const recorded = (bank: BankId, donor: Donor): RecordedDonor => {
  const draw = prng(`recorded/${bank}/${donor.id}`);
  return {
    ...donor,
    sex: draw.chance(0.005) || (donor.sex === "OTHER" && NO_OTHER.has(bank)) ? null : donor.sex,
    diagnoses: bank === "bbj" ? enrolledUnder(donor.diagnoses, draw) : donor.diagnoses,
    samples: donor.samples.map((sample) => withGaps(sample, GAPS[bank], draw)),
  };
};

// A Beacon, BBJ's files and OMOP know female and male only.
const NO_OTHER: ReadonlySet<BankId> = new Set(["tmm", "bbj", "ncbn"]);

/** What a bank has recorded of all its donors in a release. */
export function* records(bank: BankId, asked: Partial<PopulationAsked> = {}): Generator<RecordedDonor> {
  for (const donor of population(bank, asked)) yield recorded(bank, donor);
}

const withGaps = (sample: Sample, gaps: Gaps, draw: Prng): RecordedSample => ({
  type: sample.type,
  origin: draw.chance(gaps.origin ?? 0) ? null : sample.origin,
  age: draw.chance(gaps.age ?? 0) ? null : sample.age,
  year: draw.chance(gaps.year ?? 0) ? null : sample.year,
  storage: draw.chance(gaps.storage ?? 0) ? null : sample.storage,
});

/** BBJ knows target diseases only. A code that lies in two of them is enrolled under one, as the hospital saw it. */
const enrolledUnder = (diagnoses: readonly string[], draw: Prng): string[] => [
  ...new Set(diagnoses.map((code) => draw.pick(targetsOf(code)))),
];
