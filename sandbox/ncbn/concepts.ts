import type { DataKind, DataUse, SampleOrigin, SampleType, Sex } from "../donor.ts";
import type { CdmRow } from "./cdm.ts";

/**
 * NCBN's own concepts. All but sex lie above 2,000,000,000, which the CDM leaves to local vocabularies: the licence of OHDSI's
 * vocabularies does not allow us to distribute them.
 */
export const GENDER: { readonly [S in Sex]: number } = { MALE: 8507, FEMALE: 8532, OTHER: 0 };

export const SPECIMEN: { readonly [T in SampleType]?: number } = {
  DNA: 2_000_000_001,
  RNA: 2_000_000_002,
  WHOLE_BLOOD: 2_000_000_003,
  PLASMA: 2_000_000_004,
  SERUM: 2_000_000_005,
  CSF: 2_000_000_006,
  TISSUE_FROZEN: 2_000_000_007,
  TISSUE_FFPE: 2_000_000_008,
};
export const DISEASE_STATUS: { readonly [O in SampleOrigin]: number } = {
  TUMOUR: 2_000_000_101,
  NORMAL: 2_000_000_102,
};

/** What an observation is about. */
export const OBSERVATION = { CONSENT: 2_000_000_200, DATA: 2_000_000_300, PROGRAMME: 2_000_000_400 } as const;
export const CONSENT: { readonly [U in DataUse]: number } = {
  ACADEMIC: 2_000_000_201,
  COMMERCIAL: 2_000_000_202,
  OVERSEAS: 2_000_000_203,
};
export const DATA: { readonly [K in DataKind]?: number } = {
  WGS: 2_000_000_301,
  SNP_ARRAY: 2_000_000_302,
  TRANSCRIPTOME: 2_000_000_303,
  IMAGING: 2_000_000_304,
};
export const PROGRAMME: { readonly [programme: string]: number | undefined } = {
  "PROGRAMME:CONTROL_GROUP": 2_000_000_401,
};
/** How a row came into the CDM. */
export const RECORD_TYPE = 2_000_000_900;

/** The centres, by care_site_id. */
export const CENTRES = ["ncc", "ncvc", "ncnp", "ncgm", "ncchd", "ncgg"] as const;

const FIRST_SOURCE = 2_000_010_000;
const FIRST_STANDARD = 2_000_100_000;

/** An ICD-10 code as a source concept, and the standard concept that it maps to. */
export type Condition = { readonly source: number; readonly standard: number };

/** Numbers ICD-10 codes (C34.1) as they come, their categories (C34) before them; after those that came `before`. */
export const conditions = (before: readonly string[] = []) => {
  const known = new Map<string, Condition>();
  const of = (code: string): Condition => {
    const met = known.get(code);
    if (met !== undefined) return met;
    if (code.includes(".")) of(categoryOf(code));
    const made = { source: FIRST_SOURCE + known.size, standard: FIRST_STANDARD + known.size };
    known.set(code, made);
    return made;
  };
  for (const code of before) of(code);
  return { of, known: known as ReadonlyMap<string, Condition> };
};

const categoryOf = (code: string): string => code.slice(0, code.indexOf("."));

const VALID = { valid_start_date: "1970-01-01", valid_end_date: "2099-12-31" };

/** The vocabulary of the ICD-10 codes. */
export const ICD10 = "ICD10";

type Concept = {
  readonly name: string;
  readonly domain: string;
  readonly vocabulary?: string;
  readonly standard?: null;
};

/** A standard concept of NCBN's own vocabulary, unless `concept` names another. */
const conceptRow = (id: number, code: string, concept: Concept): CdmRow => {
  const { name, domain, vocabulary = "NCBN", standard = "S" } = concept;
  return {
    concept_id: id,
    concept_name: name,
    domain_id: domain,
    vocabulary_id: vocabulary,
    concept_class_id: domain,
    standard_concept: standard,
    concept_code: code,
    ...VALID,
  };
};

/** The rows of `concept` but for the ICD-10 codes: every concept above. */
export function* ownConceptRows(): Generator<CdmRow> {
  const none = "No matching concept";
  yield conceptRow(0, none, { name: none, domain: "Metadata", vocabulary: "None", standard: null });
  yield conceptRow(GENDER.MALE, "M", { name: "MALE", domain: "Gender", vocabulary: "Gender" });
  yield conceptRow(GENDER.FEMALE, "F", { name: "FEMALE", domain: "Gender", vocabulary: "Gender" });
  yield conceptRow(RECORD_TYPE, "SANDBOX", { name: "Sandbox", domain: "Type Concept" });
  const lists = [
    ["Specimen", SPECIMEN],
    ["Spec Disease Status", DISEASE_STATUS],
    ["Observation", OBSERVATION],
    ["Meas Value", CONSENT],
    ["Meas Value", DATA],
    ["Meas Value", PROGRAMME],
  ] as const;
  for (const [domain, list] of lists) {
    for (const [code, id] of Object.entries(list)) yield conceptRow(Number(id), code, { name: code, domain });
  }
}

/**
 * The rows of the ICD-10 codes, without the first `before` of them: for each code a source concept, the standard concept that
 * it maps to, and the ancestors of that, itself and its category.
 */
export function* conditionRows(
  known: ReadonlyMap<string, Condition>,
  before = 0,
): Generator<readonly ["concept" | "concept_relationship" | "concept_ancestor", CdmRow]> {
  const ancestor = (above: number, descendant: number, levels: number): CdmRow => ({
    ancestor_concept_id: above,
    descendant_concept_id: descendant,
    min_levels_of_separation: levels,
    max_levels_of_separation: levels,
  });
  for (const [code, { source, standard }] of [...known].slice(before)) {
    const icd10 = { name: `ICD-10 ${code}`, domain: "Condition", vocabulary: ICD10, standard: null };
    yield ["concept", conceptRow(source, code, icd10)];
    const own = { name: `Condition ${code}`, domain: "Condition" };
    yield ["concept", conceptRow(standard, `CONDITION-${code}`, own)];
    yield [
      "concept_relationship",
      { concept_id_1: source, concept_id_2: standard, relationship_id: "Maps to", ...VALID },
    ];
    yield ["concept_ancestor", ancestor(standard, standard, 0)];
    const category = code.includes(".") ? known.get(categoryOf(code)) : undefined;
    if (category !== undefined) yield ["concept_ancestor", ancestor(category.standard, standard, 1)];
  }
}
