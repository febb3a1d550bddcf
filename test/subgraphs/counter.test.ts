import { expect, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import type { LocalQuestion } from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import { counter } from "../../subgraphs/count/counter.ts";
import type { Outcome } from "../../subgraphs/count/outcomes.ts";
import { Raw } from "../../subgraphs/count/raw.ts";
import { EVERY_DONOR, EVERY_SAMPLE } from "../../subgraphs/understand/predicates.ts";

const ONE = { id: "bank@1", date: "2026-04-01", kind: "ANNOUNCED" } as const;
const TWO = { ...ONE, id: "bank@2" };
const ask = (sex: string): LocalQuestion => ({
  donors: { op: "has", field: "SEX", test: { codes: [sex], negate: false, missing: false } },
  samples: EVERY_SAMPLE,
});
const exact = (n: number) => ({ donors: { min: n, max: n }, samples: { min: n, max: n } });
const revealed = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => (outcome instanceof BankError ? outcome : Raw.reveal(outcome)));
const here = () => new AbortController().signal;

/** An adapter that notes its calls; `answer` decides what each of them brings. */
const noting = (answer: (questions: readonly LocalQuestion[], signal: AbortSignal) => ReturnType<Adapter["count"]>) => {
  const calls: { readonly questions: number; readonly asOf: string }[] = [];
  const logic = { logic: "boolean" } as const;
  const adapter: Adapter = {
    capabilities: { counts: ["DONORS", "SAMPLES"], donors: logic, samples: logic, fields: {}, facets: [] },
    release: async () => ONE,
    count: (questions, asOf, signal) => {
      calls.push({ questions: questions.length, asOf: asOf.id });
      return answer(questions, signal);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { adapter, calls };
};

test("all questions of one tick reach the adapter in one call, and equal ones once", async () => {
  const { adapter, calls } = noting(async (questions) => questions.map((_, i) => exact(i)));
  const count = counter(adapter);
  const [a, b] = await Promise.all([
    count([ask("F"), ask("M")], ONE, here()),
    count([ask("M"), ask("X"), ask("M")], ONE, here()),
  ]);
  expect(calls).toEqual([{ questions: 3, asOf: "bank@1" }]);
  expect(revealed(a)).toEqual([exact(0), exact(1)]);
  expect(revealed(b)).toEqual([exact(1), exact(2), exact(1)]);
});

test("a failure stays in its slot", async () => {
  const fault = new BankError("BANK_UNSUPPORTED", "bank", "wanted less");
  const { adapter } = noting(async (questions) =>
    questions.map((q) => (JSON.stringify(q).includes("M") ? fault : exact(1))),
  );
  const outcomes = await counter(adapter)([ask("F"), ask("M"), ask("X")], ONE, here());
  expect(revealed(outcomes)).toEqual([exact(1), fault, exact(1)]);
});

test("two releases are never asked in one call", async () => {
  const { adapter, calls } = noting(async (questions) => questions.map(() => exact(1)));
  const count = counter(adapter);
  await Promise.all([count([ask("F")], ONE, here()), count([ask("F")], TWO, here())]);
  expect(calls.map(({ asOf }) => asOf).sort()).toEqual(["bank@1", "bank@2"]);
});

test("who leaves is told at once, and the adapter only when everybody has left", async () => {
  let asked: AbortSignal | undefined;
  const { adapter } = noting(
    (_, signal) =>
      new Promise((_resolve, reject) => {
        asked = signal;
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  );
  const count = counter(adapter);
  const [first, second] = [new AbortController(), new AbortController()];
  const both = [
    count([ask("F")], ONE, first.signal),
    count([{ donors: EVERY_DONOR, samples: EVERY_SAMPLE }], ONE, second.signal),
  ];
  await expect.poll(() => asked !== undefined).toBe(true);
  first.abort(new Error("first left"));
  await expect(both[0]).rejects.toThrow("first left");
  expect(asked?.aborted).toBe(false);
  second.abort(new Error("second left"));
  await expect(both[1]).rejects.toThrow("second left");
  expect(asked?.aborted).toBe(true);
});
