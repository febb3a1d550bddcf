import { type DonorField, FIELDS, type FieldName, type SampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import type { ObservedOptions, OmopOptions } from "./options.ts";
import type { Bind } from "./statement.ts";

/** Writes SQL over the rows named by the aliases `p` (person), `s` (specimen) and `r` (a record). */
type Write = (bind: Bind) => string;

/**
 * A column that holds a local code. `raw` may be NULL; `whole` never is, and stands for a missing value by one of `none`.
 * With `below`, a mapped concept stands for itself and all concepts below it: `mapped` is all of them.
 */
export type CodeColumn = {
  readonly type: "int" | "text";
  readonly raw: Write;
  readonly whole: Write;
  readonly none: readonly string[];
  readonly below?: { readonly ancestors: string; readonly mapped: ReadonlySet<string> };
};

/**
 * A number, NULL where it is missing. `between` tests the range, both ends included, where that is quicker. `halves`: a value
 * may be n + 0.5 (see FieldCapability.halves).
 */
export type NumberColumn = {
  readonly value: Write;
  readonly halves: boolean;
  readonly between?: (from: number | null, to: number | null, bind: Bind) => string;
  /** It is reckoned from the donor's birth. */
  readonly ofBirth: boolean;
};

/** Records of a donor: rows of `from` (alias r), with a person_id and a code. */
export type RecordTable = { readonly from: string; readonly where: Write; readonly code: CodeColumn };

/** Where the CDM holds each field that the options name. */
export type OmopFields = {
  /** Gives a qualified name of a CDM table. */
  readonly table: (name: string) => string;
  /** The specimens of known persons, as rows `s`. */
  readonly specimens: string;
  readonly donor: ReadonlyMap<DonorField, CodeColumn | RecordTable>;
  readonly sample: ReadonlyMap<SampleField, CodeColumn | NumberColumn>;
};

export const isRecordTable = (place: CodeColumn | RecordTable): place is RecordTable => "from" in place;
/** The type by which numbers of the column are compared. */
export const numberType = ({ halves }: NumberColumn): "int" | "float8" => (halves ? "float8" : "int");

export const isNumberColumn = (place: CodeColumn | NumberColumn): place is NumberColumn => "value" in place;

/** Finds the place of every field. `required`: columns that the database keeps from being NULL (see requiredSql). */
export const omopFields = (
  options: OmopOptions,
  mapping: MappedCodes,
  required: ReadonlySet<string> = new Set(),
): OmopFields => {
  const table = (name: string): string => `"${options.schema}".${name}`;
  const columns = codeColumns(table, mapping, required);
  const { concept, text, below } = columns;
  const observation = (field: FieldName, { concepts, value }: ObservedOptions): RecordTable => ({
    from: `${table("observation")} r`,
    where: (bind) => `r.observation_concept_id = ANY(${bind(concepts, "int[]")})`,
    code: OBSERVED[value].type === "int" ? concept(field, OBSERVED[value].sql) : text(field, OBSERVED[value].sql),
  });

  const donor = new Map<DonorField, CodeColumn | RecordTable>();
  const sample = new Map<SampleField, CodeColumn | NumberColumn>();
  const { disease, centre, sampleType, sampleOrigin, storage, age } = options;

  if (disease !== undefined) donor.set("DISEASE", diseases(disease, table, columns));
  const bySex = options.sex === "concept";
  donor.set("SEX", bySex ? concept("SEX", "p.gender_concept_id") : text("SEX", "p.gender_source_value"));
  for (const [name, field] of Object.entries(OBSERVED_FIELDS)) {
    const observed = options[name as keyof typeof OBSERVED_FIELDS];
    if (observed === undefined) continue;
    const always = (code: string) => text(field, (bind) => bind(code, "text"));
    donor.set(field, "always" in observed ? always(observed.always) : observation(field, observed));
  }
  if (centre === "care_site_id") donor.set("CENTRE", concept("CENTRE", "p.care_site_id"));
  if (centre === "care_site_source_value") {
    const name = `(SELECT c.care_site_source_value FROM ${table("care_site")} c WHERE c.care_site_id = p.care_site_id)`;
    donor.set("CENTRE", text("CENTRE", name));
  }

  if (sampleType?.by === "concept") {
    sample.set("SAMPLE_TYPE", (sampleType.descendants ? below : concept)("SAMPLE_TYPE", "s.specimen_concept_id"));
  }
  if (sampleType?.by === "source_value") sample.set("SAMPLE_TYPE", text("SAMPLE_TYPE", sourceValue(sampleType)));
  if (sampleOrigin === "concept") {
    sample.set("SAMPLE_ORIGIN", concept("SAMPLE_ORIGIN", "s.disease_status_concept_id"));
  }
  if (sampleOrigin === "source_value") {
    sample.set("SAMPLE_ORIGIN", text("SAMPLE_ORIGIN", "s.disease_status_source_value"));
  }
  if (storage !== undefined) sample.set("STORAGE", text("STORAGE", sourceValue(storage)));
  const noYears = (mapping.COLLECTED_YEAR?.absent ?? []).filter((mark) => /^\d{4}$/.test(mark));
  sample.set("COLLECTED_YEAR", collectedYear(noYears.map(Number)));
  if (age !== undefined) sample.set("AGE_AT_COLLECTION", ageAtCollection(age, noYears.map(Number)));
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

/**
 * Columns of concepts, of texts, and of concepts that stand for all below them too. Concept 0, '' and NULL mean that an
 * attribute or a sample's type is missing. Of a donor's records they mean one whose code is not mapped: the row is there.
 */
const codeColumns = (table: OmopFields["table"], mapping: MappedCodes, required: ReadonlySet<string>) => {
  const noneOf = (field: FieldName, mark: string): readonly string[] => [
    ...(FIELDS[field].of === "donor" && FIELDS[field].kind === "record" ? [] : [mark]),
    ...(mapping[field]?.absent ?? []),
  ];
  // Kept as it is where it is never NULL, so that an index on it can be used.
  const concept = (field: FieldName, sql: string): CodeColumn => ({
    type: "int",
    raw: () => sql,
    whole: () => (required.has(sql) ? sql : `coalesce(${sql}, 0)`),
    none: noneOf(field, "0"),
  });
  const text = (field: FieldName, sql: string | Write): CodeColumn => {
    const raw = typeof sql === "string" ? () => sql : sql;
    return { type: "text", raw, whole: (bind) => `coalesce(${raw(bind)}, '')`, none: noneOf(field, "") };
  };
  const below = (field: FieldName, sql: string): CodeColumn => ({
    ...concept(field, sql),
    below: { ancestors: table("concept_ancestor"), mapped: new Set(mapping[field]?.codes) },
  });
  return { concept, text, below };
};

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
  table: OmopFields["table"],
  { text, below }: ReturnType<typeof codeColumns>,
): RecordTable => {
  const from = `${table("condition_occurrence")} r`;
  const where = () => "TRUE";
  if (disease.by === "source_value") return { from, where, code: text("DISEASE", "r.condition_source_value") };
  if (disease.by === "standard") {
    return { from, where, code: below("DISEASE", "r.condition_concept_id") };
  }
  // A code of another vocabulary is recorded, and none of those that the mapping names.
  const inVocabulary = (bind: Bind): string =>
    `CASE WHEN k.vocabulary_id = ${bind(disease.vocabulary, "text")} THEN k.concept_code
     WHEN r.condition_source_concept_id > 0 THEN concat('concept ', r.condition_source_concept_id) END`;
  return {
    from: `${from} LEFT JOIN ${table("concept")} k ON k.concept_id = r.condition_source_concept_id`,
    where,
    code: text("DISEASE", inVocabulary),
  };
};

const sourceValue = ({ part }: NonNullable<OmopOptions["storage"]>): Write => {
  if (part === undefined) return () => "s.specimen_source_value";
  return (bind) => `split_part(s.specimen_source_value, ${bind(part.separator, "text")}, ${bind(part.number, "int")})`;
};

/** specimen_date is never NULL: a date that is not known stands as one in a year that the mapping calls absent. */
const isDated = (noYears: readonly number[], bind: Bind): string =>
  noYears.length === 0 ? "TRUE" : `date_part('year', s.specimen_date)::int <> ALL(${bind(noYears, "int[]")})`;

const collectedYear = (noYears: readonly number[]): NumberColumn => {
  const year = "date_part('year', s.specimen_date)::int";
  const day = (n: number, monthAndDay: string): string =>
    `${String(Math.min(9999, Math.max(1, n))).padStart(4, "0")}-${monthAndDay}`;
  return {
    ofBirth: false,
    halves: false,
    value: (bind) => (noYears.length === 0 ? year : `CASE WHEN ${isDated(noYears, bind)} THEN ${year} END`),
    between(from, to, bind) {
      const ends = [
        ...(from === null ? [] : [`s.specimen_date >= ${bind(day(from, "01-01"), "date")}`]),
        ...(to === null ? [] : [`s.specimen_date <= ${bind(day(to, "12-31"), "date")}`]),
      ];
      const inside = noYears.some((n) => (from === null || n >= from) && (to === null || n <= to));
      const conditions = inside ? [...ends, isDated(noYears, bind)] : ends;
      return conditions.length === 0 ? "TRUE" : conditions.join(" AND ");
    },
  };
};

const ageAtCollection = (age: NonNullable<OmopOptions["age"]>, noYears: readonly number[]): NumberColumn => {
  if (age.by === "source_value") {
    const text = sourceValue(age);
    return { ofBirth: false, halves: false, value: (bind) => `substring(${text(bind)} FROM '^[0-9]{1,3}$')::int` };
  }
  const years = age.by === "year_of_birth" ? ageByYear("s.specimen_date") : ageByDay(`s.${age.at}`);
  const dated = (bind: Bind) => isDated(noYears, bind);
  return {
    ofBirth: true,
    halves: true,
    value: (bind) => (noYears.length === 0 ? years : `CASE WHEN ${dated(bind)} THEN ${years} END`),
  };
};

/** The age by years alone: their difference, or a year less, which is a half. It is 0 in the year of birth, and NULL before. */
const ageByYear = (at: string): string => {
  const years = `(date_part('year', ${at}) - p.year_of_birth)`;
  return `CASE WHEN ${years} > 0 THEN ${years} - 0.5 WHEN ${years} = 0 THEN 0 END`;
};

/** A birth_datetime whose month or day stands in no column of its own was made up of those that do. */
const ageByDay = (at: string): string => `CASE
  WHEN p.birth_datetime IS NULL OR p.month_of_birth IS NULL
    OR (p.day_of_birth IS NULL AND date_part('month', ${at}) = p.month_of_birth) THEN ${ageByYear(at)}
  WHEN ${at}::date >= p.birth_datetime::date THEN date_part('year', age(${at}::date, p.birth_datetime::date)) END`;
