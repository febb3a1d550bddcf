import { describe, expect, onTestFinished, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import type { LocalQuestion } from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import { evaluateLocal, type LocalDonor } from "./evaluate.ts";
import { CODES, FIXTURE, TREES } from "./fixture.ts";
import { code, EVERY, has, is, question, range, sample } from "./questions.ts";

/** A bank that serves the fixture, and an adapter that is open on it. */
export type Bench = {
  readonly adapter: Adapter;
  /** Publishes another release, of these donors. */
  publish(donors: readonly LocalDonor[]): Promise<void>;
  /** Makes every count from now on one that cannot be known. */
  spoil(): Promise<void>;
  /** Sockets that the adapter still holds at the bank; 0 where there are none to hold. */
  connections(): Promise<number>;
  close(): Promise<void>;
};

const { FEMALE, MALE, DNA, PLASMA, URINE, E11, E112, C34, C341 } = CODES;
const NEVER = new AbortController().signal;
const fresh = () => FIXTURE.slice(0, 9);

/** Questions that the weakest adapter can put: conjunctions of tests of one code. */
const QUESTIONS: readonly LocalQuestion[] = [
  question([]),
  question([has("SEX", code(FEMALE))]),
  question([has("DISEASE", code(E112)), has("SEX", code(MALE))]),
  question([has("DATA", code("data:WGS"))], is("SAMPLE_TYPE", code(DNA))),
  question([sample(is("SAMPLE_TYPE", code(PLASMA)))], is("SAMPLE_TYPE", code(PLASMA))),
  question([], is("AGE_AT_COLLECTION", range(40, 59))),
  question([], { op: "all", of: [is("AGE_AT_COLLECTION", range(null, 40)), is("COLLECTED_YEAR", range(2014, 2014))] }),
  question([has("DISEASE", code(C34))], is("COLLECTED_YEAR", range(2016, null))),
  question([has("DISEASE", code(E11)), has("DISEASE", code(C341))]),
  question([], { op: "all", of: [is("SAMPLE_TYPE", code(URINE)), is("STORAGE", code("storage:ln2"))] }),
];

/**
 * The suite that every adapter passes, over one fixed population. `skip` names tests that cannot hold for an adapter,
 * each with its reason, which is printed.
 */
export const describeBankAdapter = (
  name: string,
  { open, skip = {} }: { readonly open: () => Promise<Bench>; readonly skip?: Readonly<Record<string, string>> },
): void => {
  const titles = new Set<string>();
  const check = (title: string, body: (bench: Bench) => Promise<void>) => {
    titles.add(title);
    const reason = skip[title];
    if (reason !== undefined) {
      console.info(`${name}: skipped "${title}": ${reason}`);
      test.skip(`${title} (${reason})`);
      return;
    }
    test(title, async () => {
      const bench = await open();
      onTestFinished(async () => {
        await bench.adapter[Symbol.asyncDispose]();
        await bench.close();
      });
      await body(bench);
    });
  };
  const bad = question([has("CENTRE", code("nobody"))]);

  describe(`${name} is a bank adapter`, () => {
    check("counts what the plain evaluator counts", async ({ adapter }) => {
      for (const asked of QUESTIONS) {
        const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
        expect(got, JSON.stringify(asked)).toEqual(evaluateLocal(FIXTURE, asked, TREES));
      }
    });

    check("answers a batch in order and at its length", async ({ adapter }) => {
      const asked = [...QUESTIONS].reverse();
      const got = await adapter.count([...asked, ...asked], await adapter.release(NEVER), NEVER);
      const wanted = asked.map((one) => evaluateLocal(FIXTURE, one, TREES));
      expect(got).toEqual([...wanted, ...wanted]);
    });

    check("answers the good ones around a bad one", async ({ adapter }) => {
      const [good] = QUESTIONS;
      const got = await adapter.count([good!, bad, good!], await adapter.release(NEVER), NEVER);
      const wanted = evaluateLocal(FIXTURE, good!, TREES);
      expect(got).toEqual([wanted, expect.any(BankError), wanted]);
    });

    check("says that it cannot evaluate a field that it does not have", async ({ adapter }) => {
      expect(adapter.capabilities.fields.CENTRE).toBeUndefined();
      const [got] = await adapter.count([bad], await adapter.release(NEVER), NEVER);
      expect(got).toMatchObject({ code: "BANK_UNSUPPORTED", message: expect.stringMatching(/^\[bank\] .*CENTRE/) });
    });

    check("answers an empty batch with nothing", async ({ adapter }) => {
      expect(await adapter.count([], await adapter.release(NEVER), NEVER)).toEqual([]);
    });

    check("does only what is asked for", async ({ adapter }) => {
      const release = await adapter.release(NEVER);
      for (const only of ["DONORS", "SAMPLES"] as const) {
        const [got] = await adapter.count([{ ...QUESTIONS[1]!, only }], release, NEVER);
        const unit = only === "DONORS" ? "donors" : "samples";
        expect(got).toMatchObject({ [unit]: evaluateLocal(FIXTURE, QUESTIONS[1]!)[unit] });
      }
    });

    check("rejects with the signal's reason when aborted before", async ({ adapter }) => {
      const reason = new Error("not wanted");
      const release = await adapter.release(NEVER);
      await expect(adapter.count(QUESTIONS, release, AbortSignal.abort(reason))).rejects.toBe(reason);
      await expect(adapter.release(AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    check(
      "rejects with the signal's reason when aborted during, and answers the next question",
      async ({ adapter }) => {
        const reason = new Error("no longer wanted");
        const release = await adapter.release(NEVER);
        const controller = new AbortController();
        const counting = adapter.count(QUESTIONS, release, controller.signal);
        setImmediate(() => controller.abort(reason));
        await expect(counting).rejects.toBe(reason);
        expect(await adapter.count([QUESTIONS[0]!], release, NEVER)).toEqual([evaluateLocal(FIXTURE, QUESTIONS[0]!)]);
      },
    );

    check("names a release that stays the same, and counts from no other", async ({ adapter }) => {
      const release = await adapter.release(NEVER);
      expect(release).toEqual({
        id: expect.stringMatching(/^bank@/),
        date: expect.stringMatching(/^\d{4}-\d\d-\d\d/),
        kind: expect.stringMatching(/^(ANNOUNCED|WATCHED)$/),
      });
      expect(await adapter.release(NEVER)).toEqual(release);
      const got = await adapter.count(QUESTIONS.slice(0, 2), { ...release, id: "bank@of-old" }, NEVER);
      expect(got).toMatchObject([{ code: "BANK_GONE" }, { code: "BANK_GONE" }]);
    });

    check("counts a new release once it is published, and the old one no more", async ({ adapter, publish }) => {
      const before = await adapter.release(NEVER);
      await publish(fresh());
      const after = await adapter.release(NEVER);
      expect(after.id).not.toBe(before.id);
      const asked = QUESTIONS.slice(0, 3);
      const old = await adapter.count(asked, before, NEVER);
      const gone = asked.map(() => expect.objectContaining({ code: "BANK_GONE" }));
      const oldCounts = asked.map((one) => evaluateLocal(FIXTURE, one));
      expect(old).toEqual(old[0] instanceof BankError ? gone : oldCounts);
      expect(await adapter.count(asked, after, NEVER)).toEqual(asked.map((one) => evaluateLocal(fresh(), one)));
      expect(await adapter.count(asked, before, NEVER)).toEqual(gone);
    });

    check("never reads a count that it cannot know as 0", async ({ adapter, spoil }) => {
      await spoil();
      const got = await adapter.count(QUESTIONS, await adapter.release(NEVER), NEVER);
      expect(got).toHaveLength(QUESTIONS.length);
      for (const outcome of got) expect(outcome).toMatchObject({ code: "BANK_BROKEN", bank: "bank" });
    });

    check("closes twice and leaves no socket open", async ({ adapter, connections }) => {
      const counting = adapter.count([question([], EVERY)], await adapter.release(NEVER), NEVER);
      await counting;
      await adapter[Symbol.asyncDispose]();
      await adapter[Symbol.asyncDispose]();
      await expect.poll(connections).toBe(0);
      const [late] = await adapter.count([QUESTIONS[0]!], { id: "bank@1", date: "", kind: "WATCHED" }, NEVER);
      expect(late).toMatchObject({ code: "BANK_UNREACHABLE" });
    });
  });

  for (const title of Object.keys(skip)) if (!titles.has(title)) throw new Error(`skip: there is no test "${title}"`);
};
