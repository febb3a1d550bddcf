import type { Facet } from "../../../schema/wire/question.ts";

/** A question and the plain statement that counts the same two ends of donors and samples: of everybody, then of each cell. */
export type MillionQuestion = {
  readonly where: object;
  readonly facets?: readonly Facet[];
  /** Rows (min donors, max donors, min samples, max samples), in the order of the cells. */
  readonly hand: string;
};

const DIABETES = { disease: { codes: ["ICD10:E10-E14"] } };
const SURE = "condition_source_value IN ('E11.9', 'E11.2', 'E10.9', 'E14.1')";
const MAYBE = "condition_source_value IN ('E11.9', 'E11.2', 'E10.9', 'E14.1', 'XXX')";
const TUBES = "(SELECT person_id, count(*) AS n FROM cdm.specimen GROUP BY 1) t";
const both = (sure: string, maybe: string): string =>
  `count(*) FILTER (WHERE ${sure}), count(*) FILTER (WHERE ${maybe}), coalesce(sum(n) FILTER (WHERE ${sure}), 0), coalesce(sum(n) FILTER (WHERE ${maybe}), 0)`;
const diagnosed = (sure: string, maybe: string): string =>
  `(SELECT person_id, bool_or(${sure}) AS sure FROM cdm.condition_occurrence WHERE ${maybe} GROUP BY 1) d`;

/** The questions that were slow in a CDM of a million persons. */
export const MILLION_QUESTIONS: { readonly [name: string]: MillionQuestion } = {
  sex: {
    where: { sex: ["FEMALE"] },
    hand: `SELECT ${both("gender_concept_id = 8532", "gender_concept_id <> 8507")} FROM cdm.person LEFT JOIN ${TUBES} USING (person_id)`,
  },
  disease: {
    where: DIABETES,
    hand: `SELECT ${both("sure", "TRUE")} FROM ${diagnosed(SURE, MAYBE)} LEFT JOIN ${TUBES} USING (person_id)`,
  },
  "no disease": {
    where: { not: DIABETES },
    hand: `SELECT ${both("d.sure IS NULL", "d.sure IS NOT TRUE")} FROM cdm.person LEFT JOIN ${diagnosed(SURE, MAYBE)} USING (person_id)
      LEFT JOIN ${TUBES} USING (person_id)`,
  },
  "disease or data": {
    where: { any: [DIABETES, { data: ["WGS"] }] },
    hand: `SELECT ${both("d.sure IS TRUE OR o.sure IS TRUE", "d.sure IS NOT NULL OR o.sure IS NOT NULL")} FROM cdm.person
      LEFT JOIN ${diagnosed(SURE, MAYBE)} USING (person_id)
      LEFT JOIN (SELECT person_id, bool_or(value_as_concept_id = 2000000301) AS sure FROM cdm.observation
        WHERE observation_concept_id = 2000000300 AND value_as_concept_id <> 2000000302 GROUP BY 1) o USING (person_id)
      LEFT JOIN ${TUBES} USING (person_id)`,
  },
  "one sample": {
    where: { sample: { type: ["PLASMA"], ageAtCollection: { from: 40, to: 59 } } },
    hand: `SELECT count(*) FILTER (WHERE a > 0), count(*), sum(a), sum(b) FROM
      (SELECT count(*) FILTER (WHERE specimen_concept_id = 2000000003 AND age BETWEEN 40 AND 59) AS a, count(*) AS b FROM
        (SELECT person_id, specimen_concept_id, extract(year FROM age(specimen_datetime, birth_datetime)) AS age
          FROM cdm.specimen JOIN cdm.person USING (person_id) WHERE specimen_concept_id NOT IN (2000000001, 2000000002, 2000000004)) s
        WHERE age BETWEEN 40 AND 59 OR age IS NULL GROUP BY person_id) g`,
  },
  "disease facet": {
    where: {},
    facets: [{ by: { field: "DISEASE", values: ["ICD10:C34", "ICD10:C50", "ICD10:E11", "ICD10:I63"] } }],
    hand: `WITH everybody AS (SELECT count(*) AS p, sum(n) AS s FROM cdm.person LEFT JOIN ${TUBES} USING (person_id)),
      coded AS (SELECT DISTINCT person_id, CASE WHEN condition_source_value = 'XXX' THEN 'XXX' ELSE left(condition_source_value, 3) END AS code
        FROM cdm.condition_occurrence WHERE condition_source_value = 'XXX' OR left(condition_source_value, 3) IN ('C34', 'C50', 'E11', 'I63')),
      cells AS (SELECT person_id, cell, bool_or(code = cell) AS sure FROM coded
        JOIN unnest('{C34,C50,E11,I63}'::text[]) AS c(cell) ON code = cell OR code = 'XXX' GROUP BY 1, 2)
      (SELECT p, p, s, s FROM everybody) UNION ALL
      (SELECT * FROM (SELECT ${both("sure", "TRUE")} FROM cells LEFT JOIN ${TUBES} USING (person_id) GROUP BY cell ORDER BY cell) o)`,
  },
  "cross table": {
    where: DIABETES,
    facets: [
      {
        by: { field: "SEX", values: ["FEMALE", "MALE"] },
        across: { field: "SAMPLE_TYPE", values: ["DNA", "RNA", "PLASMA"] },
      },
    ],
    hand: `WITH rows AS MATERIALIZED (SELECT person_id, d.sure, gender_concept_id AS g, specimen_concept_id AS t
        FROM ${diagnosed(SURE, MAYBE)} JOIN cdm.person USING (person_id) LEFT JOIN cdm.specimen USING (person_id)),
      cells AS (SELECT a.g, b.t, person_id, count(*) FILTER (WHERE sure AND r.g = a.g AND r.t = b.t) AS least, count(*) AS n
        FROM rows r JOIN (VALUES (8532, 8507), (8507, 8532)) a(g, other) ON r.g <> a.other
        JOIN (VALUES (2000000001), (2000000002), (2000000003)) b(t) ON r.t = b.t OR r.t > 2000000004 GROUP BY 1, 2, 3)
      (SELECT count(DISTINCT person_id) FILTER (WHERE sure), count(DISTINCT person_id), count(t) FILTER (WHERE sure), count(t) FROM rows)
      UNION ALL (SELECT * FROM (SELECT count(*) FILTER (WHERE least > 0), count(*), sum(least), sum(n) FROM cells
        GROUP BY g, t ORDER BY g DESC, t) o)`,
  },
};
