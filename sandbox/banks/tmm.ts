import type { DataKind, Donor, Family, FamilyRole, Sample, Sex } from "../donor.ts";
import { type Prng, prng, ranking, weighted } from "../prng.ts";
import type { Birth } from "./kit.ts";
import { bornAt, donorId, donorsAt, drawSex, type PopulationOptions, sampleOf, scaled } from "./kit.ts";
import { type Disease, TMM_DISEASES, TMM_RARE } from "./tmm-diseases.ts";

/**
 * Tohoku Medical Megabank: 80,000 adults of the community cohort and 70,000 people of the three-generation cohort, more
 * than 10,000 complete trios, whole genomes of 54,302. Published: these figures, the kinds of sample, the years of
 * recruitment, 10,719 metabolomes, 333 long-read genomes. Ages, visits, household sizes and shares are only plausible.
 */
export function* tmmDonors({ size, seed, rareCells = true }: PopulationOptions): Generator<Donor> {
  const total = donorsAt(150_000, size);
  const community = Math.min(total, donorsAt(80_000, size));
  const membership = memberships(total, size, seed);
  const known = rareCells ? rareDiagnoses(total, seed) : new Map<number, string[]>();
  const finish = (index: number, person: Person, draw: Prng): Donor => ({
    id: donorId("T", index),
    sex: person.sex,
    birthYear: person.birth.year,
    cohort: person.household === null ? "POPULATION" : "FAMILY",
    family: person.family,
    household: person.household,
    centre: null,
    diagnoses: [...diagnose(draw, person.sex, person.age), ...(known.get(index) ?? [])],
    ...membership(index, draw),
    // Nearly everybody agreed to use by companies as well; the share is only plausible.
    uses: draw.chance(0.96) ? ["ACADEMIC", "COMMERCIAL"] : ["ACADEMIC"],
    samples: draw.chance(0.002) ? [] : person.samples(draw),
  });
  for (let index = 0; index < community; index++) {
    const draw = prng(`${seed}/tmm/${index}`);
    yield finish(index, resident(draw), draw);
  }
  let index = community;
  for (let number = 0; index < total; number++) {
    const draw = prng(`${seed}/tmm/household/${number}`);
    for (const person of household(draw, `H${number + 1}`, total - index)) yield finish(index++, person, draw);
  }
}

type Person = {
  readonly sex: Sex;
  readonly age: number;
  readonly birth: Birth;
  readonly family: Family;
  readonly household: Donor["household"];
  readonly samples: (draw: Prng) => Sample[];
};

const COMMUNITY_AGE = weighted([
  [[20, 29], 4],
  [[30, 39], 11],
  [[40, 49], 14],
  [[50, 59], 20],
  [[60, 69], 38],
  [[70, 79], 13],
] as const);

const resident = (draw: Prng): Person => {
  const [first, last] = COMMUNITY_AGE(draw);
  const age = draw.between(first, last);
  const year = draw.between(2013, 2016);
  const birth = bornAt(draw, age, year);
  return {
    sex: drawSex(draw, 0.6),
    age,
    birth,
    family: "NONE",
    household: null,
    samples: (from) => adultSamples(from, birth, year, 0.62),
  };
};

/** One family of the three-generation cohort; when fewer places are left than it needs, only as many as fit. */
const household = (draw: Prng, id: string, places: number): Person[] => {
  const year = draw.between(2013, 2017);
  const trio = draw.chance(0.465) && places >= 3;
  const motherAge = draw.between(20, 43);
  const complete: Family = trio ? "TRIO" : places >= 2 ? "RELATIVE_HELD" : "NONE";
  const person = (role: FamilyRole, sex: Sex, age: number, family: Family): Person => {
    const birth = bornAt(draw, age, year);
    return { sex, age, birth, family, household: { id, role }, samples: (from) => SAMPLES[role](from, birth, year) };
  };
  const people = [
    person("MOTHER", "FEMALE", motherAge, complete),
    person("CHILD", drawSex(draw, 0.487), 0, complete),
    ...(trio ? [person("FATHER", "MALE", motherAge + draw.between(0, 8), "TRIO")] : []),
    ...(draw.chance(0.02) ? [person("CHILD", drawSex(draw, 0.487), 0, complete)] : []),
    ...(draw.chance(0.3) ? [person("SIBLING", drawSex(draw, 0.487), draw.between(1, 9), complete)] : []),
    ...(draw.chance(0.22)
      ? [person("GRANDPARENT", drawSex(draw, 0.65), motherAge + draw.between(21, 33), RELATED)]
      : []),
    ...(draw.chance(0.03) ? [person("RELATIVE", drawSex(draw, 0.5), motherAge + draw.between(-2, 9), RELATED)] : []),
  ];
  return people.slice(0, places);
};

const RELATED: Family = "RELATIVE_HELD";

const adultSamples = (draw: Prng, birth: Birth, baseline: number, returning: number): Sample[] => {
  const visit = (year: number, again: boolean): Sample[] => [
    ...(again ? [] : [sampleOf("DNA", birth, year)]),
    ...(draw.chance(0.95) ? [sampleOf("PLASMA", birth, year)] : []),
    ...(draw.chance(0.95) ? [sampleOf("SERUM", birth, year)] : []),
    ...(draw.chance(0.88) ? [sampleOf("URINE", birth, year)] : []),
    ...(!again && draw.chance(0.55) ? [sampleOf("BUFFY_COAT", birth, year)] : []),
    ...(!again && draw.chance(0.4) ? [sampleOf("PBMC", birth, year)] : []),
  ];
  const samples = visit(baseline, false);
  if (!draw.chance(returning)) return samples;
  const second = baseline + draw.between(3, 4);
  samples.push(...visit(second, true));
  if (second < 2021 && draw.chance(0.25)) samples.push(...visit(draw.between(second + 1, 2021), true));
  return samples;
};

const childSamples = (draw: Prng, birth: Birth, year: number): Sample[] => [
  sampleOf("DNA", birth, year),
  ...(draw.chance(0.85) ? [sampleOf("CORD_BLOOD_MNC", birth, year)] : []),
  ...(draw.chance(0.8) ? [sampleOf("PLASMA", birth, year)] : []),
  ...(draw.chance(0.45) ? [sampleOf("SALIVA", birth, year + draw.between(1, 4))] : []),
  ...(draw.chance(0.4) ? [sampleOf("URINE", birth, year + draw.between(2, 4))] : []),
];

const siblingSamples = (draw: Prng, birth: Birth, year: number): Sample[] => [
  sampleOf("DNA", birth, year),
  ...(draw.chance(0.9) ? [sampleOf("SALIVA", birth, year)] : []),
  ...(draw.chance(0.6) ? [sampleOf("URINE", birth, year)] : []),
];

const motherSamples = (draw: Prng, birth: Birth, year: number): Sample[] => [
  ...adultSamples(draw, birth, year, 0.55),
  ...(draw.chance(0.55) ? [sampleOf("BREAST_MILK", birth, year)] : []),
];

const otherSamples = (draw: Prng, birth: Birth, year: number): Sample[] => adultSamples(draw, birth, year, 0.4);

const SAMPLES: { readonly [Role in FamilyRole]: (draw: Prng, birth: Birth, year: number) => Sample[] } = {
  CHILD: childSamples,
  SIBLING: siblingSamples,
  MOTHER: motherSamples,
  FATHER: otherSamples,
  GRANDPARENT: otherSamples,
  RELATIVE: otherSamples,
};

/** The first 8,000 by rank are controls and of the 100,000, the first 18,000 of the 100,000, the first 54,302 sequenced. */
const memberships = (total: number, size: number, seed: string) => {
  const rank = ranking(total, `${seed}/tmm/rank`);
  const below = (index: number, published: number): boolean => rank[index]! < scaled(published, size);
  return (index: number, draw: Prng): Pick<Donor, "programmes" | "data"> => {
    const programmes: string[] = [];
    if (below(index, 8_000)) programmes.push("PROGRAMME:CONTROL_GROUP");
    if (below(index, 18_000)) programmes.push("PROGRAMME:PUBLIC_PRIVATE_100K");
    const data: DataKind[] = [];
    if (below(index, 54_302)) data.push("WGS");
    if (draw.chance(0.97)) data.push("SNP_ARRAY");
    if (below(index, 333)) data.push("LONG_READ");
    // A window that lies half in and half out of the sequenced donors.
    if (!below(index, 49_000) && below(index, 49_000 + 10_719)) data.push("METABOLOME");
    return { programmes, data };
  };
};

const diagnose = (draw: Prng, sex: Sex, age: number): string[] => {
  const found: string[] = [];
  for (const { code, female, male, from, narrower } of TMM_DISEASES) {
    // One draw for every line, met or not, so that a change of one line leaves the others as they are.
    const at = draw.unit();
    if (age < from) continue;
    const share = sex === "FEMALE" ? female : sex === "MALE" ? male : Math.min(female, male);
    const ripe = 0.35 + 0.65 * Math.min(1, (age - from) / 30);
    const limit = (share / 1000) * ripe;
    if (at < limit) found.push(`ICD10:${narrow(code, narrower, at / limit)}`);
  }
  return found;
};

const narrow = (bare: string, narrower: Disease["narrower"], at: number): string => {
  let end = 0;
  for (const [code, share] of narrower) {
    end += share;
    if (at < end) return code;
  }
  return bare;
};

const rareDiagnoses = (total: number, seed: string): Map<number, string[]> => {
  const found = new Map<number, string[]>();
  for (const [code, donors] of TMM_RARE) {
    const draw = prng(`${seed}/tmm/rare/${code}`);
    const chosen = new Set<number>();
    while (chosen.size < Math.min(donors, total)) chosen.add(draw.below(total));
    for (const index of chosen) found.set(index, [...(found.get(index) ?? []), `ICD10:${code}`]);
  }
  return found;
};
