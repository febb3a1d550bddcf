import { expect, test } from "vitest";
import type { Capabilities } from "../../adapters/local.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import { parseQuestion } from "../../schema/wire/question.ts";
import { answer } from "../../subgraphs/answer/answer.ts";
import { counter } from "../../subgraphs/count/counter.ts";
import { disclosureOf } from "../../subgraphs/disclose/disclose.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { interpreterOf } from "../../subgraphs/understand/interpret.ts";
import { reading } from "../../subgraphs/understand/reading.ts";
import type { LocalDonor } from "../adapters/evaluate.ts";
import { memoryAdapter, RELEASE } from "../law/memory-adapter.ts";

const mapping = parseMapping(
  `id: small
name: { en: Small Bank }
contact: { name: Office, email: office@small.example }
size: { donors: 100, samples: 500 }
adapter: { kind: tabular }
sex: { "1": MALE, "2": FEMALE }
sampleType: { D: DNA, P: PLASMA }
complete: [sex, sampleType]
disclosure: { off: true }
`,
  "bank.yaml",
  {},
);
const plain = { on: ["DONORS", "SAMPLES"], rest: true, several: true } as const;
const capabilities: Capabilities = {
  counts: ["DONORS", "SAMPLES"],
  donors: { logic: "boolean" },
  samples: { logic: "boolean" },
  fields: { SEX: plain, SAMPLE_TYPE: plain },
  facets: ["SEX", "SAMPLE_TYPE"],
};
/** 2 men with DNA and plasma each, 3 women with DNA each. */
const donor = (sex: string, ...types: readonly string[]): LocalDonor => ({
  values: { SEX: [sex] },
  samples: types.map((type) => ({ values: { SAMPLE_TYPE: [type] }, age: null, year: null })),
});
const donors = [donor("1", "D", "P"), donor("1", "D", "P"), donor("2", "D"), donor("2", "D"), donor("2", "D")];

const interpreter = interpreterOf(mapping, capabilities);
const refuse = (message: string) => {
  throw new Error(message);
};
const adapter = memoryAdapter(donors, capabilities, {}, "same", { kind: "exact" }, refuse);
const ask = (question: unknown) =>
  answer(
    question,
    { interpreter, count: counter(adapter), disclosure: disclosureOf({ off: true }) },
    RELEASE,
    AbortSignal.any([]),
  );
const counts = async (where: object, more: object = {}) => {
  const { donors, samples } = (await ask({ v: 2, where, facets: [], ...more })) as Answer;
  return [donors, samples].map(({ min, max }) => `${min}..${max}`).join(" ");
};

test.each<[object, string]>([
  [{}, "5..5 7..7"],
  [{ height: { from: 180 } }, "0..5 0..7"],
  [{ not: { height: { from: 180 } } }, "0..5 0..7"],
  [{ all: [{ sex: ["FEMALE"] }, { height: 1 }] }, "0..3 0..3"],
  [{ any: [{ sex: ["FEMALE"] }, { height: 1 }] }, "3..5 3..7"],
  [{ not: { any: [{ sex: ["FEMALE"] }, { height: 1 }] } }, "0..2 0..4"],
  [{ not: { all: [{ sex: ["FEMALE"] }, { height: 1 }] } }, "2..5 4..7"],
  [{ sex: ["FEMALE", "NEW"] }, "0..5 0..7"],
  [{ disease: { codes: ["SNOMED:1"] } }, "0..5 0..7"],
  [{ sample: { type: ["PLASMA"], volume: 2 } }, "0..2 0..2"],
  [{ sample: { type: ["NEW"] } }, "0..5 0..7"],
  [{ any: [{ sample: { type: ["PLASMA"] } }, { sample: { type: ["NEW"] } }] }, "2..5 2..7"],
  // A criterion that is not known may speak of samples, and so decide which ones are counted.
  [{ all: [{ sample: { type: ["PLASMA"] } }, { height: 1 }] }, "0..2 0..2"],
  [{ all: [{ sample: { type: ["PLASMA"] } }, { atLeast: { n: 1, of: [{ sample: {} }] } }] }, "0..2 0..4"],
  [{ any: [{ sex: ["FEMALE"] }, { atLeast: { n: 1, of: [{ sample: {} }] } }] }, "3..5 0..7"],
])("%j counts %s donors and samples", async (where, expected) => {
  expect(await counts(where)).toBe(expected);
});

test("each part that is not known is told, by its place in the question as it came", async () => {
  const where = { any: [{ not: { height: 1 } }, { sex: ["FEMALE"] }, { sample: { volume: 2 } }] };
  const { understanding, donors: found } = (await ask({ v: 2, where, facets: [] })) as Answer;
  expect(understanding.map(({ path, field, verdict }) => [path, field, verdict])).toEqual([
    ["any[0].not.height", null, "UNSUPPORTED"],
    ["any[1].sex", "SEX", "EXACT"],
    ["any[2].sample.volume", null, "UNSUPPORTED"],
  ]);
  expect(understanding[0]?.says.en).toMatch(/^Small Bank does not know this criterion yet/);
  expect(found.because).toContain("CRITERION_UNSUPPORTED");
});

test("a member of the question that is not known leaves nothing for sure", async () => {
  expect(await counts({ sex: ["FEMALE"] }, { cohabitants: true })).toBe("0..5 0..7");
});

test("cells of a facet or a value that is not known hold up to the total, the others are counted", async () => {
  const facets = [
    { by: { field: "HEIGHT", values: ["180-", "-179"] } },
    {
      by: { field: "SEX", values: ["FEMALE", "NEW", "MALE"] },
      across: { field: "SAMPLE_TYPE", values: ["NEW", "DNA"] },
    },
    { by: { field: "SEX", values: ["MALE"] } },
  ];
  const question = { v: 2, where: { sample: { type: ["DNA"] } }, facets };
  const found = (await ask(question)) as Answer;
  const shown = found.facets.map(({ cells }) => cells.map(({ donors: { min, max } }) => `${min}..${max}`));
  expect(shown).toEqual([["0..5", "0..5"], ["0..5", "3..3", "0..5", "0..5", "0..5", "2..2"], ["2..2"]]);
  expect(found.facets[0]?.cells[0]?.samples).toEqual({ min: 0, max: 5, because: ["CRITERION_UNSUPPORTED"] });
  expect(reading(parseQuestion(question), interpreter).lostFacets).toEqual(["HEIGHT"]);
});

test("a question of no form that is known cannot be counted, which is no fault of the bank", async () => {
  expect(await ask({ v: 9, query: "all" })).toMatchObject({ failure: { code: "BANK_UNSUPPORTED" } });
});
