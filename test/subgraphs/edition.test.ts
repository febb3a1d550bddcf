import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Capabilities, Logic } from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { Failed } from "../../schema/wire/failure.ts";
import { answer } from "../../subgraphs/answer/answer.ts";
import { counter } from "../../subgraphs/count/counter.ts";
import { disclosureOf } from "../../subgraphs/disclose/disclose.ts";
import type { DisclosureKey, Policy } from "../../subgraphs/disclose/policy.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { ANSWERS_VERSION, candidateOf } from "../../subgraphs/releases/edition.ts";
import { interpreterOf } from "../../subgraphs/understand/interpret.ts";
import type { LocalDonor, LocalSample } from "../adapters/evaluate.ts";
import { memoryAdapter } from "../law/memory-adapter.ts";

const RELEASE = { id: "small@1", date: "2026-04-01", kind: "ANNOUNCED" } as const;
const SIZE = { donors: 100, samples: null };
const key = (digest: string): DisclosureKey => ({ secret: new Uint8Array(32), digest });
const basis = (fingerprint: string, policy: Policy, of: DisclosureKey | null) => ({
  fingerprint,
  disclosure: disclosureOf(policy, of),
});
const OFF: Policy = { off: true };
const BASIS = basis("mapping", OFF, null);
const digest = (...given: Parameters<typeof candidateOf>) => candidateOf(...given).digest;

test("all that an answer depends on is part of its edition's digest", () => {
  const same = digest(BASIS, RELEASE, SIZE);
  expect(digest(basis("mapping", { ...OFF }, null), { ...RELEASE }, { ...SIZE })).toBe(same);
  const others = [
    digest(basis("another mapping", OFF, null), RELEASE, SIZE),
    digest(BASIS, { ...RELEASE, id: "small@2" }, SIZE),
    digest(BASIS, { ...RELEASE, date: "2026-04-02" }, SIZE),
    digest(BASIS, { ...RELEASE, kind: "WATCHED" }, SIZE),
    digest(BASIS, RELEASE, { ...SIZE, donors: 101 }),
    digest(BASIS, RELEASE, { ...SIZE, samples: 100 }),
    // A new key file is a new edition, whatever else stays.
    digest(basis("mapping", OFF, key("one")), RELEASE, SIZE),
    digest(basis("mapping", OFF, key("another")), RELEASE, SIZE),
    digest({ ...BASIS, disclosure: { key: null, policy: { ...OFF, threshold: 10 } as Policy } }, RELEASE, SIZE),
  ];
  expect(new Set([same, ...others]).size).toBe(1 + others.length);
  expect(candidateOf(basis("mapping", OFF, key("one")), RELEASE, SIZE).about).toEqual({ release: RELEASE, size: SIZE });
});

const YAML = `id: small
name: Small Bank
contact: { name: Office, email: office@small.example }
size: { donors: 5000, samples: 40000, samplesPerDonor: 10 }
adapter: { kind: memory }
complete: [sex, sampleType]
sex: { F: FEMALE, M: MALE }
disease: { a: ["ICD10:E10", "ICD10:E11"], b: "ICD10:C34" }
sampleType: { d: DNA, s: SERUM }
disclosure: { off: true }
`;
const QUESTIONS = [
  {},
  { sex: ["FEMALE"] },
  { disease: { codes: ["ICD10:E11"] } },
  { not: { disease: { codes: ["ICD10:C34"] } } },
  { all: [{ sample: { type: ["DNA"] } }, { sample: { type: ["SERUM"], ageAtCollection: { from: 40, to: 59 } } }] },
  { any: [{ sex: ["MALE"] }, { sample: { type: ["DNA"] } }] },
  { cohort: ["PATIENT"] },
];
const FACETS = [
  { by: { field: "SEX", values: ["FEMALE", "MALE", "NOT_RECORDED"] } },
  { by: { field: "SAMPLE_TYPE", values: ["DNA", "SERUM"] }, across: { field: "AGE_AT_COLLECTION", values: ["40-49"] } },
] as const;

/** Sixty donors whose records follow from their number; some have no code of their disease, or no age. */
const DONORS = Array.from({ length: 60 }, (_, i): LocalDonor => {
  const disease =
    i % 4 === 0 ? { DISEASE: ["a"] } : i % 7 === 0 ? { DISEASE: ["x"] } : i % 5 === 0 ? { DISEASE: ["b"] } : {};
  const samples = Array.from(
    { length: i % 4 },
    (_, j): LocalSample => ({
      values: { SAMPLE_TYPE: [(i + j) % 2 === 0 ? "d" : "s"] },
      age: (i * j) % 9 === 4 ? null : 35 + ((i * 3 + j) % 30),
      year: null,
    }),
  );
  return { values: { SEX: [i % 3 === 0 ? "F" : "M"], ...disease }, samples };
});

/**
 * Answers of a fixed bank to fixed questions, over local APIs that can say different things. Where they change, answers that
 * were cached before must not be shown any more: count ANSWERS_VERSION up and pin the new hash. Where nothing but a label of
 * the vocabulary has changed, pin the hash alone, since the vocabulary is part of the edition itself.
 */
test("ANSWERS_VERSION stands for these answers", async () => {
  const mapping = parseMapping(YAML, "bank.yaml", {});
  const field = { on: ["DONORS", "SAMPLES"], rest: false, several: false } as const;
  const able = { ...field, rest: true, several: true } as const;
  const api = (logic: Logic, of: typeof field | typeof able): Capabilities => ({
    counts: ["DONORS", "SAMPLES"],
    donors: logic,
    samples: logic,
    fields: { SEX: of, DISEASE: of, SAMPLE_TYPE: of, AGE_AT_COLLECTION: of },
    facets: [],
  });
  const apis = [
    api({ logic: "boolean" }, able),
    api({ logic: "and", sampleAnd: "any" }, field),
    api({ logic: "and", sampleAnd: "same" }, field),
  ];
  const refuse = (message: string) => new BankError("BANK_UNSUPPORTED", "small", message);
  const answers: (Answer | Failed)[] = [];
  for (const capabilities of apis) {
    for (const blur of [{ kind: "exact" }, { kind: "floor", n: 5 }] as const) {
      const joins = capabilities.donors.sampleAnd === "any" ? "any" : "same";
      const parts = {
        interpreter: interpreterOf(mapping, capabilities),
        count: counter(memoryAdapter(DONORS, capabilities, {}, joins, blur, refuse)),
        disclosure: disclosureOf({ off: true }),
      };
      for (const where of QUESTIONS)
        answers.push(await answer({ v: 1, where, facets: FACETS }, parts, RELEASE, AbortSignal.any([])));
    }
  }
  expect(answers.filter((each) => "failure" in each)).toEqual([]);
  const hash = createHash("sha256").update(JSON.stringify(answers)).digest("hex").slice(0, 16);
  expect({ version: ANSWERS_VERSION, hash }).toEqual({ version: 1, hash: "fc521a035ac11ad3" });
});
