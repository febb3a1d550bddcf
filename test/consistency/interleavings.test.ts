import { rm } from "node:fs/promises";
import fc, { type Scheduler } from "fast-check";
import { afterAll, expect, test } from "vitest";
import { volumeOf } from "../lanes.ts";
import { COPIES, plant } from "../mutant.ts";
import { check } from "./checker.ts";
import type { History } from "./history.ts";
import type * as Interleavings from "./interleavings.ts";
import { type Ask, interleave, type Program } from "./interleavings.ts";
import { MUTANTS } from "./mutants.ts";

const PROGRAMS = Number(process.env["SIM_PROGRAMS"] ?? volumeOf("test/consistency/interleavings.test.ts"));
const SEED = 20_261_122;

afterAll(() => rm(COPIES, { recursive: true, force: true }));

const asks: fc.Arbitrary<Ask> = fc.record({
  gateway: fc.constantFrom(0, 1),
  question: fc.constantFrom("p", "q"),
  wants: fc.constantFrom("any", "floor", "pin"),
});
const programs: fc.Arbitrary<Program> = fc.record({
  sessions: fc.array(fc.array(asks, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  bank: fc.array(fc.constantFrom("publish", "publish", "restart"), { maxLength: 3 }),
  silent: fc.array(
    fc.nat(3).map((n) => n === 3),
    { maxLength: 6 },
  ),
});
/**
 * A scheduler does not shrink, a program does: with several schedules for each, a smaller program that breaks is not missed.
 * A scheduler takes no number from the stream that it is made of: what is drawn beside it makes the next one another.
 */
const schedules = fc.array(fc.tuple(fc.scheduler(), fc.noShrink(fc.integer())), { minLength: 25, maxLength: 25 });

/** Throws with the broken promises and the order of messages that broke them. */
const holds = (
  run: (program: Program, s: Scheduler) => Promise<History>,
  seen: (history: History) => void = () => undefined,
) =>
  fc.asyncProperty(programs, schedules, async (program, several) => {
    for (const [s] of several) {
      const history = await run(program, s);
      const found = check(history);
      if (found.length > 0)
        throw new Error(`${found.map(({ promise }) => promise).join(" ")}\n${found[0]?.what}\n${s}`);
      seen(history);
    }
  });

test("the protocol keeps its promises in every order of messages and wake-ups that is tried", async () => {
  const seen = new Map<string, number>();
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  const note = ({ reads, editions }: History): void => {
    for (const { state } of reads) count(state);
    for (const { ack } of editions) if (ack !== null) count("acknowledged");
  };
  await fc.assert(holds(interleave, note), { numRuns: PROGRAMS, seed: SEED });
  if (process.env["SIM_VERBOSE"] !== undefined) console.log(seen);
  for (const what of ["FRESH", "STALE", "SUPERSEDED", "FAILED", "acknowledged"])
    expect(seen.get(what) ?? 0, what).toBeGreaterThan(PROGRAMS / 50);
});

/** What a few messages are enough for, and how many questions at most the program has that is left. */
const SMALL: readonly (readonly [name: string, questions: number])[] = [
  ["a publication is acknowledged before the leases have run out", 2],
  // A question that waits shares the lease that is asked for, so that it takes one more to see an old one.
  ["a lease is counted from the reply", 5],
  // The stretches of patience are so many more messages that shrinking ends early here.
  ["a question joins a lease call under way and trusts its reply", 9],
  ["a stale answer calls itself fresh", 2],
  ["the key has no edition", 2],
];

test.for(SMALL)(
  "some order of messages shows, and shrinking leaves no more than it takes: %s",
  async ([name, questions], { task }) => {
    const mutant = MUTANTS.find((each) => each.name === name)!;
    const root = await plant(mutant, task.id);
    const planted = (await import(
      /* @vite-ignore */ `${root}/test/consistency/interleavings.ts`
    )) as typeof Interleavings;
    const found = await fc.check(holds(planted.interleave), { numRuns: PROGRAMS, seed: SEED });
    const report = String(found.errorInstance);
    if (process.env["SIM_VERBOSE"] !== undefined)
      console.log(found.numRuns, found.numShrinks, JSON.stringify(found.counterexample?.[0]), report);
    expect(found.failed).toBe(true);
    expect(report).toContain(mutant.breaks);
    expect(found.counterexample![0].sessions.flat().length).toBeLessThanOrEqual(questions);
  },
);
