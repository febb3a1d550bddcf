import { type Text, text } from "./text.ts";

/**
 * What a field is (DESIGN.md section 3).
 * - `of`: a donor's field, or a sample's.
 * - `kind`: a record denotes one code, and what is not recorded is not there; an attribute that is missing is unknown.
 *   A sample's type is a record of which there is exactly one, so a missing one counts as an unmapped code.
 * - `many`: a donor may hold several values at once, so the cells of a facet overlap.
 * - `values`: where the values come from: `fixed` enum, `codes` of a vocabulary, or `number`.
 * - `key`: its name in a `where`, or in the `sample` of one. `yaml`: its name in bank.yaml.
 */
export type FieldKind = {
  readonly of: "donor" | "sample";
  readonly kind: "record" | "attribute";
  readonly many: boolean;
  readonly values: "fixed" | "codes" | "number";
  readonly key: string;
  readonly yaml: string;
  readonly label: Text;
};

const NUMBER = { of: "sample", kind: "attribute", many: false, values: "number" } as const;

/** Every field that a question or a facet can name, in the order of the SDL's enum `Facet`. */
const TABLE = {
  DISEASE: { of: "donor", kind: "record", many: true, values: "codes", key: "disease", yaml: "disease" },
  SEX: { of: "donor", kind: "attribute", many: false, values: "fixed", key: "sex", yaml: "sex" },
  COHORT: { of: "donor", kind: "attribute", many: false, values: "fixed", key: "cohort", yaml: "cohort" },
  FAMILY: { of: "donor", kind: "attribute", many: false, values: "fixed", key: "family", yaml: "family" },
  PROGRAMME: { of: "donor", kind: "record", many: true, values: "codes", key: "programme", yaml: "programme" },
  DATA: { of: "donor", kind: "record", many: true, values: "fixed", key: "data", yaml: "data" },
  USE: { of: "donor", kind: "record", many: true, values: "fixed", key: "use", yaml: "use" },
  CENTRE: { of: "donor", kind: "attribute", many: false, values: "codes", key: "centre", yaml: "centre" },
  SAMPLE_TYPE: { of: "sample", kind: "record", many: false, values: "fixed", key: "type", yaml: "sampleType" },
  SAMPLE_ORIGIN: { of: "sample", kind: "attribute", many: false, values: "fixed", key: "origin", yaml: "sampleOrigin" },
  AGE_AT_COLLECTION: { ...NUMBER, key: "ageAtCollection", yaml: "age" },
  COLLECTED_YEAR: { ...NUMBER, key: "collectedYear", yaml: "year" },
  STORAGE: { of: "sample", kind: "attribute", many: false, values: "fixed", key: "storage", yaml: "storage" },
} as const satisfies { readonly [field: string]: Omit<FieldKind, "label"> };

const LABELS: { readonly [F in FieldName]: Text } = {
  DISEASE: text("Disease", "疾患"),
  SEX: text("Sex", "性別"),
  COHORT: text("Cohort", "コホート"),
  FAMILY: text("Family", "家族"),
  PROGRAMME: text("Programme", "事業"),
  DATA: text("Data", "解析情報"),
  USE: text("Permitted use", "利用条件"),
  CENTRE: text("Centre", "施設"),
  SAMPLE_TYPE: text("Sample type", "試料種別"),
  SAMPLE_ORIGIN: text("Sample origin", "試料の由来"),
  AGE_AT_COLLECTION: text("Age at collection", "採取時年齢"),
  COLLECTED_YEAR: text("Year of collection", "採取年"),
  STORAGE: text("Storage", "保管温度"),
};

type Table = typeof TABLE;
export type FieldName = keyof Table;
export type SampleField = { [F in FieldName]: Table[F]["of"] extends "sample" ? F : never }[FieldName];
export type NumberField = { [F in FieldName]: Table[F]["values"] extends "number" ? F : never }[FieldName];
export type DonorField = Exclude<FieldName, SampleField>;
export type CodeField = Exclude<FieldName, NumberField>;

export const FIELD_NAMES = Object.keys(TABLE) as readonly FieldName[];
export const FIELDS = Object.fromEntries(
  FIELD_NAMES.map((field) => [field, { ...TABLE[field], label: LABELS[field] }]),
) as { readonly [F in FieldName]: FieldKind };

/** Stands in a facet's values for donors or samples of which the bank holds no value. */
export const NOT_RECORDED = "NOT_RECORDED";

const keyed = (key: "key" | "yaml", of: readonly FieldName[]) =>
  Object.fromEntries(of.map((field) => [TABLE[field][key], field]));

/** How bank.yaml spells the fields: name there -> field. */
export const FIELD_KEYS = keyed("yaml", FIELD_NAMES) as { readonly [F in FieldName as Table[F]["yaml"]]: F };

export const isSampleField = (field: FieldName): field is SampleField => FIELDS[field].of === "sample";
export const isNumberField = (field: FieldName): field is NumberField => FIELDS[field].values === "number";

/** Keys of a donor's criteria in a `where` -> field. */
export const DONOR_KEYS = keyed(
  "key",
  FIELD_NAMES.filter((field) => !isSampleField(field)),
) as { readonly [key: string]: DonorField };

/** Keys of a sample's criteria in the `sample` of a `where` -> field. */
export const SAMPLE_KEYS = keyed("key", FIELD_NAMES.filter(isSampleField)) as { readonly [key: string]: SampleField };
