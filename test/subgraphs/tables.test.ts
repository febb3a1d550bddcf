import { describe, expect, test } from "vitest";
import type { Capabilities, LocalQuestion, Logic } from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import { icd10Blocks, icd10Categories, icd10Chapters } from "../../schema/codes/icd10.ts";
import { FIELD_NAMES } from "../../schema/fields.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { Facet } from "../../schema/wire/question.ts";
import { answer } from "../../subgraphs/answer/answer.ts";
import { counter } from "../../subgraphs/count/counter.ts";
import { disclosureOf } from "../../subgraphs/disclose/disclose.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { interpreterOf } from "../../subgraphs/understand/interpret.ts";
import type { LocalDonor } from "../adapters/evaluate.ts";
import { memoryAdapter, RELEASE } from "../law/memory-adapter.ts";

const YAML = `id: small
name: Small Bank
contact: { name: Office, email: office@small.example }
size: { donors: 5000, samples: 40000, samplesPerDonor: 10 }
adapter: { kind: memory }
complete: [disease, sex, sampleType, storage]
sex: { F: FEMALE, M: MALE }
DISEASE
sampleType: { d: DNA, s: SERUM }
storage: { cold: MINUS_80, warm: ROOM }
disclosure: { off: true }
`;
const OWN_CODES = `disease: { a: ["ICD10:E10", "ICD10:E11"], b: "ICD10:C34", c: "ICD10:E11", d: "ICD10:C22-C24" }`;
const IN_ICD10 = `disease: { system: ICD10, spelling: dotted }`;

const sample = (type: string, storage: string, year: number) => ({
  values: { SAMPLE_TYPE: [type], STORAGE: [storage] },
  age: 40,
  year,
});
const donor = (diseases: readonly string[], sex: string, samples: LocalDonor["samples"]): LocalDonor => ({
  values: { DISEASE: diseases, SEX: [sex] },
  samples,
});
const DONORS = [
  donor(["a", "b"], "F", [sample("d", "cold", 2010), sample("s", "warm", 2015)]),
  donor(["c"], "M", [sample("d", "cold", 2012)]),
  donor(["a", "d"], "F", [sample("s", "cold", 2014), sample("d", "warm", 2014)]),
  donor([], "M", []),
];

const capabilities = (logic: Logic["logic"], sampleAnd?: "any"): Capabilities => {
  const able = { on: ["DONORS", "SAMPLES"], rest: logic === "boolean", several: logic === "boolean" } as const;
  return {
    counts: ["DONORS", "SAMPLES"],
    donors: { logic, ...(sampleAnd === undefined ? {} : { sampleAnd }) },
    samples: { logic, ...(sampleAnd === undefined ? {} : { sampleAnd: "same" }) },
    fields: Object.fromEntries(FIELD_NAMES.map((field) => [field, able])),
    facets: logic === "boolean" ? FIELD_NAMES : [],
  };
};
const KINDS: readonly (readonly [string, Capabilities])[] = [
  ["an engine that groups", capabilities("boolean")],
  ["an API that knows AND only", capabilities("and", "any")],
];

/** A bank that is asked, and the local questions that it was asked. */
const bankOf = (disease: string, able: Capabilities) => {
  const mapping = parseMapping(YAML.replace("DISEASE", disease), "bank.yaml", {});
  const adapter = memoryAdapter(
    DONORS,
    able,
    {},
    "any",
    { kind: "exact" },
    (message) => new BankError("BANK_UNSUPPORTED", "memory", message),
  );
  const asked: LocalQuestion[] = [];
  const count = counter({
    ...adapter,
    count: (questions, asOf, signal) => {
      asked.push(...questions);
      return adapter.count(questions, asOf, signal);
    },
  });
  const parts = { interpreter: interpreterOf(mapping, able), count, disclosure: disclosureOf({ off: true }) };
  const ask = async (where: object, facets: readonly Facet[], signal = new AbortController().signal) => {
    const found = await answer({ v: 1, where, facets }, parts, RELEASE, signal);
    if ("failure" in found) throw new Error(found.failure.message);
    return found satisfies Answer;
  };
  return { ask, asked };
};

const curies = (codes: readonly string[]): readonly string[] => codes.map((code) => `ICD10:${code}`);
const CATEGORIES: Facet = { by: { field: "DISEASE", values: curies(icd10Categories) } };
const COLLECTED = { sample: { collectedYear: { to: 2014 } } };

describe.each(KINDS)("a table at %s", (_, able) => {
  test("has in each cell what the cell alone would have", async () => {
    const { ask } = bankOf(OWN_CODES, able);
    const values = curies([...icd10Chapters.slice(0, 6), "E10", "E11", "E12", "C22", "C34", "E10-E14"]);
    const across = { field: "STORAGE", values: ["MINUS_80", "ROOM", "LN2", "NOT_RECORDED"] } as const;
    for (const where of [{}, COLLECTED, { sex: ["FEMALE"], not: { disease: { codes: ["ICD10:C34"] } } }]) {
      const whole = await ask(where, [
        { by: { field: "DISEASE", values } },
        { by: { field: "DISEASE", values }, across },
      ]);
      for (const [row, value] of values.entries()) {
        const by = { field: "DISEASE", values: [value] } as const;
        const alone = await ask(where, [
          { by },
          ...across.values.map((each) => ({ by, across: { ...across, values: [each] } })),
        ]);
        expect([value, whole.facets[0]!.cells[row]]).toEqual([value, alone.facets[0]!.cells[0]]);
        expect([value, whole.facets[1]!.cells.slice(row * 4, row * 4 + 4)]).toEqual([
          value,
          alone.facets.slice(1).map(({ cells }) => cells[0]),
        ]);
      }
    }
  });

  test("of 2,000 categories asks for those alone that the bank tells apart", async () => {
    const { ask, asked } = bankOf(OWN_CODES, able);
    const { facets } = await ask(COLLECTED, [CATEGORIES]);
    expect(facets[0]!.cells.length).toBe(icd10Categories.length);
    const distinct = new Set(asked.map((question) => JSON.stringify(question)));
    expect(distinct.size).toBeLessThan(40);
    for (const { by } of asked) expect(by?.[0].cells.length ?? 0).toBeLessThan(20);
  });

  test("is not planned to its end for an asker who has left, and the bank is not asked", async () => {
    // Planning was one turn of seconds: neither a deadline nor the asker's leaving was seen before its end.
    const { ask, asked } = bankOf(IN_ICD10, able);
    const leaving = new AbortController();
    const blocks: Facet = {
      by: { field: "DISEASE", values: curies(icd10Blocks) },
      across: { field: "STORAGE", values: ["MINUS_80", "ROOM", "LN2"] },
    };
    const asking = ask(COLLECTED, [CATEGORIES, blocks], leaving.signal);
    setImmediate(() => leaving.abort(new Error("the asker has left")));
    await expect(asking).rejects.toThrow("the asker has left");
    expect(asked).toEqual([]);
  });
});

test("a table of dear cells asks a bank for no more counts than a question may", async () => {
  // Each cell is a signed sum of 31 counts: 200 of them were some 9,000 requests to the bank.
  const { ask, asked } = bankOf(IN_ICD10, capabilities("and", "any"));
  const disease = (code: string) => ({ disease: { codes: [`ICD10:${code}`] } });
  const any = [{ sex: ["FEMALE"] }, { sample: { type: ["DNA"] } }, ...["A00.0", "A00.1", "A01.0"].map(disease)];
  const values = curies(icd10Categories.slice(10, 300).map((category) => `${category}.0`));
  const { facets } = await ask({ all: any.map((each) => ({ any: [each, { sex: ["MALE"] }] })) }, [
    { by: { field: "DISEASE", values } },
    { by: { field: "DISEASE", values } },
  ]);
  expect(asked.length).toBeGreaterThan(500);
  expect(asked.length).toBeLessThan(2_200);
  expect(facets[1]!.cells.at(-1)!.donors).toEqual({ min: 0, max: 2, because: ["NOT_COUNTED"] });
});
