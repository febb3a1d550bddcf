import type { FieldDonor, FieldSample } from "../truth/donors.ts";

const ICD10 = "http://hl7.org/fhir/sid/icd-10";
/** Diagnoses that were refuted. */
const REFUTED = ["C34.1", "E11.9", "G20", "I10", "E10.9", "Q87.4", "C50.4"] as const;
const OWN = "https://hapi.example/fhir/";

/** A FHIR resource. */
export type Resource = { readonly resourceType: string; readonly id: string } & { readonly [key: string]: unknown };

/** Search parameters of a bank's own: what FHIR has no place for is an extension. */
export const SEARCH_PARAMETERS: readonly Resource[] = [
  ...["cohort", "data", "use"].map((name) => ["Patient", name, "token"] as const),
  ...["origin", "storage"].map((name) => ["Specimen", name, "token"] as const),
  ["Specimen", "age-at-collection", "quantity"] as const,
].map(([base, name, type]) => ({
  resourceType: "SearchParameter",
  id: `${base.toLowerCase()}-${name}`,
  url: `${OWN}SearchParameter/${name}`,
  name,
  status: "active",
  description: name,
  code: name,
  base: [base],
  type,
  expression: `${base}.extension('${OWN}${name}').value`,
}));

/**
 * The resources of donors: a Patient, a Condition for each diagnosis, a Specimen for each sample. Beside them stands what a
 * clinician would not count: a refuted diagnosis, a merged copy of a Patient with its diagnoses, a Specimen entered in error.
 */
export const resourcesOf = (donors: readonly FieldDonor[]): readonly Resource[] =>
  donors.flatMap((donor, at) => [
    patient(donor),
    ...donor.diagnoses.map((code, place) => condition(donor.id, `${donor.id}-C${place}`, code, "confirmed")),
    ...donor.samples.map((sample, place) => specimen(donor.id, `${donor.id}-S${place}`, sample)),
    ...(at % 15 === 0 ? [condition(donor.id, `${donor.id}-X`, REFUTED[at % REFUTED.length]!, "refuted")] : []),
    ...(at % 17 === 0 && donor.samples[0] !== undefined
      ? [{ ...specimen(donor.id, `${donor.id}-X`, donor.samples[0]), status: "entered-in-error" }]
      : []),
    ...(at % 20 === 0 ? merged(donor) : []),
  ]);

const merged = (donor: FieldDonor): readonly Resource[] => {
  const id = `${donor.id}-M`;
  const link = [{ type: "replaced-by", other: { reference: `Patient/${donor.id}` } }];
  return [
    { ...patient({ ...donor, id }), active: false, link },
    ...donor.diagnoses.map((code, place) => condition(id, `${id}-C${place}`, code, "confirmed")),
  ];
};

const patient = ({ id, sex, sexKnown, cohort, data, uses }: FieldDonor): Resource => ({
  resourceType: "Patient",
  id,
  ...(sexKnown ? { gender: sex.toLowerCase() } : {}),
  extension: [
    own("cohort", cohort.toLowerCase()),
    ...data.map((each) => own("data", each)),
    ...uses.map((each) => own("use", each)),
  ],
});

const own = (name: string, code: string): object => ({
  url: `${OWN}${name}`,
  valueCoding: { system: OWN + name, code },
});

const condition = (donor: string, id: string, code: string, status: string): Resource => ({
  resourceType: "Condition",
  id,
  verificationStatus: {
    coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-ver-status", code: status }],
  },
  code: { coding: [{ system: ICD10, code }] },
  subject: { reference: `Patient/${donor}` },
});

const specimen = (donor: string, id: string, sample: FieldSample): Resource => ({
  resourceType: "Specimen",
  id,
  status: "available",
  type: { coding: [{ system: `${OWN}type`, code: sample.type.toLowerCase() }] },
  subject: { reference: `Patient/${donor}` },
  ...(sample.dayKnown ? { collection: { collectedDateTime: sample.day } } : {}),
  extension: [
    ...(sample.originKnown ? [own("origin", sample.origin.toLowerCase())] : []),
    ...(sample.storageKnown ? [own("storage", sample.storage.toLowerCase())] : []),
    ...(sample.ageKnown ? [{ url: `${OWN}age-at-collection`, valueQuantity: { value: sample.age, code: "a" } }] : []),
  ],
});

/** The bank.yaml of such a server. Saliva is not mapped. */
export const fhirBank = (url: string): string => `id: hapi
name: { en: A FHIR server }
contact: { name: Office, email: office@hapi.example }
size: { donors: 50000, samples: 500000 }
adapter:
  kind: fhir
  url: ${url}
  timeoutMs: 300000
  donors:
    sex: gender
    cohort: { param: cohort, system: "${OWN}cohort" }
    data: { param: data, system: "${OWN}data" }
    use: { param: use, system: "${OWN}use" }
  diseases: { system: "${ICD10}" }
  samples:
    type: { param: type, system: "${OWN}type" }
    origin: { param: origin, system: "${OWN}origin" }
    storage: { param: storage, system: "${OWN}storage" }
    age: age-at-collection
    year: collected
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
