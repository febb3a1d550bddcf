import type { Donor, Sample, Sex } from "../donor.ts";
import { type Prng, prng, ranking, weighted } from "../prng.ts";
import type { Birth } from "./kit.ts";
import { bell, bornAt, donorId, donorsAt, drawData, drawSex, type PopulationOptions, sampleOf, scaled } from "./kit.ts";

/**
 * National Center Biobank Network: 100,000 donors of six national centres, 9,290 whole genomes, 8,000 of them controls.
 * Published: these figures and the centres' fields. How donors divide over centres, diseases and samples is only plausible.
 */
export function* ncbnDonors({ size, seed }: PopulationOptions): Generator<Donor> {
  const total = donorsAt(100_000, size);
  const rank = ranking(total, `${seed}/ncbn/rank`);
  for (let index = 0; index < total; index++) {
    const draw = prng(`${seed}/ncbn/${index}`);
    const centre = CENTRE(draw);
    const sex = drawSex(draw, centre.female);
    const age = bell(draw, centre.age, centre.deviation, [0, 98]);
    const year = draw.between(2011, 2023);
    const birth = bornAt(draw, age, year);
    yield {
      id: donorId("N", index),
      sex,
      birthYear: birth.year,
      cohort: "PATIENT",
      family: "NONE",
      household: null,
      centre: `ncbn/${centre.id}`,
      diagnoses: diagnose(draw, centre, sex),
      programmes: rank[index]! < scaled(8_000, size) ? ["PROGRAMME:CONTROL_GROUP"] : [],
      data: [
        ...(rank[index]! < scaled(9_290, size) ? (["WGS"] as const) : []),
        ...drawData(draw, [
          ["SNP_ARRAY", 0.3],
          ["TRANSCRIPTOME", 0.02],
          ["IMAGING", centre.imaging],
        ]),
      ],
      uses: ["ACADEMIC", ...(draw.chance(0.8) ? USES.commercial : []), ...(draw.chance(0.3) ? USES.overseas : [])],
      samples: samplesOf(draw, centre, birth, year),
    };
  }
}

const USES = { commercial: ["COMMERCIAL"], overseas: ["OVERSEAS"] } as const;

type Centre = {
  readonly id: string;
  readonly female: number;
  readonly age: number;
  readonly deviation: number;
  readonly imaging: number;
  /** Of a hundred donors: frozen tissue, fixed tissue, cerebrospinal fluid. */
  readonly tissue: number;
  readonly fixed: number;
  readonly csf: number;
  readonly diseases: readonly (readonly [code: string, weight: number, sex?: Sex])[];
};

const NCC: Centre = {
  id: "ncc",
  female: 0.46,
  age: 63,
  deviation: 13,
  imaging: 0.1,
  tissue: 0.32,
  fixed: 0.2,
  csf: 0,
  diseases: [
    ["C34.1", 14],
    ["C34.3", 8],
    ["C18.7", 8],
    ["C20", 7],
    ["C16.2", 12],
    ["C22.0", 5],
    ["C25.0", 6],
    ["C15.4", 5],
    ["C50.4", 16, "FEMALE"],
    ["C56", 4, "FEMALE"],
    ["C53", 3, "FEMALE"],
    ["C61", 9, "MALE"],
    ["C64", 3],
    ["C83.3", 4],
    ["C92.0", 2],
    ["C49", 2],
  ],
};
const NCVC: Centre = {
  id: "ncvc",
  female: 0.42,
  age: 68,
  deviation: 13,
  imaging: 0.4,
  tissue: 0.03,
  fixed: 0,
  csf: 0.01,
  diseases: [
    ["I63.5", 20],
    ["I63.9", 12],
    ["I61", 8],
    ["I21.0", 14],
    ["I48", 16],
    ["I50.0", 14],
    ["I42.0", 5],
    ["I67.5", 2],
    ["I71", 6],
    ["I10", 30],
  ],
};
const NCNP: Centre = {
  id: "ncnp",
  female: 0.5,
  age: 45,
  deviation: 18,
  imaging: 0.5,
  tissue: 0.06,
  fixed: 0.02,
  csf: 0.45,
  diseases: [
    ["F32.9", 18],
    ["F20", 14],
    ["F31", 9],
    ["G35", 10],
    ["G40.3", 9],
    ["G71.0", 12],
    ["G12.2", 3],
    ["G20", 8],
    ["G31.8", 3],
  ],
};
const NCGM: Centre = {
  id: "ncgm",
  female: 0.4,
  age: 55,
  deviation: 17,
  imaging: 0.08,
  tissue: 0.02,
  fixed: 0.03,
  csf: 0.01,
  diseases: [
    ["B24", 18],
    ["B18.1", 9],
    ["B18.2", 8],
    ["E11", 12],
    ["E11.2", 6],
    ["E10", 3],
    ["E78.5", 12],
    ["M06.9", 6],
    ["M32.1", 4],
    ["J45.9", 8],
  ],
};
const NCCHD: Centre = {
  id: "ncchd",
  female: 0.6,
  age: 12,
  deviation: 14,
  imaging: 0.05,
  tissue: 0.05,
  fixed: 0.03,
  csf: 0.02,
  diseases: [
    ["P07.1", 14],
    ["J45.0", 14],
    ["L20.9", 14],
    ["C91.0", 8],
    ["C74.9", 3],
    ["Q21.1", 8],
    ["D80.0", 2],
    ["E70.0", 2],
    ["R56.0", 8],
  ],
};
const NCGG: Centre = {
  id: "ncgg",
  female: 0.6,
  age: 77,
  deviation: 8,
  imaging: 0.55,
  tissue: 0.02,
  fixed: 0,
  csf: 0.08,
  diseases: [
    ["G30.1", 30],
    ["G30", 12],
    ["F01", 8],
    ["G31.8", 6],
    ["F06.7", 14],
    ["M81.0", 18],
    ["M17", 12],
    ["H25.1", 8],
    ["I10", 25],
  ],
};

// NCC is by far the biggest member; the other shares are only plausible.
const CENTRE = weighted<Centre>([
  [NCC, 46],
  [NCVC, 14],
  [NCNP, 7],
  [NCGM, 14],
  [NCCHD, 6],
  [NCGG, 13],
]);

const diagnose = (draw: Prng, { diseases }: Centre, sex: Sex): string[] => {
  const draws = weighted(
    diseases.filter(([, , only]) => only === undefined || only === sex).map(([code, weight]) => [code, weight]),
  );
  const wanted = draw.chance(0.06) ? 0 : draw.chance(0.25) ? 2 : 1;
  const chosen = new Set<string>();
  while (chosen.size < wanted) chosen.add(`ICD10:${draws(draw)}`);
  return [...chosen];
};

const samplesOf = (draw: Prng, centre: Centre, birth: Birth, year: number): Sample[] => {
  const samples: Sample[] = [];
  const keep = (share: number, sample: () => Sample): void => {
    if (draw.chance(share)) samples.push(sample());
  };
  keep(0.95, () => sampleOf("DNA", birth, year));
  keep(0.85, () => sampleOf("PLASMA", birth, year));
  keep(0.6, () => sampleOf("SERUM", birth, year));
  keep(0.25, () => sampleOf("PLASMA", birth, Math.min(2024, year + 1)));
  keep(0.1, () => sampleOf("WHOLE_BLOOD", birth, year));
  keep(0.05, () => sampleOf("RNA", birth, year));
  keep(centre.csf, () => sampleOf("CSF", birth, year));
  keep(centre.fixed, () => sampleOf("TISSUE_FFPE", birth, year, { origin: "TUMOUR" }));
  if (draw.chance(centre.tissue)) {
    samples.push(
      sampleOf("TISSUE_FROZEN", birth, year, { origin: "TUMOUR", storage: draw.chance(0.7) ? "LN2" : "MINUS_80" }),
    );
    keep(0.55, () => sampleOf("TISSUE_FROZEN", birth, year, { origin: "NORMAL" }));
  }
  return samples;
};
