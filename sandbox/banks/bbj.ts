import type { DataKind, Donor, Sample, Sex } from "../donor.ts";
import { type Prng, prng, ranking, weighted } from "../prng.ts";
import { TARGET_DISEASES, type TargetDisease } from "./bbj-diseases.ts";
import { bell, bornAt, donorId, donorsAt, drawSex, type PopulationOptions, sampleOf, scaled } from "./kit.ts";

/**
 * BioBank Japan: about 200,000 donors enrolled 2003-2008 with DNA and yearly serum, 70,000 enrolled 2013-2017 with DNA
 * only, so no serum from 2013 on; 1.65 cases per donor, 53.1 % men, mean age 62. Published: these figures and 10,000 whole
 * genomes, 6,000 of them the two groups of controls. Ages, years of follow-up and shares are only plausible.
 */
export function* bbjDonors({ size, seed }: PopulationOptions): Generator<Donor> {
  const total = donorsAt(270_000, size);
  const first = Math.min(total, donorsAt(200_000, size));
  const rank = ranking(total, `${seed}/bbj/rank`);
  const below = (index: number, published: number): boolean => rank[index]! < scaled(published, size);
  for (let index = 0; index < total; index++) {
    const draw = prng(`${seed}/bbj/${index}`);
    const sex = drawSex(draw, 0.469);
    const age = bell(draw, sex === "FEMALE" ? 61.5 : 62.7, 13, [18, 95]);
    const enrolled = index < first ? draw.between(2003, 2008) : draw.between(2013, 2017);
    const birth = bornAt(draw, age, enrolled);
    yield {
      id: donorId("B", index),
      sex,
      birthYear: birth.year,
      cohort: "PATIENT",
      family: "NONE",
      household: null,
      centre: null,
      diagnoses: diagnose(draw, sex),
      programmes: below(index, 500 + 5_500) ? ["PROGRAMME:CONTROL_GROUP"] : [],
      data: dataOf(draw, below(index, 10_000), index < first),
      uses: ["ACADEMIC", ...(draw.chance(0.9) ? USES.commercial : []), ...(draw.chance(0.06) ? USES.overseas : [])],
      samples: index < first ? firstCohort(draw, birth, enrolled) : secondCohort(draw, birth, enrolled),
    };
  }
}

const USES = { commercial: ["COMMERCIAL"], overseas: ["OVERSEAS"] } as const;

// Mean 1.65 cases per donor, as published for the whole bank.
const CASES = weighted([
  [1, 0.575],
  [2, 0.26],
  [3, 0.115],
  [4, 0.04],
  [5, 0.01],
]);

const targets = (sexes: readonly (Sex | undefined)[]) =>
  weighted(TARGET_DISEASES.filter(({ sex }) => sexes.includes(sex)).map((disease) => [disease, disease.cases]));
const TARGETS: { readonly [S in Sex]: (draw: Prng) => TargetDisease } = {
  FEMALE: targets(["FEMALE", undefined]),
  MALE: targets(["MALE", undefined]),
  OTHER: targets([undefined]),
};
const CODES = new Map(TARGET_DISEASES.map(({ target, codes }) => [target, weighted(codes)]));

const diagnose = (draw: Prng, sex: Sex): string[] => {
  const chosen = new Set<string>();
  const cases = CASES(draw);
  while (chosen.size < cases) chosen.add(TARGETS[sex](draw).target);
  return [...chosen].map((target) => `ICD10:${CODES.get(target)!(draw)}`);
};

const dataOf = (draw: Prng, sequenced: boolean, firstCohort: boolean): DataKind[] => [
  ...(sequenced ? (["WGS"] as const) : []),
  ...(draw.chance(0.97) ? (["SNP_ARRAY"] as const) : []),
  // 40,907 and 2,570 of cohort 1.
  ...(firstCohort && draw.chance(0.2) ? (["METABOLOME"] as const) : []),
  ...(firstCohort && draw.chance(0.013) ? (["PROTEOME"] as const) : []),
];

/** DNA at enrolment, serum every year until the donor leaves or 2012 at the latest. */
const firstCohort = (draw: Prng, birth: ReturnType<typeof bornAt>, enrolled: number): Sample[] => {
  const samples = [sampleOf("DNA", birth, enrolled)];
  if (draw.chance(0.12)) samples.push(sampleOf("DNA", birth, enrolled));
  for (let year = enrolled; year <= 2012; year++) {
    if (year > enrolled && draw.chance(0.14)) break;
    if (draw.chance(0.85)) samples.push(sampleOf("SERUM", birth, year, { storage: "LN2" }));
  }
  return samples;
};

/** DNA only; frozen tissue of a few since 2015, from the groups of clinical trials. */
const secondCohort = (draw: Prng, birth: ReturnType<typeof bornAt>, enrolled: number): Sample[] => {
  const samples = [sampleOf("DNA", birth, enrolled)];
  if (draw.chance(0.25)) samples.push(sampleOf("DNA", birth, enrolled));
  if (draw.chance(0.02)) {
    const year = draw.between(Math.max(2015, enrolled), 2018);
    samples.push(sampleOf("TISSUE_FROZEN", birth, year, { origin: draw.chance(0.8) ? "TUMOUR" : "NORMAL" }));
  }
  return samples;
};
