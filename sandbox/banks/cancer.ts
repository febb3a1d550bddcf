import type { Donor, Sample, Sex } from "../donor.ts";
import { type Prng, prng, ranking, weighted } from "../prng.ts";
import { bell, bornAt, donorId, donorsAt, drawData, drawSex, type PopulationOptions, sampleOf, scaled } from "./kit.ts";

/**
 * The cancer whole-genome repository: 13,650 donors in three parts (hereditary 3,000, intractable 750, 9,900 of the fiscal
 * year 2021), tumour and matched normal of each, 99.7 % with consent to secondary use. Published: these figures. Cancer
 * types, ages, further samples and shares are only plausible.
 */
export function* cancerDonors({ size, seed }: PopulationOptions): Generator<Donor> {
  const total = donorsAt(13_650, size);
  const rank = ranking(total, `${seed}/cancer/rank`);
  for (let index = 0; index < total; index++) {
    const draw = prng(`${seed}/cancer/${index}`);
    const part = partOf(rank[index]!, size);
    const sex = drawSex(draw, 0.5);
    const cancer = CANCER[sex](draw);
    const age = cancer.child ? draw.between(0, 19) : bell(draw, part === "HEREDITARY" ? 52 : 63, 13, [20, 92]);
    const year = part === "FY2021" ? draw.between(2019, 2021) : draw.between(2014, 2019);
    const birth = bornAt(draw, age, year);
    const secondary = draw.chance(0.997);
    yield {
      id: donorId("C", index),
      sex,
      birthYear: birth.year,
      cohort: "PATIENT",
      family: "NONE",
      household: null,
      centre: null,
      diagnoses: [`ONCOTREE:${cancer.oncotree}`, `ICD10:${cancer.icd10}`],
      programmes: ["PROGRAMME:CANCER_WGS", `PROGRAMME:CANCER_WGS_${part}`],
      data: [
        "WGS",
        ...drawData(draw, [
          ["TRANSCRIPTOME", 0.55],
          ["WES", 0.1],
          ["METHYLOME", 0.05],
        ]),
      ],
      uses: secondary ? ["ACADEMIC", ...(draw.chance(0.95) ? USES.commercial : [])] : [],
      samples: samplesOf(draw, cancer, birth, year),
    };
  }
}

const USES = { commercial: ["COMMERCIAL"] } as const;

const partOf = (rank: number, size: number): "HEREDITARY" | "INTRACTABLE" | "FY2021" => {
  if (rank < scaled(3_000, size)) return "HEREDITARY";
  return rank < scaled(3_750, size) ? "INTRACTABLE" : "FY2021";
};

type Cancer = {
  readonly oncotree: string;
  readonly icd10: string;
  readonly weight: number;
  readonly sex?: Sex;
  readonly blood?: true;
  readonly child?: true;
};

const CANCERS: readonly Cancer[] = [
  { oncotree: "LUAD", icd10: "C34.1", weight: 90 },
  { oncotree: "LUSC", icd10: "C34.3", weight: 30 },
  { oncotree: "SCLC", icd10: "C34.9", weight: 15 },
  { oncotree: "COAD", icd10: "C18.7", weight: 80 },
  { oncotree: "READ", icd10: "C20", weight: 40 },
  { oncotree: "STAD", icd10: "C16.2", weight: 60 },
  { oncotree: "ESCC", icd10: "C15.4", weight: 45 },
  { oncotree: "PAAD", icd10: "C25.0", weight: 90 },
  { oncotree: "PANET", icd10: "C25.4", weight: 8 },
  { oncotree: "HCC", icd10: "C22.0", weight: 30 },
  { oncotree: "IHCH", icd10: "C22.1", weight: 20 },
  { oncotree: "EHCH", icd10: "C24.0", weight: 20 },
  { oncotree: "GBC", icd10: "C23", weight: 12 },
  { oncotree: "IDC", icd10: "C50.4", weight: 120, sex: "FEMALE" },
  { oncotree: "ILC", icd10: "C50.9", weight: 12, sex: "FEMALE" },
  { oncotree: "HGSOC", icd10: "C56", weight: 70, sex: "FEMALE" },
  { oncotree: "CCOV", icd10: "C56", weight: 25, sex: "FEMALE" },
  { oncotree: "UEC", icd10: "C54.1", weight: 40, sex: "FEMALE" },
  { oncotree: "UCS", icd10: "C54.1", weight: 6, sex: "FEMALE" },
  { oncotree: "ULMS", icd10: "C54.2", weight: 5, sex: "FEMALE" },
  { oncotree: "CESC", icd10: "C53.9", weight: 25, sex: "FEMALE" },
  { oncotree: "PRAD", icd10: "C61", weight: 50, sex: "MALE" },
  { oncotree: "BLCA", icd10: "C67.9", weight: 20 },
  { oncotree: "CCRCC", icd10: "C64", weight: 20 },
  { oncotree: "MEL", icd10: "C43.9", weight: 10 },
  { oncotree: "GIST", icd10: "C16.9", weight: 10 },
  { oncotree: "DDLS", icd10: "C49.9", weight: 12 },
  { oncotree: "LMS", icd10: "C49.9", weight: 10 },
  { oncotree: "MFS", icd10: "C49.2", weight: 6 },
  { oncotree: "THYC", icd10: "C37", weight: 5 },
  { oncotree: "AML", icd10: "C92.0", weight: 70, blood: true },
  { oncotree: "MDS", icd10: "D46.9", weight: 30, blood: true },
  { oncotree: "DLBCLNOS", icd10: "C83.3", weight: 40 },
  { oncotree: "PCM", icd10: "C90.0", weight: 35, blood: true },
  { oncotree: "BLL", icd10: "C91.0", weight: 25, blood: true, child: true },
  { oncotree: "NBL", icd10: "C74.9", weight: 12, child: true },
  { oncotree: "OS", icd10: "C41.9", weight: 8, child: true },
  { oncotree: "ES", icd10: "C41.9", weight: 5, child: true },
  { oncotree: "ERMS", icd10: "C49.9", weight: 5, child: true },
  { oncotree: "MBL", icd10: "C71.6", weight: 7, child: true },
  { oncotree: "WT", icd10: "C64", weight: 5, child: true },
];

const cancers = (sexes: readonly (Sex | undefined)[]) =>
  weighted(CANCERS.filter(({ sex }) => sexes.includes(sex)).map((cancer) => [cancer, cancer.weight]));
const CANCER: { readonly [S in Sex]: (draw: Prng) => Cancer } = {
  FEMALE: cancers(["FEMALE", undefined]),
  MALE: cancers(["MALE", undefined]),
  OTHER: cancers([undefined]),
};

/** Tumour and matched normal of each; further material of some. */
const samplesOf = (draw: Prng, cancer: Cancer, birth: ReturnType<typeof bornAt>, year: number): Sample[] => {
  const normal = { origin: "NORMAL" } as const;
  const tumour = { origin: "TUMOUR" } as const;
  const samples = [sampleOf("DNA", birth, year, normal), sampleOf("DNA", birth, year, tumour)];
  const keep = (share: number, sample: () => Sample): void => {
    if (draw.chance(share)) samples.push(sample());
  };
  keep(0.6, () => sampleOf("WHOLE_BLOOD", birth, year, normal));
  if (cancer.blood === true) keep(0.9, () => sampleOf("BONE_MARROW", birth, year, tumour));
  else {
    keep(0.85, () => sampleOf("TISSUE_FROZEN", birth, year, tumour));
    keep(0.5, () => sampleOf("TISSUE_FFPE", birth, year, tumour));
    keep(0.15, () => sampleOf("TISSUE_FROZEN", birth, year, normal));
  }
  keep(0.5, () => sampleOf("RNA", birth, year, tumour));
  keep(0.25, () => sampleOf("PLASMA", birth, year, normal));
  keep(0.1, () => sampleOf("CFDNA", birth, Math.min(2022, year + 1), tumour));
  return samples;
};
