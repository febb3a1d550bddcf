import { expect, onTestFinished, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import type { Counts, Range } from "../../adapters/local.ts";
import { openRegistry } from "../../gateway/banks/registry.ts";
import type { SearchArgs } from "../../gateway/search/search.ts";
import { realClock } from "../../net/clock.ts";
import { BROKEN_REASONS, type BrokenReason } from "../../schema/broken-reasons.ts";
import { countOf } from "../../schema/count.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import type { Subgraph } from "../../subgraphs/serve/subgraph.ts";
import { createSubgraph } from "../../subgraphs/serve/subgraph.ts";
import { search } from "./asking.ts";
import { answer, answered, fakeSubgraph, gatewayOf, memoryLog } from "./fake-subgraph.ts";

const mapping = parseMapping(
  `id: liar
name: { en: Liar }
contact: { name: Office, email: office@liar.example }
size: { donors: 1000, samples: 5000, samplesPerDonor: 5 }
adapter: { kind: tabular }
sex: { "1": MALE, "2": FEMALE }
sampleType: { D: DNA, S: SERUM }
complete: [sex, sampleType]
disclosure: { off: true }
`,
  "bank.yaml",
  {},
);
const plain = { on: ["DONORS", "SAMPLES"], rest: true, several: true } as const;

/** A bank whose local API counts what it likes. */
const bankThatCounts = (counts: Counts, cell = counts): Subgraph => {
  const adapter: Adapter = {
    capabilities: {
      counts: ["DONORS", "SAMPLES"],
      donors: { logic: "boolean" },
      samples: { logic: "boolean" },
      fields: { SEX: plain, SAMPLE_TYPE: plain },
      facets: ["SEX", "SAMPLE_TYPE"],
    },
    release: async () => ({ id: "liar@1", date: "2026-04-01", kind: "ANNOUNCED" }),
    count: async (questions) =>
      questions.map(({ by }) =>
        by === undefined ? counts : { ...counts, cells: by.flatMap((facet) => facet.cells.map(() => cell)) },
      ),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return createSubgraph(mapping, async () => adapter);
};

const ask = async (bank: Subgraph, args: SearchArgs) => {
  const { log, lines } = memoryLog();
  const { banks, answers, tokens } = gatewayOf([bank, fakeSubgraph("honest")]);
  const registry = await openRegistry(banks, { answers, clock: realClock, log });
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const now = () => new Date("2026-11-22T00:00:00Z");
  const found = await search(args, { registry, deadlineMs: 20_000, now, tokens, log });
  return { found, lines };
};
const of = (n: number): Range => ({ min: n, max: n });
const counts = (donors: number, samples: number): Counts => ({ donors: of(donors), samples: of(samples) });

const DNA = { sample: { type: ["DNA"] } };
const BOTH = { all: [DNA, { sample: { type: ["SERUM"] } }] };

test.each<[string, Counts, object, BrokenReason]>([
  ["counts below zero", counts(-777, 777), {}, "NEGATIVE_COUNT"],
  ["counts halves", counts(777.5, 777), {}, "NOT_A_COUNT"],
  ["counts what is no number", counts(Number.NaN, 777), {}, "NOT_A_COUNT"],
  ["counts more donors than it warrants", counts(1777, 1777), {}, "ABOVE_BOUND"],
  ["counts more samples than it warrants", counts(777, 1e15), {}, "ABOVE_BOUND"],
  ["counts samples of nobody", counts(0, 777), {}, "SAMPLES_WITHOUT_DONORS"],
  ["counts donors with DNA and no DNA", counts(777, 0), DNA, "TOO_FEW_SAMPLES"],
  ["counts donors with DNA and serum, and one tube of each two", counts(777, 777), BOTH, "TOO_FEW_SAMPLES"],
  ["counts more samples than its donors can have", counts(177, 1777), {}, "TOO_MANY_SAMPLES"],
])("a bank that %s is broken, and the asker reads why", async (_, told, where, reason) => {
  const { found, lines } = await ask(bankThatCounts(told), { where });
  const liar = found.banks.find(({ bank }) => bank.id === "liar");
  expect(liar).toMatchObject({
    status: "BROKEN",
    donors: countOf(0, 1000, ["BANK_SILENT"]),
    samples: countOf(0, 5000, ["BANK_SILENT"]),
    problem: { code: "BANK_BROKEN", message: BROKEN_REASONS[reason] },
  });
  expect(found.banks.find(({ bank }) => bank.id === "honest")).toMatchObject({ status: "ANSWERED" });
  // Neither the answer nor the log tells what was counted. Ids and times may hold any digits.
  const said = JSON.stringify([found, lines.map((line) => ({ ...line, time: 0 }))]).replace(/"id":"[0-9a-f]{32}"/g, "");
  expect(said).not.toContain("777");
});

test("a cell that is larger than its total", async () => {
  const bank = bankThatCounts(counts(77, 77), counts(770, 770));
  const { found } = await ask(bank, { where: { sex: ["FEMALE"] }, facets: [{ by: "SAMPLE_TYPE" }] });
  expect(found.banks.find(({ bank: { id } }) => id === "liar")).toMatchObject({
    status: "BROKEN",
    problem: { message: BROKEN_REASONS.CONTRADICTION },
  });
});

test("what can be true is not called a lie: no donors and no samples, bounds reached, donors without samples", async () => {
  for (const told of [counts(0, 0), counts(1000, 5000), counts(777, 0), counts(777, 777 * 5)]) {
    const { found } = await ask(bankThatCounts(told), { where: {} });
    expect(found.banks.map(({ status }) => status)).toEqual(["ANSWERED", "ANSWERED"]);
  }
});

test.each<[string, object, BrokenReason]>([
  ["a count below zero", { donors: { min: -1, max: 5, because: ["ROUNDED"] } }, "NEGATIVE_COUNT"],
  ["a count that is a text", { donors: { min: "7", max: 7, because: [] } }, "NOT_A_COUNT"],
  ["more than its bound", { donors: { min: 101, max: 101, because: [] } }, "ABOVE_BOUND"],
  ["a least number above the greatest", { donors: { min: 9, max: 5, because: ["ROUNDED"] } }, "CONTRADICTION"],
  ["no counts", { donors: null }, "WRONG_FORM"],
])("a subgraph that sends %s", async (_, part, reason) => {
  const bank = fakeSubgraph("liar", {
    answers: (question) => answered("liar", { ...answer(question), ...part } as ReturnType<typeof answer>),
  });
  const { found } = await ask(bank, { where: {} });
  const { status, problem } = found.banks.find(({ bank: { id } }) => id === "liar")!;
  expect([status, problem?.message]).toEqual(["BROKEN", BROKEN_REASONS[reason]]);
});

test("a reason that this gateway does not know says nothing, and no wait is longer than a day", async () => {
  const failing = { code: "BANK_BROKEN", message: "m", retryAfterMs: 1e12, reason: "FOG" };
  const { found } = await ask(fakeSubgraph("liar", { lease: () => ({ failure: failing }) }), { where: {} });
  expect(found.banks.find(({ bank: { id } }) => id === "liar")?.problem).toMatchObject({
    message: { en: "The bank's answer makes no sense." },
    retryAfterMs: 86_400_000,
  });
});
