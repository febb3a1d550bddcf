import type { DonorField, FieldName, SampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import type { CodeTest } from "../local.ts";
import { type Catalog, type CdmTable, statedCatalog } from "./catalog.ts";
import { type CodeColumn, type CodeColumns, codeColumns, sourceValue, type Write } from "./columns.ts";
import { ageAtCollection, collectedYear, type NumberColumn } from "./numbers.ts";
import type { ObservedOptions, OmopOptions } from "./options.ts";
import type { Bind } from "./statement.ts";
import { conditionStanding, type Standing } from "./status.ts";

/**
 * Records of a donor: rows of `from` (alias r, of `table`), with a person_id and a code. `concepts`: which rows of `concept`
 * (alias k) it joins. `standing`: which of them count; absent: all, for sure.
 * `open`: the mapped codes, where the data hold others although the mapping warrants that they do not.
 */
export type RecordTable = {
  readonly table: CdmTable;
  readonly from: string;
  readonly where: Write;
  readonly code: CodeColumn;
  readonly concepts?: Write;
  readonly standing?: Standing;
  readonly open?: ReadonlySet<string>;
};

/** The test as records are compared with it: one in doubt is met by what is unmapped against the warrant. */
export const recordTest = ({ open }: RecordTable, test: CodeTest): CodeTest => {
  if (open === undefined || test.doubt !== true || test.negate) return test;
  const listed = new Set(test.codes);
  return { ...test, codes: [...open].filter((code) => !listed.has(code)), negate: true };
};

/** Where the CDM holds each field that the options name. */
export type OmopFields = {
  /** See Catalog. */
  readonly table: Catalog["table"];
  /** The specimens of known persons, as rows `s`. */
  readonly specimens: string;
  readonly donor: ReadonlyMap<DonorField, CodeColumn | RecordTable>;
  readonly sample: ReadonlyMap<SampleField, CodeColumn | NumberColumn>;
};

export const isRecordTable = (place: CodeColumn | RecordTable): place is RecordTable => "from" in place;
export const isNumberColumn = (place: CodeColumn | NumberColumn): place is NumberColumn => "value" in place;

/** Finds the place of every field. `catalog`: how the database has the tables; default: as the options name them. */
export const omopFields = (
  options: OmopOptions,
  mapping: MappedCodes,
  catalog: Catalog = statedCatalog(options),
): OmopFields => {
  const { table } = catalog;
  const columns = codeColumns(catalog, mapping);
  const { concept, text, below } = columns;
  const observation = (field: FieldName, { concepts, value }: ObservedOptions): RecordTable => ({
    table: "observation",
    from: `${table("observation")} r`,
    where: (bind) => `r.observation_concept_id = ANY(${bind(concepts, "int[]")})`,
    code:
      OBSERVED[value].type === "int"
        ? concept(field, OBSERVED[value].sql, "observation")
        : text(field, OBSERVED[value].sql),
  });

  const donor = new Map<DonorField, CodeColumn | RecordTable>();
  const sample = new Map<SampleField, CodeColumn | NumberColumn>();
  const { disease, centre, sampleType, sampleOrigin, storage, age } = options;

  if (disease !== undefined) donor.set("DISEASE", diseases(disease, catalog, columns));
  const bySex = options.sex === "concept";
  donor.set("SEX", bySex ? concept("SEX", "p.gender_concept_id", "person") : text("SEX", "p.gender_source_value"));
  for (const [name, field] of Object.entries(OBSERVED_FIELDS)) {
    const observed = options[name as keyof typeof OBSERVED_FIELDS];
    if (observed === undefined) continue;
    const always = (code: string) => text(field, (bind) => bind(code, "text"));
    donor.set(field, "always" in observed ? always(observed.always) : observation(field, observed));
  }
  if (centre === "care_site_id") donor.set("CENTRE", concept("CENTRE", "p.care_site_id", "person"));
  if (centre === "care_site_source_value") {
    const name = `(SELECT c.care_site_source_value FROM ${table("care_site")} c WHERE c.care_site_id = p.care_site_id)`;
    donor.set("CENTRE", text("CENTRE", name));
  }

  if (sampleType?.by === "concept") {
    const column = sampleType.descendants ? below : concept;
    sample.set("SAMPLE_TYPE", column("SAMPLE_TYPE", "s.specimen_concept_id", "specimen"));
  }
  if (sampleType?.by === "source_value") sample.set("SAMPLE_TYPE", text("SAMPLE_TYPE", sourceValue(sampleType)));
  if (sampleOrigin === "concept") {
    sample.set("SAMPLE_ORIGIN", concept("SAMPLE_ORIGIN", "s.disease_status_concept_id", "specimen"));
  }
  if (sampleOrigin === "source_value") {
    sample.set("SAMPLE_ORIGIN", text("SAMPLE_ORIGIN", "s.disease_status_source_value"));
  }
  if (storage !== undefined) sample.set("STORAGE", text("STORAGE", sourceValue(storage)));
  const noYears = (mapping.COLLECTED_YEAR?.absent ?? []).filter((mark) => /^\d{4}$/.test(mark));
  sample.set("COLLECTED_YEAR", collectedYear(noYears.map(Number)));
  if (age !== undefined)
    sample.set("AGE_AT_COLLECTION", ageAtCollection(age, noYears.map(Number), mapping.AGE_AT_COLLECTION?.absent ?? []));
  return { table, specimens: specimensOf(table), donor, sample };
};

/** Many CDMs have no foreign keys, and then specimens of persons who are not there. Those are nobody's. */
const specimensOf = (table: OmopFields["table"]): string =>
  `(SELECT s.* FROM ${table("specimen")} s WHERE EXISTS (SELECT FROM ${table("person")} o WHERE o.person_id = s.person_id)) s`;

/** The same where the database warrants that each specimen has its person. */
export const withoutOrphans = (fields: OmopFields): OmopFields => ({
  ...fields,
  specimens: `${fields.table("specimen")} s`,
});

const OBSERVED_FIELDS = {
  cohort: "COHORT",
  family: "FAMILY",
  programme: "PROGRAMME",
  data: "DATA",
  use: "USE",
} as const;

const OBSERVED = {
  concept: { type: "int", sql: "r.value_as_concept_id" },
  observation: { type: "int", sql: "r.observation_concept_id" },
  string: { type: "text", sql: "r.value_as_string" },
  source_value: { type: "text", sql: "r.value_source_value" },
  observation_source_value: { type: "text", sql: "r.observation_source_value" },
} as const satisfies {
  readonly [V in ObservedOptions["value"]]: { readonly type: CodeColumn["type"]; readonly sql: string };
};

const diseases = (
  disease: NonNullable<OmopOptions["disease"]>,
  catalog: Catalog,
  { text, below }: CodeColumns,
): RecordTable => {
  const { table } = catalog;
  const standing = conditionStanding(disease.status, catalog);
  const rows = {
    table: "condition_occurrence",
    from: `${table("condition_occurrence")} r`,
    where: () => "TRUE",
    ...(standing === undefined ? {} : { standing }),
  } as const;
  if (disease.by === "source_value") return { ...rows, code: text("DISEASE", "r.condition_source_value") };
  if (disease.by === "standard") {
    return { ...rows, code: below("DISEASE", "r.condition_concept_id", "condition_occurrence") };
  }
  const inVocabulary = (bind: Bind): string => `k.vocabulary_id = ${bind(disease.vocabulary, "text")}`;
  // A code of another vocabulary is recorded, and none of those that the mapping names.
  const code = (bind: Bind): string =>
    `CASE WHEN ${inVocabulary(bind)} THEN k.concept_code
     WHEN r.condition_source_concept_id > 0 THEN concat('concept ', r.condition_source_concept_id) END`;
  return {
    ...rows,
    from: `${rows.from} LEFT JOIN ${table("concept")} k ON k.concept_id = r.condition_source_concept_id`,
    code: text("DISEASE", code),
    concepts: inVocabulary,
  };
};
