import { expect, test } from "vitest";
import { volumeOf } from "../lanes.ts";
import { check } from "./checker.ts";
import { FAULTS } from "./faults.ts";
import { type History, hashOf } from "./history.ts";
import { LEASE_MS, simulate } from "./simulate.ts";

/** A longer run: SIM_RUNS=10000 SIM_SEED=7 npx vitest ... Each run has a seed of its own, counted from SIM_SEED. */
const RUNS = Number(process.env["SIM_RUNS"] ?? volumeOf("test/consistency/simulation.test.ts"));
const SEED = Number(process.env["SIM_SEED"] ?? 1);

test(`the protocol keeps its promises in ${RUNS} runs of everything that can go wrong`, {
  timeout: 120_000 + RUNS * 5_000,
}, async () => {
  const seen = {
    fired: new Set<string>(),
    states: new Map<string, number>(),
    editions: 0,
    acks: 0,
    healed: 0,
    gone: 0,
  };
  for (let seed = SEED; seed < SEED + RUNS; seed += 1) {
    const history = await simulate(seed);
    expect(check(history), `SIM_SEED=${seed} SIM_RUNS=1`).toEqual([]);
    note(history, seen);
  }
  if (process.env["SIM_VERBOSE"] !== undefined) console.log(seen);
  // I10: a history in which nothing happens keeps every promise.
  const reads = [...seen.states.values()].reduce((sum, n) => sum + n, 0);
  const share = (state: string): number => (seen.states.get(state) ?? 0) / reads;
  expect(reads / RUNS).toBeGreaterThan(500);
  expect(seen.acks / RUNS).toBeGreaterThan(20);
  expect(seen.healed / RUNS).toBeGreaterThan(50);
  expect(share("FRESH")).toBeGreaterThan(0.7);
  if (RUNS < 20) return;
  expect([...seen.fired].sort()).toEqual(Object.keys(FAULTS).sort());
  for (const state of ["STALE", "SUPERSEDED", "FAILED", "LEFT"])
    expect(seen.states.get(state), state).toBeGreaterThan(0);
  expect(seen.gone, "answers that began in one edition and ended in the next").toBeGreaterThan(0);
});

const note = (
  { reads, editions, faults, healedAt }: History,
  seen: {
    fired: Set<string>;
    states: Map<string, number>;
    editions: number;
    acks: number;
    healed: number;
    gone: number;
  },
): void => {
  for (const kind of Object.keys(faults)) seen.fired.add(kind);
  for (const { state } of reads) seen.states.set(state, (seen.states.get(state) ?? 0) + 1);
  seen.editions += editions.length;
  seen.acks += editions.filter(({ ack }) => ack !== null).length;
  seen.healed += reads.filter(({ inv }) => inv >= healedAt + 2 * LEASE_MS).length;
  seen.gone += reads.filter(({ state, inv, verified }) => state === "FRESH" && verified! > inv + 20).length;
};

test("without faults a bank is asked each question once in each edition, and everything is fresh", async () => {
  for (let seed = 1; seed <= 4; seed += 1) expect(check(await simulate(seed, "none"), 1), `seed ${seed}`).toEqual([]);
});

test("without the store every gateway asks by itself, and everything is fresh", async () => {
  for (let seed = 1; seed <= 4; seed += 1) {
    const history = await simulate(seed, "no store");
    expect(check(history, history.gateways), `seed ${seed}`).toEqual([]);
  }
});

test("a seed has one history", async () => {
  expect(hashOf(await simulate(5))).toBe(hashOf(await simulate(5)));
  expect(hashOf(await simulate(5))).not.toBe(hashOf(await simulate(6)));
});
