import { type Text, text } from "./text.ts";

/** Every field that a question or a facet can name; the SDL's enum `Facet`. */
export const FIELD_NAMES = [
  "DISEASE",
  "SEX",
  "COHORT",
  "FAMILY",
  "PROGRAMME",
  "DATA",
  "USE",
  "CENTRE",
  "SAMPLE_TYPE",
  "SAMPLE_ORIGIN",
  "AGE_AT_COLLECTION",
  "COLLECTED_YEAR",
  "STORAGE",
] as const;

/** Stands in a facet's values for donors or samples of which the bank holds no value. */
export const NOT_RECORDED = "NOT_RECORDED";

export type FieldName = (typeof FIELD_NAMES)[number];
export type NumberField = "AGE_AT_COLLECTION" | "COLLECTED_YEAR";
export type SampleField = "SAMPLE_TYPE" | "SAMPLE_ORIGIN" | "STORAGE" | NumberField;
export type DonorField = Exclude<FieldName, SampleField>;
export type CodeField = Exclude<FieldName, NumberField>;

/**
 * What a field is (DESIGN.md section 3).
 * - `of`: a donor's field, or a sample's.
 * - `kind`: a record denotes one code, and what is not recorded is not there; an attribute that is missing is unknown.
 *   A sample's type is a record of which there is exactly one, so a missing one counts as an unmapped code.
 * - `many`: a donor may hold several values at once, so the cells of a facet overlap.
 * - `values`: where the values come from: `fixed` enum, `codes` of a vocabulary, or `number`.
 */
export type FieldKind = {
  readonly of: "donor" | "sample";
  readonly kind: "record" | "attribute";
  readonly many: boolean;
  readonly values: "fixed" | "codes" | "number";
  readonly label: Text;
};

export const FIELDS: { readonly [F in FieldName]: FieldKind } = {
  DISEASE: { of: "donor", kind: "record", many: true, values: "codes", label: text("Disease", "疾患") },
  SEX: { of: "donor", kind: "attribute", many: false, values: "fixed", label: text("Sex", "性別") },
  COHORT: { of: "donor", kind: "attribute", many: false, values: "fixed", label: text("Cohort", "コホート") },
  FAMILY: { of: "donor", kind: "attribute", many: false, values: "fixed", label: text("Family", "家族") },
  PROGRAMME: { of: "donor", kind: "record", many: true, values: "codes", label: text("Programme", "事業") },
  DATA: { of: "donor", kind: "record", many: true, values: "fixed", label: text("Data", "解析情報") },
  USE: { of: "donor", kind: "record", many: true, values: "fixed", label: text("Permitted use", "利用条件") },
  CENTRE: { of: "donor", kind: "attribute", many: false, values: "codes", label: text("Centre", "施設") },
  SAMPLE_TYPE: { of: "sample", kind: "record", many: false, values: "fixed", label: text("Sample type", "試料種別") },
  SAMPLE_ORIGIN: {
    of: "sample",
    kind: "attribute",
    many: false,
    values: "fixed",
    label: text("Sample origin", "試料の由来"),
  },
  AGE_AT_COLLECTION: {
    of: "sample",
    kind: "attribute",
    many: false,
    values: "number",
    label: text("Age at collection", "採取時年齢"),
  },
  COLLECTED_YEAR: {
    of: "sample",
    kind: "attribute",
    many: false,
    values: "number",
    label: text("Year of collection", "採取年"),
  },
  STORAGE: { of: "sample", kind: "attribute", many: false, values: "fixed", label: text("Storage", "保管温度") },
};

/** How bank.yaml spells the fields. */
export const FIELD_KEYS = {
  disease: "DISEASE",
  sex: "SEX",
  cohort: "COHORT",
  family: "FAMILY",
  programme: "PROGRAMME",
  data: "DATA",
  use: "USE",
  centre: "CENTRE",
  sampleType: "SAMPLE_TYPE",
  sampleOrigin: "SAMPLE_ORIGIN",
  age: "AGE_AT_COLLECTION",
  year: "COLLECTED_YEAR",
  storage: "STORAGE",
} as const satisfies { readonly [key: string]: FieldName };

export const isSampleField = (field: FieldName): field is SampleField => FIELDS[field].of === "sample";
export const isNumberField = (field: FieldName): field is NumberField => FIELDS[field].values === "number";
