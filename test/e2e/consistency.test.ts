import { expect, test } from "vitest";
import { check, type Violation } from "../consistency/checker.ts";
import { type RealHistory, realRun } from "../consistency/real-run.ts";

const SEED = process.env["CHECK_SEED"] || "1";
const SECONDS = Number(process.env["CHECK_SECONDS"] || 60);

/** What was wrong, and what was done to the house around that time. */
const around = ({ troubles }: RealHistory, { promise, what }: Violation): string => {
  const at = Number(/"inv":([\d.]+)/.exec(what)?.[1] ?? 0);
  const near = troubles.filter(({ from, to }) => from < at + 2000 && to > at - 4000);
  const shown = near.map(({ kind, from, to }) => `  ${Math.round(from)}..${Math.round(to)} ${kind}`);
  return [`${promise} ${what}`, ...shown].join("\n");
};

test("real processes keep the promises, whatever is done to them", { timeout: 600_000 }, async () => {
  const history = await realRun(SEED, SECONDS);
  const { reads, editions, troubles, errors } = history;
  const share = (state: string): number => reads.filter((read) => read.state === state).length;
  const states = Object.fromEntries(["FRESH", "STALE", "SUPERSEDED", "FAILED"].map((state) => [state, share(state)]));
  const published = editions.filter(({ ack }) => ack !== null).length;
  console.log(
    `seed ${SEED}: ${history.answers.length} answers, ${published} of ${editions.length} releases acknowledged, ` +
      `${history.purges} purges, ${troubles.length} faults, ${JSON.stringify(states)}`,
  );
  const violations = check(history);
  expect(
    violations.slice(0, 5).map((each) => around(history, each)),
    `CHECK_SEED=${SEED}`,
  ).toEqual([]);
  expect(errors).toEqual([]);

  // Not vacuous: there was trouble of every kind, and it showed.
  expect(Object.keys(history.faults)).toHaveLength(20);
  expect(published).toBeGreaterThanOrEqual(20);
  for (const state of ["FRESH", "STALE", "SUPERSEDED", "FAILED"]) expect(share(state), state).toBeGreaterThan(0);
});
