import { setImmediate } from "node:timers/promises";
import { execute, parse } from "graphql";
import { expect, onTestFinished, test } from "vitest";
import { icd10Categories } from "../../schema/codes/icd10.ts";
import { codeIndex, readMeanings } from "../../subgraphs/mapping/code-index.ts";
import type { LocalCode } from "../../subgraphs/mapping/field-mapping.ts";
import { systemCodes } from "../../subgraphs/mapping/system-codes.ts";
import { smallBank } from "./small-bank.ts";

/** Turns of the event loop while work runs. */
const turnsOf = async (work: () => Promise<unknown>): Promise<number> => {
  let turns = 0;
  let over = false;
  const turning = (async () => {
    while (!over) {
      await setImmediate();
      turns += 1;
    }
  })();
  await work();
  over = true;
  await turning;
  return turns;
};

// The first question about a disease took a turn of 1.2 s in a bank that codes in ORPHA.
test("what the codes of a system mean is worked out in turns, once", async () => {
  const [first] = systemCodes({ system: "ICD10", spelling: "plain" }).codes;
  let read = 0;
  const codes = Array.from({ length: 100 }, (_, i): LocalCode => {
    return {
      ...first!,
      code: String(i),
      get means() {
        read += 1;
        const until = performance.now() + 1;
        while (performance.now() < until);
        return first!.means;
      },
    };
  });
  expect(await turnsOf(() => readMeanings(codes))).toBeGreaterThan(10);
  expect(await turnsOf(() => readMeanings(codes))).toBeLessThan(5);
  expect(read).toBe(100);
  expect(codeIndex(codes)(first!.means).all).toHaveLength(100);
});

// 200 questions, which a page of concepts asks at once, took a turn of 0.6 s.
test("many questions are read in turns", async () => {
  const bank = smallBank("small", 1);
  onTestFinished(() => bank[Symbol.asyncDispose]());
  const document = parse("query($questions: [JSON!]!) { readings(questions: $questions) }");
  const questions = Array.from({ length: 200 }, (_, i) => {
    const codes = icd10Categories.slice(8 * i, 8 * i + 8).map((code) => `ICD10:${code}`);
    return { v: 1, where: { disease: { codes } }, facets: [] };
  });
  const ask = async (): Promise<void> => {
    const result = await execute({ schema: bank.schema, document, variableValues: { questions }, contextValue: {} });
    expect(result.errors?.map(({ message }) => message)).toBeUndefined();
  };
  expect(await turnsOf(ask)).toBeGreaterThan(10);
});
