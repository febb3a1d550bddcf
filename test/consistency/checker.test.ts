import { expect, test } from "vitest";
import { check, PROMISES, type Violation } from "./checker.ts";
import { type AnswerEvent, type EditionEvent, type History, numberIn, type ReadEvent, truth } from "./history.ts";

/** A bank's first edition, and a second one that was made current at 1000 and acknowledged at 1010. */
const EDITIONS: readonly EditionEvent[] = ["A", "W"].flatMap((bank) => {
  const kind = bank === "W" ? "WATCHED" : "ANNOUNCED";
  return [
    { bank, kind, name: "1-a", ordinal: 1, flip: -1, ack: -1 },
    { bank, kind, name: "2-b", ordinal: 2, flip: 1000, ack: 1010 },
  ] as const;
});

const history = (reads: readonly ReadEvent[], more: Partial<History> = {}): History => ({
  leaseMs: 400,
  staleMs: 3000,
  patienceMs: 150,
  gateways: 3,
  editions: EDITIONS,
  reads,
  answers: [],
  calls: [],
  silences: [],
  conflicts: 0,
  healedAt: 50_000,
  faults: {},
  ...more,
});

/** A fresh read of bank A, of edition 1 before 1005 and of edition 2 after it. */
const read = (inv: number, change: Partial<ReadEvent> = {}): ReadEvent => {
  const ordinal = change.ordinal ?? (inv < 1005 ? 1 : 2);
  const name = ordinal === 1 ? "1-a" : "2-b";
  const { bank = "A", question = "q" } = change;
  return {
    answer: 0,
    bank,
    question,
    session: 0,
    gateway: "g1#1",
    inv,
    began: inv,
    res: inv + 10,
    floor: null,
    pin: null,
    state: "FRESH",
    name,
    ordinal,
    verified: inv,
    body: truth(bank, name, question),
    why: null,
    ...change,
  };
};
const stale = (inv: number, change: Partial<ReadEvent>): ReadEvent =>
  read(inv, { state: "STALE", res: inv + 160, ...change });
const failed = (inv: number, why: string): ReadEvent =>
  read(inv, { state: "FAILED", name: null, ordinal: null, verified: null, body: null, why });
const superseded = (inv: number, pin: number): ReadEvent => read(inv, { state: "SUPERSEDED", pin, body: null });
const answer = (parts: readonly number[], total: number, complete: boolean): AnswerEvent => ({
  id: 0,
  inv: 0,
  res: 0,
  parts,
  complete,
  total,
});
const numberOf = ({ body }: ReadEvent): number => numberIn(body ?? "");
const broken = (given: History, allowed?: number): readonly Violation["promise"][] => [
  ...new Set(check(given, allowed).map(({ promise }) => promise)),
];

test("finds nothing where every promise is kept", () => {
  const pages = [read(1200, { question: "p" }), read(1220, { question: "r" })];
  const kept = [
    read(500),
    // Edition 2 is neither published nor kept back between its flip and its acknowledgement.
    read(995, { ordinal: 1 }),
    read(1002, { ordinal: 2, res: 1004 }),
    read(1100),
    read(1100, { floor: 2 }),
    read(1100, { pin: 2 }),
    superseded(1100, 1),
    // The earlier asker's token named release 1, and the bank was unreachable.
    stale(1500, { ordinal: 1, verified: 900, gateway: "g2#1" }),
    stale(1500, { ordinal: 2, verified: 1400, floor: 2 }),
    // A WATCHED bank may be behind by one lease.
    read(1405, { bank: "W", ordinal: 1 }),
    failed(1300, "Error"),
    read(1300, { state: "LEFT", name: null, ordinal: null, verified: null, body: null }),
  ];
  const answers = [
    answer(
      [0, 1],
      pages.reduce((sum, page) => sum + numberOf(page), 0),
      true,
    ),
  ];
  expect(check(history(kept))).toEqual([]);
  expect(check(history(pages, { answers }))).toEqual([]);
});

type Case = readonly [
  what: string,
  promises: readonly Violation["promise"][],
  reads: readonly ReadEvent[],
  more?: Partial<History>,
  allowed?: number,
];

const first = read(100, { question: "p" });
const second = read(1100, { question: "r" });
const calls = [0, 1, 2].map((at) => ({ bank: "A", name: "1-a", question: "q", at }));
const silences = [{ gateway: "g1#1", bank: "A", at: 1505 }];

const CASES: readonly Case[] = [
  ["a fresh answer of an edition that had been replaced", ["I1"], [read(1011, { ordinal: 1 })]],
  ["a fresh answer of an edition that was still to come", ["I1"], [read(900, { ordinal: 2 })]],
  ["a WATCHED bank behind by more than a lease", ["I1"], [read(1411, { bank: "W", ordinal: 1 })]],
  [
    "an older edition after a newer one, though neither was acknowledged",
    ["I1b"],
    [read(1001, { ordinal: 2, res: 1002 }), read(1003, { ordinal: 1, gateway: "g2#1" })],
  ],
  [
    "two pages of different editions",
    ["I2"],
    [first, second],
    { answers: [answer([0, 1], numberOf(first) + numberOf(second), true)] },
  ],
  ["an answer behind the asker's token", ["I3"], [read(1002, { ordinal: 1, floor: 2 })]],
  ["another edition than the one asked for", ["I3"], [read(1002, { ordinal: 2, pin: 1, res: 1004 })]],
  ["superseded by nothing", ["I3"], [superseded(1100, 2)]],
  [
    "a stale answer behind what another asker told the gateway",
    ["I3"],
    [read(1400, { floor: 2 }), stale(1500, { ordinal: 1, verified: 900 })],
  ],
  ["a stale answer that was not current when it says", ["I4"], [stale(1500, { ordinal: 1, verified: 1200 })]],
  ["a stale answer that is too old", ["I4"], [stale(4300, { ordinal: 1, verified: 900 })]],
  ["a stale answer at once", ["I4"], [stale(1500, { verified: 1400, res: 1510 })]],
  ["another body than the bank's", ["I5"], [read(1100, { body: "000000" })]],
  ["the body of another edition", ["I5"], [read(1100, { body: truth("A", "1-a", "q") })]],
  ["the body of another question", ["I5"], [read(1100, { body: truth("A", "2-b", "r") })]],
  ["two bodies for one question", ["I5", "I6"], [read(1100), read(1200, { body: "000000" })]],
  ["a conflict in the store", ["I6"], [], { conflicts: 1 }],
  [
    "called complete with a stale part",
    ["I7"],
    [stale(1500, { verified: 1400 })],
    { answers: [answer([0], numberOf(read(1500)), true)] },
  ],
  ["a wrong total", ["I7"], [read(1100)], { answers: [answer([0], 1, true)] }],
  ["a question asked twice", ["I8"], [], { calls }, 2],
  ["a failure after all was healed", ["I9"], [failed(50_800, "Error")]],
  ["a stale answer after all was healed", ["I9"], [stale(50_800, { verified: 50_000 })]],
  ["given up for one change", ["I11"], [failed(995, "UnstableEdition")]],
  ["a bank that went back", ["I11"], [failed(995, "WentBack")]],
];

test.for(CASES)("finds %s", ([, promises, reads, more = {}, allowed]) => {
  expect(broken(history(reads, more), allowed)).toEqual(promises);
});

test("a stale answer at once is right where the bank failed at once", () => {
  expect(check(history([stale(1500, { verified: 1400, res: 1510 })], { silences }))).toEqual([]);
});

test("takes the token as it was when the question was sent", () => {
  // The asker had two questions out: what came first is no promise for the other.
  const slow = read(990, { ordinal: 1, res: 1400 });
  expect(check(history([slow, read(1020, { ordinal: 2, floor: null })]))).toEqual([]);
});

test("has a history for every promise", () => {
  expect([...new Set(CASES.flatMap(([, promises]) => promises))].sort()).toEqual(Object.keys(PROMISES).sort());
});

test("a release that was ordered again with a purge supersedes its first edition", () => {
  const reads = [superseded(1100, 2)];
  const editions = EDITIONS.map((edition) => (edition.ordinal === 2 ? { ...edition, again: true } : edition));
  expect(broken(history(reads))).toEqual(["I3"]);
  expect(broken(history(reads, { editions }))).toEqual([]);
});
