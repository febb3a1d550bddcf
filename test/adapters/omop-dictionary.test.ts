import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canonical } from "../../schema/canonical.ts";
import { parseWhere } from "../../schema/parse.ts";
import type { Question } from "../../schema/wire/question.ts";
import { answer } from "../../subgraphs/answer/answer.ts";
import { checkBank } from "../../subgraphs/check/check-bank.ts";
import { counter } from "../../subgraphs/count/counter.ts";
import { disclosureOf } from "../../subgraphs/disclose/disclose.ts";
import { readBank } from "../../subgraphs/serve/open.ts";
import { interpreterOf } from "../../subgraphs/understand/interpret.ts";
import { newFolder } from "../folder.ts";
import { type Postgres, startPostgres } from "../postgres.ts";
import { connect, writeCdm } from "./omop-bank.ts";

const NEVER = new AbortController().signal;

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

const bank = async (codes: readonly string[], adapter: string, mapping: string) => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(
    client,
    codes.map((code) => ({ values: { DISEASE: [code] }, samples: [] })),
  );
  await client.query("UPDATE cdm.condition_occurrence SET condition_status_source_value = NULL");
  const file = join(await newFolder(), "bank.yaml");
  await writeFile(
    file,
    `id: cdm
name: CDM Bank
contact: { name: Office, email: office@cdm.example }
size: { donors: 100, samples: 200 }
adapter: { kind: omop, url: "${url}", ${adapter} }
${mapping}
complete: [disease]
disclosure: { off: true }
`,
  );
  return { file, client };
};

/** Donors of each code: fewest and most. */
const asked = async (file: string, codes: readonly string[]): Promise<readonly string[]> => {
  const { mapping, openAdapter } = await readBank(file, {});
  await using adapter = await openAdapter(NEVER);
  const interpreter = interpreterOf(mapping, adapter.capabilities);
  const parts = { interpreter, count: counter(adapter), disclosure: disclosureOf({ off: true }) };
  const release = await adapter.release(NEVER);
  const told: string[] = [];
  for (const code of codes) {
    const { where } = canonical(parseWhere({ disease: { codes: [`ICD10:${code}`] } }));
    const found = await answer({ v: 1, where, facets: [] } as Question, parts, release, NEVER);
    told.push("failure" in found ? found.failure.message : `${found.donors.min}..${found.donors.max}`);
  }
  return told;
};

// Codes of ICD-10-CM had no spelling: nothing was found of what people have.
test("codes of ICD-10-CM are read by their category", async () => {
  const codes = ["E11.319", "E11.9", "e1165", "E10", "J45.909", "Z79.4"];
  const mapping = "disease: { system: ICD10, spelling: cm }";
  const { file, client } = await bank(codes, "disease: { by: source_value }", mapping);
  expect(await asked(file, ["E11", "E10-E14", "J45", "E11.3", "J45.0", "I10", "E11.9"])).toEqual([
    "3..3",
    "4..4",
    "1..1",
    "0..3",
    "0..1",
    "0..0",
    "0..3",
  ]);
  const { coverage } = await checkBank(file, {});
  expect(coverage.find(({ field }) => field === "DISEASE")).toMatchObject({
    mapped: { rows: 6 },
    unmapped: { rows: 0 },
  });
  // A code that cannot be read may be any of them, whatever `complete` warrants.
  await client.query("UPDATE cdm.condition_occurrence SET condition_source_value = 'E11;E10' WHERE person_id = 3");
  expect(await asked(file, ["E11", "I10"])).toEqual(["2..3", "0..1"]);

  await client.query(`INSERT INTO cdm.concept (concept_id, concept_name, domain_id, vocabulary_id, concept_class_id, concept_code,
      valid_start_date, valid_end_date)
    VALUES (7, 'x', 'Condition', 'ICD10CM', 'x', 'E11.319', '1970-01-01', '2099-12-31'),
      (8, 'x', 'Condition', 'ICD9CM', 'x', '250.00', '1970-01-01', '2099-12-31');
    UPDATE cdm.condition_occurrence SET condition_source_concept_id = CASE WHEN person_id < 3 THEN 7 ELSE 8 END`);
  const text = `disease: { by: source_concept, vocabulary: ICD10CM }`;
  const { file: byConcept } = await bank([], text, mapping);
  await writeFile(byConcept, (await readText(byConcept)).replace(/url: "[^"]*"/, `url: "${urlOf(client.database!)}"`));
  expect(await asked(byConcept, ["E11", "I10"]), "of ICD-9-CM it is any").toEqual(["2..6", "0..4"]);
});

const readText = async (file: string): Promise<string> => (await import("node:fs/promises")).readFile(file, "utf8");
const urlOf = (database: string): string => {
  const url = new URL(postgres.url);
  url.pathname = `/${database}`;
  return url.href;
};

test("local codes may be beginnings, and ranges of them", async () => {
  const codes = ["250.00", "250.41", "2509", "401.9", "402", "403.1", "404", "25", "X"];
  const mapping = `disease: { "250*": "ICD10:E10-E14", "250.4*": "ICD10:E11.2", "401-403*": "ICD10:I10-I15", "2509": "ICD10:E14", "25": "ICD10:A00", "404": "ICD10:I13", X: "ICD10:Z00" }`;
  const { file } = await bank(codes, "disease: { by: source_value }, patterns: true", mapping);
  expect(await asked(file, ["E10-E14", "E11.2", "I10-I15", "A00", "E14"])).toEqual([
    "3..3",
    "1..2",
    "4..4",
    "1..1",
    "1..2",
  ]);
  const { file: letters } = await bank(codes, "disease: { by: source_value }", mapping);
  expect(await asked(letters, ["E11.2"]), "as they stand without the option").toEqual(["0..5"]);
});

test("ICD-10-CM is refused where codes are compared letter by letter", async () => {
  const { file } = await bank([], "disease: { by: standard }", "disease: { system: ICD10, spelling: cm }");
  await expect(readBank(file, {})).rejects.toThrow(/spelling.*letter by letter, got cm/);
});
