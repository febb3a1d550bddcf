/** The five banks of the sandbox. */
export type BankId = "tmm" | "bbj" | "ncbn" | "cancer" | "rare";

/** A donor's sex. */
export type Sex = "FEMALE" | "MALE" | "OTHER";
/** Why the bank enrolled the donor. */
export type Cohort = "POPULATION" | "PATIENT" | "FAMILY";
/** TRIO: the bank holds the donor with child, mother and father complete. NONE: nobody of the family. */
export type Family = "NONE" | "RELATIVE_HELD" | "TRIO";
/** Who a donor is in a household. */
export type FamilyRole = "CHILD" | "MOTHER" | "FATHER" | "SIBLING" | "GRANDPARENT" | "RELATIVE";
/** What a donor agreed to. */
export type DataUse = "ACADEMIC" | "COMMERCIAL" | "OVERSEAS";
/** At which temperature a sample is kept. */
export type Storage = "ROOM" | "PLUS_4" | "MINUS_20" | "MINUS_80" | "LN2";
/** Whether a sample is of a tumour or of normal tissue. */
export type SampleOrigin = "TUMOUR" | "NORMAL";

/** What has been measured of a donor. */
export type DataKind =
  | "WGS"
  | "WES"
  | "SNP_ARRAY"
  | "LONG_READ"
  | "TRANSCRIPTOME"
  | "METHYLOME"
  | "PROTEOME"
  | "METABOLOME"
  | "IMAGING";

/** The sample types that the five banks keep; a part of the federation's list. */
export type SampleType =
  | "DNA"
  | "RNA"
  | "CFDNA"
  | "WHOLE_BLOOD"
  | "PLASMA"
  | "SERUM"
  | "BUFFY_COAT"
  | "PBMC"
  | "CORD_BLOOD_MNC"
  | "TISSUE_FROZEN"
  | "TISSUE_FFPE"
  | "BONE_MARROW"
  | "CELL_LINE"
  | "CSF"
  | "URINE"
  | "SALIVA"
  | "BREAST_MILK";

/** The whole truth about one sample. `age` in completed years; `origin` null where the question does not arise. */
export type Sample = {
  readonly type: SampleType;
  readonly origin: SampleOrigin | null;
  readonly age: number;
  readonly year: number;
  readonly storage: Storage;
};

/** The whole truth about one donor. Diagnoses and programmes are CURIEs: ICD10:E11.2, ORPHA:803, PROGRAMME:CANCER_WGS. */
export type Donor = {
  readonly id: string;
  readonly sex: Sex;
  readonly birthYear: number;
  readonly cohort: Cohort;
  readonly family: Family;
  /** Who the donor is in which household, where the bank enrols families. */
  readonly household: { readonly id: string; readonly role: FamilyRole } | null;
  /** ncbn/ncc; null where the bank has no centres. */
  readonly centre: string | null;
  readonly diagnoses: readonly string[];
  readonly programmes: readonly string[];
  readonly data: readonly DataKind[];
  readonly uses: readonly DataUse[];
  readonly samples: readonly Sample[];
};

/** What a bank has recorded of a sample; null where the value is missing. */
export type RecordedSample = { readonly [Key in keyof Sample]: Sample[Key] | null };

/**
 * What a bank has recorded of a donor; null where the value is missing. `diagnoses` in the bank's own codes: CURIEs as in
 * the truth, but for BBJ the number of the target disease.
 */
export type RecordedDonor = Omit<Donor, "sex" | "samples"> & {
  readonly sex: Sex | null;
  readonly samples: readonly RecordedSample[];
};
