import pg from "pg";
import type { RecordedDonor } from "../donor.ts";
import { population, recorded } from "../population.ts";
import { RELEASES, type ReleaseNumber } from "../releases.ts";
import { yielding } from "../yielding.ts";
import { type CdmTable, cdmWriter } from "./cdm.ts";
import { ICD10 } from "./concepts.ts";
import { addDonors, SCHEMA } from "./load.ts";

/** The tables with rows of a donor, and the id column of each. */
const OF_PERSON = {
  person: "person_id",
  observation_period: "observation_period_id",
  condition_occurrence: "condition_occurrence_id",
  observation: "observation_id",
  specimen: "specimen_id",
} as const satisfies { readonly [T in CdmTable]?: string };

/**
 * Changes a database from one of NCBN's releases to another in one transaction: deletes the donors who withdrew, adds the new
 * ones and updates `cdm_source`. Does nothing where the release is there.
 */
export const publishNcbn = async (url: string, size: number, release: ReleaseNumber): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const rowsOf = async (sql: string, values: readonly unknown[] = []): Promise<readonly unknown[][]> =>
    (await client.query({ text: sql, values: [...values], rowMode: "array" })).rows as unknown[][];
  const current = `SELECT cdm_etl_reference FROM ${SCHEMA}.cdm_source`;
  const { number, date } = RELEASES[release];
  try {
    if ((await rowsOf(current))[0]?.[0] === number) return;
    const { leaving, coming } = await changesTo(size, release);
    await client.query("BEGIN");
    if ((await rowsOf(`${current} FOR UPDATE`))[0]?.[0] !== number) {
      const withdrawn = `SELECT person_id FROM ${SCHEMA}.person WHERE person_source_value = ANY($1)`;
      const persons = (await rowsOf(withdrawn, [leaving])).map(([id]) => Number(id));
      for (const table of Object.keys(OF_PERSON)) {
        await rowsOf(`DELETE FROM ${SCHEMA}.${table} WHERE person_id = ANY($1)`, [persons]);
      }
      const codes = await rowsOf(
        `SELECT concept_code FROM ${SCHEMA}.concept WHERE vocabulary_id = $1 ORDER BY concept_id`,
        [ICD10],
      );
      const last: { [T in CdmTable]?: number } = {};
      for (const [table, id] of Object.entries(OF_PERSON)) {
        const [row] = await rowsOf(`SELECT coalesce(max(${id}), 0) FROM ${SCHEMA}.${table}`);
        last[table as CdmTable] = Number(row?.[0]);
      }
      await addDonors(cdmWriter(rowsOf, SCHEMA), coming, { codes: codes.map(([code]) => String(code)), last });
      await rowsOf(
        `UPDATE ${SCHEMA}.cdm_source SET cdm_etl_reference = $1, source_release_date = $2::date, cdm_release_date = $2::date`,
        [number, date],
      );
    }
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
};

/** The donors who are only in the other release, and those who are only in this one; made before the transaction begins. */
const changesTo = async (
  size: number,
  release: ReleaseNumber,
): Promise<{ readonly leaving: readonly string[]; readonly coming: readonly RecordedDonor[] }> => {
  const leaving = new Set<string>();
  for await (const { id } of yielding(population("ncbn", { size, release: release === 1 ? 2 : 1 }))) leaving.add(id);
  const coming: RecordedDonor[] = [];
  for await (const donor of yielding(population("ncbn", { size, release }))) {
    if (!leaving.delete(donor.id)) coming.push(recorded("ncbn", donor));
  }
  return { leaving: [...leaving], coming };
};
