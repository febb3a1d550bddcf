import pg from "pg";
import { WORDS } from "../typical.ts";
import { exact, type Hand, type Span, span } from "./hand.ts";

const [DNA, PLASMA] = [2_000_000_001, 2_000_000_004];
const LUNG = "(condition_source_value = 'C34' OR condition_source_value LIKE 'C34.%')";

/** One plain SQL statement for each question, over one connection of `pg` to the same server. */
export const omopHand = async (url: string): Promise<Hand> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("SET search_path = cdm");
  const rows = async (sql: string) => (await client.query<unknown[]>({ text: sql, rowMode: "array" })).rows;
  const both = async (sql: string): Promise<readonly Span[]> => ((await rows(sql))[0] ?? []).map(exact);
  const ends = async (sql: string): Promise<readonly Span[]> => {
    const [leastDonors, mostDonors, leastSamples, mostSamples] = (await rows(sql))[0] ?? [];
    return [span(leastDonors, mostDonors), span(leastSamples, mostSamples)];
  };

  return {
    sex: () =>
      ends(`SELECT count(*) FILTER (WHERE gender_concept_id = 8532), count(*) FILTER (WHERE gender_concept_id <> 8507),
          sum(n) FILTER (WHERE gender_concept_id = 8532), sum(n) FILTER (WHERE gender_concept_id <> 8507)
        FROM person LEFT JOIN (SELECT person_id, count(*) AS n FROM specimen GROUP BY 1) s USING (person_id)`),
    disease: () =>
      both(`WITH w AS (SELECT DISTINCT person_id FROM condition_occurrence WHERE ${LUNG})
        SELECT (SELECT count(*) FROM w), (SELECT count(*) FROM specimen JOIN w USING (person_id))`),
    "two samples": () =>
      both(`SELECT count(*), sum(n) FROM (SELECT count(*) AS n FROM specimen
        WHERE specimen_concept_id IN (${DNA}, ${PLASMA}) GROUP BY person_id
        HAVING bool_or(specimen_concept_id = ${DNA}) AND bool_or(specimen_concept_id = ${PLASMA})) g`),
    "one sample": () =>
      ends(`SELECT count(*) FILTER (WHERE a > 0), count(*), sum(a), sum(b) FROM
        (SELECT count(age) AS a, count(*) AS b FROM
          (SELECT person_id, extract(year FROM age(specimen_datetime, birth_datetime)) AS age
            FROM specimen JOIN person USING (person_id) WHERE specimen_concept_id = ${PLASMA}) s
          WHERE age BETWEEN 40 AND 59 OR age IS NULL GROUP BY person_id) g`),
    not: () =>
      both(`WITH w AS MATERIALIZED (SELECT person_id FROM person p WHERE NOT EXISTS
          (SELECT FROM condition_occurrence c WHERE c.person_id = p.person_id AND ${LUNG}))
        SELECT (SELECT count(*) FROM w), (SELECT count(*) FROM specimen JOIN w USING (person_id))`),
    "disease facet": async () => {
      const codes = WORDS.omop.diseases.map((code) => code.replace("ICD10:", ""));
      const found = await rows(`SELECT NULL, (SELECT count(*) FROM person), (SELECT count(*) FROM specimen)
        UNION ALL SELECT code, count(*), sum(n) FROM
          (SELECT DISTINCT person_id, left(condition_source_value, 3) AS code FROM condition_occurrence
            WHERE left(condition_source_value, 3) IN (${codes.map((code) => `'${code}'`).join(", ")})) d
          LEFT JOIN (SELECT person_id, count(*) AS n FROM specimen GROUP BY 1) s USING (person_id) GROUP BY 1`);
      const cells = new Map(found.map(([code, ...counts]) => [code, counts]));
      return [null, ...codes].flatMap((code) => cells.get(code) ?? [0, 0]).map(exact);
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
};
