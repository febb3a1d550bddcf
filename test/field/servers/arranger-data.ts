import type { FieldDonor, FieldSample } from "../truth/donors.ts";

const keyword = { type: "keyword" } as const;

/** The types of the fields of a donor's document, without its samples. */
const DONOR = {
  donor_id: keyword,
  sex: keyword,
  cohort: keyword,
  diagnoses: { type: "nested", properties: { code: keyword } },
  data: keyword,
  uses: keyword,
} as const;
const SAMPLE = {
  type: keyword,
  origin: keyword,
  storage: keyword,
  age: { type: "float" },
  collected: { type: "date" },
} as const;

/** The two indices of an Arranger: donors with their samples in their specimens, and samples with their donor. */
export const INDICES = {
  donors: { ...DONOR, specimens: { type: "nested", properties: { samples: { type: "nested", properties: SAMPLE } } } },
  samples: { ...SAMPLE, donor: { properties: DONOR } },
} as const;

/** The documents of both; each specimen has one sample or two. */
export const documentsOf = (donors: readonly FieldDonor[]) => ({
  donors: donors.map((donor) => ({
    ...donorDocument(donor),
    specimens: specimensOf(donor.samples.map(sampleDocument)),
  })),
  samples: donors.flatMap((donor) =>
    donor.samples.map((sample) => ({ ...sampleDocument(sample), donor: donorDocument(donor) })),
  ),
});

const specimensOf = (samples: readonly object[]): readonly object[] =>
  samples.length === 0 ? [] : [{ samples: samples.slice(0, 2) }, ...specimensOf(samples.slice(2))];

const donorDocument = ({ id, sex, sexKnown, cohort, diagnoses, data, uses }: FieldDonor) => ({
  donor_id: id,
  sex: sexKnown ? sex.toLowerCase() : null,
  cohort: cohort.toLowerCase(),
  diagnoses: diagnoses.map((code) => ({ code })),
  data,
  uses,
});

const sampleDocument = (sample: FieldSample) => ({
  type: sample.type.toLowerCase(),
  origin: sample.originKnown ? sample.origin.toLowerCase() : "",
  storage: sample.storageKnown ? sample.storage.toLowerCase() : null,
  age: sample.ageKnown ? sample.age : null,
  collected: sample.dayKnown ? sample.day : null,
});

/** The bank.yaml of an Arranger. Saliva is not mapped. */
export const arrangerBank = (adapter: string): string => `id: arranger
name: { en: An Arranger }
contact: { name: Office, email: office@arranger.example }
size: { donors: 5000, samples: 50000 }
adapter:
  kind: sqon
${adapter}
  donors:
    index: donor
    samples: specimens.samples
    fields: { sex: sex, cohort: cohort, disease: diagnoses.code, data: data, use: uses, sampleType: type, sampleOrigin: origin, storage: storage, age: age, year: collected }
  samples:
    index: sample
    fields: { sex: donor.sex, cohort: donor.cohort, disease: donor.diagnoses.code, data: donor.data, use: donor.uses, sampleType: type, sampleOrigin: origin, storage: storage, age: age, year: collected }
disease: { system: ICD10, spelling: dotted }
sex: { female: FEMALE, male: MALE, other: OTHER }
cohort: { patient: PATIENT, population: POPULATION, family: FAMILY }
data: { WGS: WGS, SNP_ARRAY: SNP_ARRAY, IMAGING: IMAGING }
use: { whenAbsent: denied, codes: { ACADEMIC: ACADEMIC, COMMERCIAL: COMMERCIAL, OVERSEAS: OVERSEAS } }
sampleType: { dna: DNA, rna: RNA, plasma: PLASMA, whole_blood: WHOLE_BLOOD }
sampleOrigin: { tumour: TUMOUR, normal: NORMAL }
storage: { room: ROOM, minus_80: MINUS_80, ln2: LN2 }
complete: [disease, cohort, data, use]
disclosure: { off: true }
`;
