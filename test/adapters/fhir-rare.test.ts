import { readFile } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { fhir } from "../../adapters/fhir.ts";
import type { LocalQuestion } from "../../adapters/local.ts";
import { population, recorded } from "../../sandbox/population.ts";
import { fhirDonor } from "../../sandbox/rare/donors.ts";
import { fhirServer } from "../../sandbox/rare/server.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { mappedCodes } from "../../subgraphs/serve/open.ts";
import { code, has, is, question, range, sample } from "./questions.ts";

const NEVER = new AbortController().signal;
const FILE = "subgraphs/banks/rare/bank.yaml";

test("the repository's bank.yaml fits its server, field by field", { timeout: 30_000 }, async () => {
  const records = Array.from(population("rare", { size: 0.1 }), (donor) => recorded("rare", donor));
  const server = fhirServer(records.map(fhirDonor), { release: { number: "2026.1", date: "2026-04-01" } });
  const url = await server.listen(0);
  onTestFinished(() => server.close());
  const mapping = parseMapping(await readFile(FILE, "utf8"), FILE, { ODAN_RARE_URL: url });
  const options = fhir.options.parse(mapping.yaml.adapter);
  await using adapter = await fhir.open(
    options,
    mappedCodes(mapping),
    { bank: "rare", folder: ".", env: process.env },
    NEVER,
  );
  expect(
    Object.entries(adapter.capabilities.fields).map(([field, { on, several }]) => [field, on.length, several]),
  ).toEqual([
    ["DISEASE", 2, true],
    ["SEX", 2, true],
    ["COHORT", 2, true],
    ["FAMILY", 2, true],
    ["PROGRAMME", 2, true],
    ["DATA", 2, true],
    ["USE", 2, true],
    ["SAMPLE_TYPE", 2, true],
    ["AGE_AT_COLLECTION", 2, true],
    ["COLLECTED_YEAR", 2, true],
  ]);

  const [curie = ""] = records.flatMap(({ diagnoses }) => diagnoses.filter((one) => one.startsWith("NANBYO:")));
  const donors = (test: (donor: (typeof records)[number]) => boolean) => records.filter(test).length;
  const wanted: readonly (readonly [LocalQuestion, number])[] = [
    [question([]), records.length],
    [question([has("SEX", code("female"))]), donors(({ sex }) => sex === "FEMALE")],
    [question([has("DISEASE", code(curie, "ORPHA:0"))]), donors(({ diagnoses }) => diagnoses.includes(curie))],
    [
      question([has("PROGRAMME", code("rare-disease-wgs-fy2021")), has("FAMILY", code("trio"))]),
      donors(({ family, programmes }) => family === "TRIO" && programmes.includes("PROGRAMME:RARE_DISEASE_WGS_FY2021")),
    ],
    [
      question([sample(is("SAMPLE_TYPE", code("csf"))), has("USE", code("commercial"))]),
      donors(({ samples, uses }) => uses.includes("COMMERCIAL") && samples.some(({ type }) => type === "CSF")),
    ],
    [
      question([sample(is("AGE_AT_COLLECTION", range(60, null)))]),
      donors(({ samples }) => samples.some(({ age }) => age !== null && age >= 60)),
    ],
  ];
  const asked = wanted.map(([one]) => ({ ...one, only: "DONORS" as const }));
  const got = await adapter.count(asked, await adapter.release(NEVER), NEVER);
  expect(got).toMatchObject(wanted.map(([, count]) => ({ donors: { min: count, max: count } })));
  for (const [, count] of wanted) expect(count).toBeGreaterThan(0);
});
