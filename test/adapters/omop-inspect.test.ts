import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkBank } from "../../subgraphs/check/check-bank.ts";
import { newFolder } from "../folder.ts";
import { type Postgres, startPostgres } from "../postgres.ts";
import { connect, writeCdm } from "./omop-bank.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

const donorOf = (sex: string, diseases: readonly string[], types: readonly string[]) => ({
  values: { SEX: [sex], DISEASE: diseases },
  samples: types.map((type) => ({ values: { SAMPLE_TYPE: [type] }, age: 40, year: 2018 })),
});
/** Two records of donor 1 and one of donor 3 have codes that the mapping does not know. */
const DONORS = [
  donorOf("F", ["E11", "X", "Y"], ["P"]),
  donorOf("M", ["E11", "I10"], ["P", "D"]),
  donorOf("F", ["X"], []),
  donorOf("", [], ["Q"]),
];

const YAML = (adapter: string): string => `id: cdm
name: CDM Bank
contact: { name: Office, email: office@cdm.example }
size: { donors: 100, samples: 200 }
adapter: { kind: omop, ${adapter}, disease: { by: source_value }, sex: source_value, sampleType: { by: source_value, part: { separator: "|", number: 1 } } }
disease: { E11: "ICD10:E11", I10: "ICD10:I10" }
sex: { M: MALE, F: FEMALE }
sampleType: { P: PLASMA, D: DNA }
disclosure: { off: true }
`;

const check = async (adapter: string) => {
  const file = join(await newFolder(), "bank.yaml");
  await writeFile(file, YAML(adapter));
  return checkBank(file, {});
};

test("a CDM is told by records and persons, with its unmapped values and rows of nobody", async () => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(client, DONORS);
  await client.query("UPDATE cdm.specimen SET person_id = 99 WHERE person_id = 4");
  const { findings, coverage, everything, checked } = await check(`url: "${url}", cancel: abandon`);
  const of = (field: string) => coverage.find((each) => each.field === field);
  expect(of("DISEASE")).toMatchObject({
    mapped: { rows: 3, donors: 2 },
    unmapped: { rows: 3, donors: 2 },
    values: [
      { value: "X", rows: 2, donors: 2 },
      { value: "Y", rows: 1, donors: 1 },
    ],
  });
  expect(of("SEX")).toMatchObject({ mapped: { donors: 3 }, unmapped: { donors: 0 }, absent: { donors: 1 } });
  expect(of("SAMPLE_TYPE")).toMatchObject({ mapped: { rows: 3, donors: 2 }, unmapped: { rows: 1, donors: 1 } });
  expect(findings.find(({ id }) => id === "data.orphans")).toMatchObject({
    level: "WARNING",
    got: "1 rows of others, such as person_id 99",
  });
  expect(findings.find(({ id }) => id === "mapping.unmapped")).toMatchObject({
    line: 6,
    got: '3 records of 2 donors: "X" in 2, "Y" in 1',
  });
  expect(everything.donors).toBe(4);
  expect(checked).toBe(true);
});

test("a role that there is not is refused; a table that is not there is named", async () => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(client, DONORS);
  const stranger = new URL(url);
  stranger.username = "stranger";
  const refused = await check(`url: "${stranger.href}"`);
  expect(refused.findings.map(({ id }) => id)).toEqual(["source.refused", "not-checked"]);
  expect(refused.checked).toBe(false);
  await client.query("ALTER TABLE cdm.condition_occurrence RENAME TO elsewhere");
  const { findings } = await check(`url: "${url}", cancel: abandon`);
  const broken = findings
    .filter(({ id }) => id === "source.broken")
    .map(({ wanted, got, at }) => ({ wanted, got, at }));
  expect(broken).toContainEqual({ wanted: "a table condition_occurrence", got: "a missing table (42P01)", at: null });
});
