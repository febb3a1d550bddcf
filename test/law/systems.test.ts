import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { icd10Blocks, icd10Categories, icd10Chapters } from "../../schema/codes/icd10.ts";
import type { Axis, Question } from "../../schema/wire/question.ts";
import type { BankYaml } from "../../subgraphs/mapping/bank-yaml.ts";
import { declaredInterpreter } from "../../subgraphs/serve/declared-interpreter.ts";
import { loadProduct } from "./law.ts";
import { memoryAdapter, RELEASE } from "./memory-adapter.ts";
import { PATIENTS, type Patient, patientHas, recordedAs, SLICE_ASKED } from "./slice.ts";
import { yamlOf } from "./world.ts";

const product = await loadProduct(fileURLToPath(new URL("../..", import.meta.url)));

/** Banks that hold the same kinds of patients and each write them down in systems of their own. */
const BANKS: readonly { readonly writes: readonly string[]; readonly disease: NonNullable<BankYaml["disease"]> }[] = [
  { writes: ["ICD10"], disease: { system: "ICD10", spelling: "curie" } },
  { writes: ["ORPHA", "NANBYO"], disease: { system: ["ORPHA", "NANBYO"], spelling: "curie" } },
  { writes: ["NANBYO", "ORPHA"], disease: { system: ["ORPHA", "NANBYO"], spelling: "curie" } },
  { writes: ["ONCOTREE"], disease: { system: "ONCOTREE", spelling: "curie" } },
  { writes: ["ONCOTREE", "ORPHA", "ICD10"], disease: { system: ["ICD10", "ORPHA", "ONCOTREE"], spelling: "curie" } },
  {
    writes: ["OWN"],
    disease: {
      als: { is: ["ICD10:G12.2"] },
      sma: { is: ["ORPHA:70"] },
      lung: { is: ["BBJ:1"] },
      nsclc: { is: ["ONCOTREE:NSCLC"] },
      storage: { is: ["NANBYO:19"] },
      diabetes: { is: ["ICD10:E10-E14"] },
    },
  },
];
const OWN: { readonly [code: string]: string } = {
  nsclc: "ONCOTREE:NSCLC",
  als: "ICD10:G12.2",
  sma: "ORPHA:70",
  lung: "ICD10:C34",
  storage: "NANBYO:19",
  diabetes: "ICD10:E10-E14",
};

const written = (patient: Patient, systems: readonly string[]): string | undefined =>
  systems[0] === "OWN"
    ? Object.keys(OWN).find((code) => patientHas(patient, OWN[code]!))
    : recordedAs(patient, systems);

const openings = BANKS.map(({ writes, disease }) => {
  const { yaml } = yamlOf(1);
  const complete: BankYaml = { ...yaml, disease, complete: ["disease"] };
  const mapping = product.mappingOf(complete);
  return { writes, mapping, capabilities: declaredInterpreter(mapping).capabilities };
});
const readers = openings.map(({ mapping, capabilities }) => product.interpreterOf(mapping, capabilities));

/** Asks one bank that holds these patients, each a donor without samples. */
const ask = async (bank: number, patients: readonly Patient[], codes: readonly string[], by: Axis | null) => {
  const { writes, capabilities } = openings[bank]!;
  const held = patients.flatMap((patient) => {
    const code = written(patient, writes);
    return code === undefined ? [] : [{ patient, code }];
  });
  const recorded = held.map(({ code }) => ({ values: { DISEASE: [code] }, samples: [] }));
  const unsupported = (message: string) => new product.BankError("BANK_UNSUPPORTED", "memory", message);
  const adapter = memoryAdapter(recorded, capabilities, {}, "same", { kind: "exact" }, unsupported);
  const where = codes.length === 0 ? {} : { disease: { codes } };
  const question: Question = {
    v: 1,
    where: product.canonical(product.parseWhere(where)).where,
    facets: by === null ? [] : [{ by }],
  };
  const parts = {
    interpreter: readers[bank]!,
    count: product.counter(adapter),
    disclosure: product.disclosureOf({ off: true }),
  };
  const found = await product.answer(question, parts, RELEASE, new AbortController().signal);
  if ("failure" in found) throw new Error(found.failure.message);
  return { found, held: held.map(({ patient }) => patient) };
};

test("the law holds for banks that code in different systems, whatever the question is coded in", {
  timeout: 120_000,
}, async () => {
  let exact = 0;
  let positive = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: BANKS.length - 1 }),
      fc.array(fc.constantFrom(...PATIENTS), { minLength: 1, maxLength: 12 }),
      fc.uniqueArray(fc.constantFrom(...SLICE_ASKED), { minLength: 1, maxLength: 3 }),
      async (bank, patients, codes) => {
        const { found, held } = await ask(bank, patients, codes, null);
        const truth = held.filter((patient) => codes.some((code) => patientHas(patient, code))).length;
        const { min, max } = found.donors;
        expect(min).toBeLessThanOrEqual(truth);
        expect(max).toBeGreaterThanOrEqual(truth);
        if (found.understanding[0]!.verdict === "EXACT") expect(min).toBe(max);
        if (min === max) exact += 1;
        if (truth > 0) positive += 1;
      },
    ),
    { numRuns: 1_500, seed: 20_261_122 },
  );
  expect(exact).toBeGreaterThan(500);
  expect(positive).toBeGreaterThan(150);
});

test.each([
  ["chapters", icd10Chapters],
  ["blocks", icd10Blocks],
  ["categories", icd10Categories.filter((code) => /^(?:G1|E[17]|C[35])/.test(code))],
])("a breakdown by %s of ICD-10 holds the truth at every bank", { timeout: 60_000 }, async (_, level) => {
  const values = level.map((code) => `ICD10:${code}`);
  for (const bank of BANKS.keys()) {
    const { found, held } = await ask(bank, PATIENTS, [], { field: "DISEASE", values });
    values.forEach((value, i) => {
      const truth = held.filter((patient) => patientHas(patient, value)).length;
      const { min, max } = found.facets[0]!.cells[i]!.donors;
      expect([value, min <= truth && truth <= max!]).toEqual([value, true]);
    });
  }
});

test("a bank that codes in ORPHA and numbers fills the chapters of ICD-10 by way of cross-references", async () => {
  const values = ["ICD10:G00-G99", "ICD10:E00-E90", "ICD10:C00-D49"];
  const { found } = await ask(1, PATIENTS, [], { field: "DISEASE", values });
  const [nerves, metabolism, neoplasms] = found.facets[0]!.cells.map(({ donors }) => [donors.min, donors.max]);
  expect([nerves, metabolism, neoplasms]).toEqual([
    [7, 7],
    [2, 2],
    [0, 0],
  ]);
});
