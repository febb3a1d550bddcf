import type { Donor, Family, FamilyRole, Sample, Sex } from "../donor.ts";
import { type Prng, prng, ranking, weighted } from "../prng.ts";
import { diseaseTable } from "./disease-table.ts";
import type { Birth } from "./kit.ts";
import { bell, bornAt, donorId, donorsAt, drawData, drawSex, type PopulationOptions, sampleOf, scaled } from "./kit.ts";

/**
 * The rare-disease whole-genome repository: 5,500 donors in two parts (2,500 of the fiscal years 2019 and 2020, 3,000 of
 * 2021), the 348 designated diseases, many patients with both parents. Published: these figures and the diseases. How
 * often each disease occurs, families, ages and samples are only plausible.
 */
export function* rareDonors({ size, seed }: PopulationOptions): Generator<Donor> {
  const total = donorsAt(5_500, size);
  const rank = ranking(total, `${seed}/rare/rank`);
  let index = 0;
  for (let number = 0; index < total; number++) {
    const draw = prng(`${seed}/rare/household/${number}`);
    const places = total - index;
    for (const person of household(draw, `R${number + 1}`, places)) {
      const part = rank[index]! < scaled(2_500, size) ? "FY2020" : "FY2021";
      yield {
        id: donorId("R", index),
        ...person,
        centre: null,
        programmes: ["PROGRAMME:RARE_DISEASE_WGS", `PROGRAMME:RARE_DISEASE_WGS_${part}`],
        data: [
          "WGS",
          ...drawData(draw, [
            ["TRANSCRIPTOME", 0.08],
            ["LONG_READ", 0.05],
          ]),
        ],
        uses: ["ACADEMIC", ...(draw.chance(0.75) ? USES.commercial : []), ...(draw.chance(0.2) ? USES.overseas : [])],
      };
      index++;
    }
  }
}

const USES = { commercial: ["COMMERCIAL"], overseas: ["OVERSEAS"] } as const;

type Person = Omit<Donor, "id" | "centre" | "programmes" | "data" | "uses">;

/** A patient alone, with mother, or with both parents; parents are well. */
const household = (draw: Prng, id: string, places: number): Person[] => {
  const parents = places >= 3 && draw.chance(0.35) ? 2 : places >= 2 && draw.chance(0.15) ? 1 : 0;
  const family: Family = parents === 2 ? "TRIO" : parents === 1 ? "RELATIVE_HELD" : "NONE";
  const year = draw.between(2015, 2021);
  const age = parents > 0 ? draw.between(0, 30) : bell(draw, 45, 20, [0, 90]);
  const person = (role: FamilyRole, sex: Sex, years: number, diagnoses: string[]): Person => {
    const birth = bornAt(draw, years, year);
    const cohort = role === "CHILD" ? "PATIENT" : "FAMILY";
    const samples = samplesOf(draw, birth, year);
    return { sex, birthYear: birth.year, cohort, family, household: { id, role }, diagnoses, samples };
  };
  const patient = person("CHILD", drawSex(draw, 0.52), age, diagnose(draw));
  if (parents === 0) return [{ ...patient, household: null }];
  const mother = person("MOTHER", "FEMALE", age + draw.between(20, 40), []);
  if (parents === 1) return [patient, mother];
  return [patient, mother, person("FATHER", "MALE", age + draw.between(20, 45), [])];
};

type RareDisease = { readonly number: string; readonly orpha: readonly string[]; readonly icd10: readonly string[] };

const codesOf = (text = ""): readonly string[] => text.split(";").filter(Boolean);
const DISEASES = diseaseTable(
  "./rare-diseases.csv",
  ({ number = "", orpha, icd10 }): RareDisease => ({ number, orpha: codesOf(orpha), icd10: codesOf(icd10) }),
);

// A long tail: the order of the ranks decides which diseases are common in the repository.
const DISEASE = (() => {
  const rank = ranking(DISEASES.length, "rare/diseases");
  return weighted(DISEASES.map((disease, at) => [disease, 1 / (rank[at]! + 4)]));
})();

/** The notice number, and one Orphanet and one ICD-10 code where the disease has any. One patient in seven has none. */
const diagnose = (draw: Prng): string[] => {
  if (draw.chance(0.14)) return [];
  const { number, orpha, icd10 } = DISEASE(draw);
  return [
    `NANBYO:${number}`,
    ...(orpha.length > 0 ? [`ORPHA:${draw.pick(orpha)}`] : []),
    ...(icd10.length > 0 ? [`ICD10:${draw.pick(icd10)}`] : []),
  ];
};

const samplesOf = (draw: Prng, birth: Birth, year: number): Sample[] => [
  sampleOf("DNA", birth, year),
  ...(draw.chance(0.4) ? [sampleOf("PLASMA", birth, year)] : []),
  ...(draw.chance(0.3) ? [sampleOf("WHOLE_BLOOD", birth, year)] : []),
  ...(draw.chance(0.25) ? [sampleOf("CELL_LINE", birth, Math.min(2022, year + 1))] : []),
  ...(draw.chance(0.15) ? [sampleOf("SERUM", birth, year)] : []),
  ...(draw.chance(0.05) ? [sampleOf("CSF", birth, year)] : []),
];
