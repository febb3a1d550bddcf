import type { Cohort, DataKind, DataUse, Family, SampleOrigin, SampleType, Sex, Storage } from "../donor.ts";
import type { EntryType } from "./beacon-index.ts";

/** One filter that the beacon knows, as `/filtering_terms` lists it. */
export type Term = {
  readonly id: string;
  readonly type: "ontologyTerm" | "alphanumeric" | "custom";
  readonly label: string;
  /** The entry type that it belongs to. */
  readonly of: EntryType;
  /** The entry types on which it can be used, its own first. */
  readonly scopes: readonly EntryType[];
  /** Only of alphanumeric terms: how a value is written. */
  readonly value?: "duration" | "integer";
  readonly values?: readonly string[];
};

type Word = readonly [id: string, label: string];
type Words<Value extends string> = { readonly [V in Value]: Word };

/** Sex in NCIT; a missing one is the term for unknown. */
export const SEX: Words<Exclude<Sex, "OTHER">> & { readonly unknown: Word } = {
  FEMALE: ["NCIT:C16576", "Female"],
  MALE: ["NCIT:C20197", "Male"],
  unknown: ["NCIT:C17998", "Unknown"],
};

/** The cohorts in the beacon's own words. */
export const COHORT: Words<Cohort> = {
  POPULATION: ["cohort:community", "Community-based cohort"],
  FAMILY: ["cohort:three-generation", "Birth and three-generation cohort"],
  PATIENT: ["cohort:patient", "Patients"],
};

/** How complete a donor's family is at the bank; the three exclude one another. */
export const FAMILY: Words<Family> = {
  TRIO: ["family:trio", "Held with child, mother and father complete"],
  RELATIVE_HELD: ["family:relative", "A relative is held, but no complete trio"],
  NONE: ["family:none", "No relative is held"],
};

/** Kinds of data in the beacon's own words. */
export const DATA: Words<DataKind> = {
  WGS: ["data:WGS", "Whole-genome sequence"],
  WES: ["data:WES", "Whole-exome sequence"],
  SNP_ARRAY: ["data:SNP_ARRAY", "SNP array"],
  LONG_READ: ["data:LONG_READ", "Long-read sequence"],
  TRANSCRIPTOME: ["data:TRANSCRIPTOME", "Transcriptome"],
  METHYLOME: ["data:METHYLOME", "Methylome"],
  PROTEOME: ["data:PROTEOME", "Proteome"],
  METABOLOME: ["data:METABOLOME", "Metabolome"],
  IMAGING: ["data:IMAGING", "Imaging"],
};

/** Consented uses in the beacon's own words. */
export const USE: Words<DataUse> = {
  ACADEMIC: ["use:academic", "Use by academic institutions"],
  COMMERCIAL: ["use:commercial", "Use by companies"],
  OVERSEAS: ["use:overseas", "Provision abroad"],
};

/** Terms of OBI and its neighbours where they have one, else the beacon's own. */
export const SAMPLE_TYPE: Words<SampleType> = {
  DNA: ["OBI:0001051", "DNA extract"],
  RNA: ["OBI:0000880", "RNA extract"],
  CFDNA: ["sampleType:cfdna", "Cell-free DNA"],
  WHOLE_BLOOD: ["OBI:0000655", "Blood specimen"],
  PLASMA: ["OBI:0100016", "Blood plasma specimen"],
  SERUM: ["OBI:0100017", "Blood serum specimen"],
  BUFFY_COAT: ["OBIB:0000036", "Buffy coat specimen"],
  PBMC: ["CL:2000001", "Peripheral blood mononuclear cells"],
  CORD_BLOOD_MNC: ["sampleType:cord-blood-mnc", "Cord blood mononuclear cells"],
  TISSUE_FROZEN: ["OBI:0000922", "Frozen specimen"],
  TISSUE_FFPE: ["sampleType:tissue-ffpe", "Formalin-fixed paraffin-embedded tissue"],
  BONE_MARROW: ["OBI:0002512", "Bone marrow specimen"],
  CELL_LINE: ["CLO:0000031", "Cell line"],
  CSF: ["OBI:0002502", "Cerebrospinal fluid specimen"],
  URINE: ["OBI:0000651", "Urine specimen"],
  SALIVA: ["OBI:0002507", "Saliva specimen"],
  BREAST_MILK: ["OBI:0002505", "Breast milk specimen"],
};

/** Tumour and normal as sample status, in EFO. */
export const ORIGIN: Words<SampleOrigin> = {
  TUMOUR: ["EFO:0010942", "Primary tumor sample"],
  NORMAL: ["EFO:0009654", "Reference sample"],
};

/** Storage temperatures in the beacon's own words. */
export const STORAGE: Words<Storage> = {
  ROOM: ["storage:room", "Room temperature"],
  PLUS_4: ["storage:plus-4", "+4 °C"],
  MINUS_20: ["storage:minus-20", "-20 °C"],
  MINUS_80: ["storage:minus-80", "-80 °C"],
  LN2: ["storage:ln2", "Liquid nitrogen"],
};

/** The filter on completed years at collection. */
export const AGE = "ageAtCollection";
/** The filter on the calendar year of collection. */
export const YEAR = "collectedYear";
