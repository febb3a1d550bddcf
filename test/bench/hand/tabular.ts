import { DuckDBInstance } from "@duckdb/node-api";
import { WORDS } from "../typical.ts";
import { exact, type Hand, type Span, span } from "./hand.ts";

const TABLES = ["donors", "diseases", "samples"];
/** Target diseases in the order of the facet. */
const TARGETS: { readonly [code: string]: string } = {
  "ICD10:C34": "1",
  "ICD10:C15": "2",
  "ICD10:C16": "3",
  "ICD10:C25": "6",
  "ICD10:C61": "8",
  "ICD10:C50": "9",
  "ICD10:C53": "10",
  "ICD10:C56": "12",
  "ICD10:I63": "14",
};

/** DuckDB over the same Parquet files, loaded into memory as they are, one plain statement for each question. */
export const tabularHand = async (folder: string): Promise<Hand> => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const table of TABLES) await connection.run(`CREATE TABLE ${table} AS FROM '${folder}/${table}.parquet'`);
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  const row = async (sql: string) => (await rows(sql))[0] ?? [];
  const both = async (sql: string): Promise<readonly Span[]> => (await row(sql)).map(exact);
  const ends = async (sql: string): Promise<readonly Span[]> => {
    const [leastDonors, mostDonors, leastSamples, mostSamples] = await row(sql);
    return [span(leastDonors, mostDonors), span(leastSamples, mostSamples)];
  };

  return {
    sex: () =>
      ends(`SELECT count(*) FILTER (sex = '2'), count(*) FILTER (sex IS NULL OR sex <> '1'),
          sum(n) FILTER (sex = '2'), sum(n) FILTER (sex IS NULL OR sex <> '1')
        FROM donors LEFT JOIN (SELECT donor_id, count(*) AS n FROM samples GROUP BY 1) USING (donor_id)`),
    disease: () =>
      both(`WITH w AS MATERIALIZED (SELECT DISTINCT donor_id FROM diseases WHERE target_disease = '33')
        SELECT (SELECT count(*) FROM w), (SELECT count(*) FROM samples SEMI JOIN w USING (donor_id))`),
    "two samples": () =>
      both(`SELECT count(*), sum(n) FROM (SELECT donor_id, count(*) AS n FROM samples WHERE kind IN ('S', 'D')
        GROUP BY 1 HAVING bool_or(kind = 'S') AND bool_or(kind = 'D'))`),
    "one sample": () =>
      ends(`SELECT count(*) FILTER (a > 0), count(*), sum(a), sum(b)
        FROM (SELECT count(*) FILTER (age IS NOT NULL) AS a, count(*) AS b FROM samples
          WHERE kind = 'S' AND (age BETWEEN 40 AND 59 OR age IS NULL) GROUP BY donor_id)`),
    not: () =>
      both(`WITH w AS MATERIALIZED (SELECT donor_id FROM donors
          ANTI JOIN (SELECT donor_id FROM diseases WHERE target_disease = '33') USING (donor_id))
        SELECT (SELECT count(*) FROM w), (SELECT count(*) FROM samples SEMI JOIN w USING (donor_id))`),
    "disease facet": async () => {
      const targets = WORDS.tabular.diseases.map((code) => TARGETS[code]);
      const [totals, cells] = await Promise.all([
        row("SELECT (SELECT count(*) FROM donors), (SELECT count(*) FROM samples)"),
        rows(`SELECT target_disease, count(*), sum(n)
          FROM (SELECT DISTINCT donor_id, target_disease FROM diseases
            WHERE target_disease IN (${targets.map((target) => `'${target}'`).join(", ")}))
          LEFT JOIN (SELECT donor_id, count(*) AS n FROM samples GROUP BY 1) USING (donor_id) GROUP BY 1`),
      ]);
      const found = new Map(cells.map(([target, ...counts]) => [target, counts]));
      return [...totals, ...targets.flatMap((target) => found.get(target ?? "") ?? [0, 0])].map(exact);
    },
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
    },
  };
};
