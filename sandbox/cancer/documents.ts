import type { RecordedDonor, RecordedSample } from "../donor.ts";

/** How a field's values are indexed. */
export type FieldType = "keyword" | "text" | "boolean" | "integer" | "float" | "date";

/** One kind of documents, as an index of Elasticsearch holds them: fields by dotted path, and nested fields. */
export type Documents = {
  /** The query field of the catalogue, such as donor. */
  readonly name: string;
  readonly fields: Readonly<Record<string, FieldType>>;
  /** The fields that hold lists of objects of their own, such as samples; an outer one before those within it. */
  readonly nested?: string | readonly string[];
  readonly documents: Iterable<Document>;
};

/** A document as JSON; what is missing is absent or null. */
export type Document = { readonly [field: string]: unknown };

/** Lays recorded donors out as the catalogue's two kinds of documents: donors with their samples, samples with their donor. */
export const cancerDocuments = (donors: readonly RecordedDonor[]): readonly Documents[] => {
  const laid = donors.map((donor) => ({ document: donorDocument(donor), samples: samplesOf(donor) }));
  return [
    {
      name: "donor",
      fields: { ...DONOR_FIELDS, ...under("samples", SAMPLE_FIELDS) },
      nested: "samples",
      documents: laid.map(({ document, samples }) => ({ ...document, samples })),
    },
    {
      name: "sample",
      fields: { ...SAMPLE_FIELDS, ...under("donor", DONOR_FIELDS) },
      documents: laid.flatMap(({ document, samples }) => samples.map((sample) => ({ ...sample, donor: document }))),
    },
  ];
};

const DONOR_FIELDS = {
  donor_id: "keyword",
  sex: "keyword",
  enrolment: "keyword",
  relatives: "keyword",
  oncotree_codes: "keyword",
  icd10_codes: "keyword",
  programmes: "keyword",
  analyses: "keyword",
  consents: "keyword",
} as const;

const SAMPLE_FIELDS = {
  sample_id: "keyword",
  specimen_type: "keyword",
  tumour_normal: "keyword",
  age_at_collection: "integer",
  storage: "keyword",
} as const;

const under = <T extends string>(path: string, fields: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(fields).map(([name, type]) => [`${path}.${name}`, type]));

const donorDocument = (donor: RecordedDonor): Document => ({
  donor_id: donor.id,
  sex: donor.sex === null ? null : SEX[donor.sex],
  enrolment: ENROLMENT[donor.cohort],
  relatives: RELATIVES[donor.family],
  oncotree_codes: codesOf(donor, "ONCOTREE:"),
  icd10_codes: codesOf(donor, "ICD10:"),
  programmes: donor.programmes.map((code) => code.replace("PROGRAMME:", "")),
  analyses: donor.data.map((kind) => ANALYSES[kind]),
  consents: donor.uses.map((use) => CONSENTS[use]),
});

const samplesOf = ({ id, samples }: RecordedDonor): readonly Document[] =>
  samples.map((sample, index) => ({
    sample_id: `${id}-${index + 1}`,
    specimen_type: sample.type === null ? null : (SPECIMEN_TYPES[sample.type] ?? "Other"),
    tumour_normal: sample.origin === null ? null : ORIGINS[sample.origin],
    age_at_collection: sample.age,
    storage: sample.storage === null ? null : STORAGE[sample.storage],
  }));

const codesOf = ({ diagnoses }: RecordedDonor, system: string): readonly string[] =>
  diagnoses.filter((code) => code.startsWith(system)).map((code) => code.slice(system.length));

const SEX = { FEMALE: "Female", MALE: "Male", OTHER: "Other" } as const;
const ENROLMENT = { PATIENT: "patient", POPULATION: "resident", FAMILY: "family" } as const;
const RELATIVES = { NONE: "none", RELATIVE_HELD: "relative", TRIO: "trio" } as const;
const ORIGINS = { TUMOUR: "Tumour", NORMAL: "Normal" } as const;
const CONSENTS = { ACADEMIC: "academic", COMMERCIAL: "commercial", OVERSEAS: "overseas" } as const;
const ANALYSES: Readonly<Record<RecordedDonor["data"][number], string>> = {
  WGS: "WGS",
  WES: "WXS",
  SNP_ARRAY: "Genotyping Array",
  LONG_READ: "Long-read WGS",
  TRANSCRIPTOME: "RNA-Seq",
  METHYLOME: "Methylation Array",
  PROTEOME: "Proteomics",
  METABOLOME: "Metabolomics",
  IMAGING: "Imaging",
};
const SPECIMEN_TYPES: { readonly [Type in NonNullable<RecordedSample["type"]>]?: string } = {
  DNA: "DNA",
  RNA: "RNA",
  CFDNA: "cfDNA",
  WHOLE_BLOOD: "Whole blood",
  PLASMA: "Plasma",
  TISSUE_FROZEN: "Frozen tissue",
  TISSUE_FFPE: "FFPE block",
  BONE_MARROW: "Bone marrow",
};
const STORAGE = { ROOM: "Room", PLUS_4: "4C", MINUS_20: "-20C", MINUS_80: "-80C", LN2: "LN2" } as const;
