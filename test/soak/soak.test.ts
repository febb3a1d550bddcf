import { describe, expect, test } from "vitest";
import type { World } from "../oracle.ts";
import { type Asked, type BankShown, faultsOf, type SearchShown, totalsWrong } from "./answers.ts";
import { ANNOUNCED, BANKS, type Timelines } from "./chaos.ts";
import { judge } from "./judge.ts";
import { growth } from "./measure.ts";
import { type Timeline, timeline } from "./timeline.ts";

/** What the soak takes for wrong. A soak that takes nothing for wrong proves nothing. */
const donor = (sex: string): World[number] => ({
  truth: {
    ...{ sex, cohort: "PATIENT", family: "NONE", centre: null, diagnoses: [], programmes: [], data: [], uses: [] },
    samples: [{ type: "DNA", origin: null, age: 40, year: 2010, storage: null }],
  },
  unrecorded: { donor: new Set(), samples: [new Set()] },
});
const WORLDS = { 1: [donor("MALE"), donor("FEMALE")], 2: [donor("FEMALE"), donor("FEMALE"), donor("MALE")] };
const verdict = judge((_, release) => WORLDS[release]);
const two = { min: 2, max: 2 };

describe("the judge", () => {
  const said = { bank: "tmm", of: [2], donors: two, samples: two, facets: [] } as const;
  const where = { sex: ["FEMALE"] };

  test("takes what holds the truth of the release", () => {
    expect(verdict({ where, banks: [said] })).toEqual({ numbers: 2, positive: 2, exact: 2, wrong: [] });
    expect(verdict({ where, banks: [{ ...said, of: [1, 2] }] }).wrong).toEqual([]);
    expect(verdict({ where, banks: [{ ...said, donors: { min: 0, max: null } }] }).wrong).toEqual([]);
  });

  test("takes nothing else: another release, a number too high, too low, in a cell", () => {
    expect(verdict({ where, banks: [{ ...said, of: [1] }] }).wrong).toEqual([
      "tmm donors: wanted 1 (release 1), got 2..2",
      "tmm samples: wanted 1 (release 1), got 2..2",
    ]);
    expect(verdict({ where, banks: [{ ...said, donors: { min: 3, max: 9 } }] }).wrong).toHaveLength(1);
    expect(verdict({ where, banks: [{ ...said, samples: { min: 0, max: 1 } }] }).wrong).toHaveLength(1);
    const cells = [{ by: { value: "MALE" }, counts: { donors: two, samples: { min: 0, max: 0 } } }];
    expect(verdict({ where, banks: [{ ...said, facets: [{ by: "SEX", cells }] }] }).wrong).toEqual([
      "tmm SEX=MALE donors: wanted 0 (release 2), got 2..2",
    ]);
  });
});

/** Release 2 comes out from 100 on and is acknowledged at 200; the bank is broken from 1,000,000 to 1,000,100. */
const story = async (behindMs: number): Promise<Timeline> => {
  let clock = 100;
  const of = timeline(behindMs, () => clock);
  const { acked } = of.publishing(2);
  clock = 200;
  acked();
  clock = 1_000_000;
  await of.trouble("garbage", async () => {
    clock = 1_000_100;
  });
  return of;
};
const timelines = async (): Promise<Timelines> =>
  Object.fromEntries(
    await Promise.all(BANKS.map(async (bank) => [bank, await story(ANNOUNCED.has(bank) ? 0 : 50)] as const)),
  ) as Timelines;

const shown = (
  bank: "bbj" | "tmm",
  release: 1 | 2 | null,
  status = "ANSWERED",
  code: string | null = null,
): BankShown => ({
  ...{ bank: { id: bank }, status, donors: two, samples: two, facets: [] },
  release: release === null ? null : { id: `${bank}@2026.${release}` },
  problem: code === null ? null : { code },
});
const wrongOf = async (bank: BankShown, asked: Asked) => faultsOf(bank, asked, await timelines()).wrong;

describe("an answer of a release", () => {
  test("is right while it is current, and either is while they change", async () => {
    expect(await wrongOf(shown("bbj", 1), { from: 10, to: 99 })).toEqual([]);
    expect(await wrongOf(shown("bbj", 1), { from: 150, to: 400 })).toEqual([]);
    expect(await wrongOf(shown("bbj", 2), { from: 50, to: 150 })).toEqual([]);
    expect(await wrongOf(shown("tmm", 1), { from: 249, to: 300 })).toEqual([]);
  });

  test("is wrong after a newer one was acknowledged, a lease later where none is announced, and before it came out", async () => {
    expect(await wrongOf(shown("bbj", 1), { from: 200, to: 300 })).toEqual([
      "bbj: ANSWERED  of release 1: wanted release 2",
    ]);
    expect(await wrongOf(shown("tmm", 1), { from: 250, to: 300 })).toHaveLength(1);
    expect(await wrongOf(shown("bbj", 2), { from: 10, to: 99 })).toHaveLength(1);
    expect(await wrongOf(shown("bbj", null), { from: 10, to: 99 })).toHaveLength(1);
  });

  test("is wrong where a token wanted another one, or a later one", async () => {
    const of = (release: 1 | 2, state: number) => ({
      token: "",
      banks: new Map([["bbj" as const, { release, state }]]),
    });
    expect(await wrongOf(shown("bbj", 2), { from: 300, to: 400, snapshot: of(2, 1) })).toEqual([]);
    expect(await wrongOf(shown("bbj", 2), { from: 300, to: 400, snapshot: of(1, 0) })).toHaveLength(1);
    const stale = shown("bbj", 1, "STALE", "BANK_UNREACHABLE");
    expect(await wrongOf(stale, { from: 300, to: 400, notBefore: of(1, 0) })).toEqual([]);
    expect(await wrongOf(stale, { from: 300, to: 400, notBefore: of(2, 1) })).toHaveLength(1);
  });
});

test("a status has to have its cause", async () => {
  const calm = { from: 300, to: 400 };
  const garbage = { from: 1_000_050, to: 1_000_060 };
  const broken = shown("tmm", null, "BROKEN", "BANK_BROKEN");
  expect(await wrongOf(broken, garbage)).toEqual([]);
  expect(await wrongOf(broken, { from: 1_000_100, to: 1_000_200 })).toEqual([]);
  expect(await wrongOf(broken, calm)).toEqual(["tmm: BROKEN BANK_BROKEN of release null during nothing"]);
  expect(await wrongOf(shown("tmm", null, "REFUSED", "BANK_REFUSED"), garbage)).toHaveLength(1);
  expect(await wrongOf(shown("tmm", null, "SUPERSEDED", "RELEASE_SUPERSEDED"), calm)).toHaveLength(1);
  expect(await wrongOf(shown("tmm", null, "WAITING", "BANK_TIMEOUT"), calm)).toHaveLength(1);
  expect(await wrongOf(shown("tmm", 2, "ANSWERED", "BANK_TIMEOUT"), calm)).toHaveLength(1);
  const silent = shown("tmm", null, "TIMED_OUT", "BANK_TIMEOUT");
  expect(faultsOf(silent, calm, await timelines())).toEqual({ wrong: [], uncaused: true });
  expect(faultsOf(silent, garbage, await timelines())).toEqual({ wrong: [], uncaused: false });
});

test("totals are sums, and complete means that all have answered", () => {
  const banks = [shown("bbj", 1), shown("tmm", 1)];
  const four = { min: 4, max: 4 };
  const search: SearchShown = { complete: true, donors: four, samples: four, snapshot: { token: "" }, banks };
  expect(totalsWrong(search)).toEqual([]);
  expect(totalsWrong({ ...search, samples: { min: 4, max: 5 } })).toHaveLength(1);
  expect(totalsWrong({ ...search, complete: false })).toHaveLength(1);
  const open = { ...shown("tmm", 1), donors: { min: 0, max: null } };
  expect(totalsWrong({ ...search, donors: { min: 2, max: null }, banks: [banks[0]!, open] })).toEqual([]);
});

test("the trend is that of a fitted line", () => {
  expect(growth([])).toBe(0);
  expect(growth([0, 1, 2, 3].map((x) => [x, 5 + 2 * x] as const))).toBeCloseTo(6);
  expect(
    growth([
      [0, 7],
      [1, 9],
      [2, 7],
      [3, 9],
      [4, 7],
    ]),
  ).toBeCloseTo(0);
});
