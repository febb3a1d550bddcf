import { readdirSync, readFileSync } from "node:fs";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import type { Capabilities, Counts, LocalQuestion } from "../../adapters/local.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { Failed } from "../../schema/wire/failure.ts";
import type { Question } from "../../schema/wire/question.ts";
import { answer } from "../../subgraphs/answer/answer.ts";
import { counter } from "../../subgraphs/count/counter.ts";
import { Raw } from "../../subgraphs/count/raw.ts";
import { type Disclosure, disclosureOf, type Mechanism } from "../../subgraphs/disclose/disclose.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { interpreterOf } from "../../subgraphs/understand/interpret.ts";
import { EVERY_SAMPLE, isTrue } from "../../subgraphs/understand/predicates.ts";

const RELEASE = { id: "small@1", date: "2026-04-01", kind: "ANNOUNCED" } as const;
const SIZE = 900_000;
const mapping = parseMapping(
  `id: small
name: Small Bank
contact: { name: Office, email: office@small.example }
size: { donors: ${SIZE}, samples: ${SIZE}, samplesPerDonor: 10 }
adapter: { kind: memory }
complete: [sex, disease, sampleType]
sex: { F: FEMALE, M: MALE }
sampleType: { d: DNA, s: SERUM }
disease: { a: "ICD10:E10", b: "ICD10:E11", c: "ICD10:C22", d: "ICD10:C34", e: "ICD10:I10", f: "ICD10:J45", g: "ICD10:K25" }
disclosure: { off: true }
`,
  "bank.yaml",
  {},
);
const field = { on: ["DONORS", "SAMPLES"], rest: false, several: false } as const;
const able = { ...field, rest: true, several: true } as const;
const ANDS: Capabilities = {
  counts: ["DONORS", "SAMPLES"],
  donors: { logic: "and" },
  samples: { logic: "and" },
  fields: { SEX: field, DISEASE: field, SAMPLE_TYPE: field },
  facets: [],
};
const GROUPS: Capabilities = {
  ...ANDS,
  donors: { logic: "boolean" },
  samples: { logic: "boolean" },
  fields: { SEX: able, DISEASE: able, SAMPLE_TYPE: able },
  facets: ["SEX"],
};

type LocalCount = (question: LocalQuestion) => Counts & { readonly cells?: readonly Counts[] };
const ask = (
  count: LocalCount,
  disclosure: Disclosure,
  { where = {}, facets = [], capabilities = ANDS }: Partial<Question> & { readonly capabilities?: Capabilities } = {},
): Promise<Answer | Failed> => {
  const adapter: Adapter = {
    capabilities,
    release: async () => RELEASE,
    count: async (questions) => questions.map(count),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const parts = { interpreter: interpreterOf(mapping, capabilities), count: counter(adapter), disclosure };
  return answer({ v: 1, where, facets }, parts, RELEASE, new AbortController().signal);
};
const OFF = disclosureOf({ off: true });
const shifted = (mechanism: Mechanism): Disclosure => ({ ...OFF, mechanism, asCounted: false });
const counts = (donors: number, samples = donors): Counts => ({
  donors: { min: donors, max: donors },
  samples: { min: samples, max: samples },
});

test("a raw count is no number to the compiler, and nothing as text, as JSON or in a log", () => {
  const raw = Raw.compute(() => 271_828);
  // @ts-expect-error a raw count is no cap
  const cap: number = raw;
  // @ts-expect-error a raw count is no rank
  Math.max(raw, 1);
  // @ts-expect-error nor is it compared
  expect(raw < 3).toBe(false);
  // @ts-expect-error no raw count is made but by a computation
  new Raw(3);
  for (const text of [`${cap}`, JSON.stringify({ raw }), inspect(raw, { showHidden: true, depth: 9 })])
    expect(text).not.toMatch(/271/);
});

test("only the disclose room reveals a raw count", () => {
  const files = readdirSync("subgraphs", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const revealing = files.filter((file) => readFileSync(`subgraphs/${file}`, "utf8").includes("Raw.reveal"));
  expect(revealing).toEqual(["disclose/disclose.ts"]);
});

// Cells were cut by the disclosed total before they were disclosed: where that had been shifted down, the bank was BROKEN.
test.each([
  ["a breakdown of the engine", GROUPS],
  ["cells counted one by one", ANDS],
])(
  "a cell's disclosed number follows from its own raw count, whatever its total shows: %s",
  async (_, capabilities) => {
    const noisy = shifted(({ min }, { donors }) => {
      const x = min + (isTrue(donors) ? -30 : 7);
      return { min: x - 16, max: x + 16, because: ["PERTURBED"] };
    });
    const cellOf = async (women: number, everybody: number) => {
      const count: LocalCount = ({ donors, by }) =>
        by === undefined
          ? counts(isTrue(donors) ? everybody : women)
          : { ...counts(everybody), cells: [counts(women)] };
      const facets = [{ by: { field: "SEX", values: ["FEMALE"] } }] as const;
      const found = await ask(count, noisy, { facets, capabilities });
      if ("failure" in found) throw new Error(found.failure.message);
      return found.facets[0]?.cells[0];
    };
    const shown = { min: 91, max: 123, because: ["PERTURBED"] };
    for (const everybody of [100, 101, 150, 5_000])
      expect(await cellOf(100, everybody)).toEqual({ donors: shown, samples: shown });
  },
);

test("a cell that is not counted is bounded by the disclosed total, and every number by the bank", async () => {
  const wide = shifted(({ min, max }) => ({ min, max: max === null ? null : max + 1_000_000, because: ["PERTURBED"] }));
  const uncounted: LocalCount = ({ by }) =>
    by === undefined
      ? counts(50)
      : { ...counts(50), cells: [{ donors: { min: 0, max: null }, samples: { min: 0, max: null } }] };
  const facets = [{ by: { field: "SEX", values: ["FEMALE"] } }] as const;
  expect(await ask(uncounted, wide, { facets, capabilities: GROUPS })).toMatchObject({
    donors: { min: 50, max: SIZE },
    facets: [{ cells: [{ donors: { min: 0, max: SIZE } }] }],
  });
  const narrow = shifted(({ min, max }) => ({ min, max: max === null ? null : max + 7, because: ["PERTURBED"] }));
  expect(await ask(uncounted, narrow, { facets, capabilities: GROUPS })).toMatchObject({
    donors: { min: 50, max: 57 },
    facets: [{ cells: [{ donors: { min: 0, max: 57 } }] }],
  });
});

test("each exact node is disclosed once as what it counts, and bounds are computed of disclosed counts", async () => {
  const disclosed: string[] = [];
  const noisy = shifted(({ min }, { unit, donors }, { release, policy, key }) => {
    expect({ release, policy, key }).toEqual({ release: RELEASE, policy: { off: true }, key: null });
    if (unit === "DONORS") disclosed.push(JSON.stringify(donors));
    return { min: min + 1, max: min + 2, because: ["PERTURBED"] };
  });
  const codes = ["E10", "E11", "C22", "C34", "I10", "J45"].map((code) => `ICD10:${code}`);
  // Women or one of six diseases has too many terms: no fewer than either, no more than everybody.
  const found = await ask(() => counts(100), noisy, {
    where: { any: [{ sex: ["FEMALE"] }, { disease: { codes } }] },
  });
  expect(found).toMatchObject({ donors: { min: 101, max: 102, because: ["PERTURBED", "LOGIC_LIMIT"] } });
  expect(new Set(disclosed).size).toBe(3);
  // A signed sum is summed raw and disclosed once.
  disclosed.length = 0;
  const two = await ask(() => counts(100), noisy, { where: { disease: { codes: codes.slice(0, 2) } } });
  expect(two).toMatchObject({ donors: { min: 101, max: 102 } });
  expect(disclosed).toHaveLength(1);
});

test.each([
  ["a breakdown of the engine", GROUPS],
  ["cells counted one by one", ANDS],
])("what donors are disclosed as does not depend on the samples that are selected: %s", async (_, capabilities) => {
  const selectors = new Set<string>();
  const noting = shifted((count, { unit, samples }) => {
    if (unit === "DONORS") selectors.add(JSON.stringify(samples));
    return count;
  });
  const facets = [{ by: { field: "SEX", values: ["FEMALE"] } }] as const;
  const count: LocalCount = ({ by }) => ({ ...counts(9), ...(by === undefined ? {} : { cells: [counts(9)] }) });
  await ask(count, noting, { where: { sample: { type: ["DNA"] } }, facets, capabilities });
  expect([...selectors]).toEqual([JSON.stringify(EVERY_SAMPLE)]);
});

test.each<readonly [string, LocalCount, string, Question["where"]]>([
  ["more than the bank warrants", () => counts(SIZE + 271_828), "ABOVE_BOUND", {}],
  ["less than nothing", () => counts(-271_828), "NEGATIVE_COUNT", {}],
  ["no whole number", () => counts(271.828), "NOT_A_COUNT", {}],
  ["samples without donors", () => counts(0, 271_828), "SAMPLES_WITHOUT_DONORS", {}],
  ["more samples than donors can have", () => counts(2, 271_828), "TOO_MANY_SAMPLES", {}],
  [
    "a part larger than the whole",
    ({ donors }) => counts(isTrue(donors) ? 271_828 : 271_829),
    "CONTRADICTION",
    { not: { sex: ["FEMALE"] } },
  ],
])("no raw count stands in what is said of a bank that counts %s", async (_, count, reason, where) => {
  const found = await ask(count, OFF, { where });
  expect(found).toMatchObject({ failure: { code: "BANK_BROKEN", reason } });
  expect(JSON.stringify(found)).not.toMatch(/2718|1171828/);
});

test("no raw count stands in an answer whose numbers are disclosed otherwise", async () => {
  const hidden = shifted(() => ({ min: 0, max: 21, because: ["SMALL_COUNT"] }));
  const facets = [{ by: { field: "SEX", values: ["FEMALE", "MALE"] } }] as const;
  const found = await ask(() => counts(271_828), hidden, { facets, where: { disease: { codes: ["ICD10:E10"] } } });
  expect(found).toMatchObject({ donors: { min: 0, max: 21 }, facets: [{ cells: [{}, {}] }] });
  expect(JSON.stringify(found)).not.toContain("2718");
});
