import { type AnswerEvent, type EditionEvent, type History, numberIn, type ReadEvent, truth } from "./history.ts";

/** A broken promise, and the event that breaks it. */
export type Violation = { readonly promise: keyof typeof PROMISES; readonly what: string };

/** What holds for every history. "Fresh" and "stale" are what the answer says of itself. */
export const PROMISES = {
  I1: "a fresh answer is of an edition that was current at some moment while it was asked for",
  I1b: "who asks after a fresh answer gets a fresh one of that edition or a later one, at any gateway",
  I2: "one answer holds one edition of a bank",
  I3: "no answer goes behind what the asker has seen, nor leaves the edition that was asked for",
  I4: "a stale answer was current when it says, is not too old, and is given only when the bank is silent",
  I5: "the body is what the bank says in that edition",
  I6: "equal questions to equal editions have equal bodies",
  I7: "an answer is complete only if all of it is fresh, and its total is the sum of its parts",
  I8: "without faults a bank is asked a question once in each edition, without the store once by each gateway",
  I9: "two leases after the last fault everything is fresh",
  I11: "nobody gives up for a change of edition unless there were two, and no edition goes back",
} as const;

/** @param allowed how often a bank may be asked one question in one edition, if that is to be checked */
export const check = (history: History, allowed?: number): readonly Violation[] => {
  const banks = grouped(history.editions, ({ bank }) => bank);
  return [
    ...history.reads.flatMap((read) => checkRead(read, banks.get(read.bank) ?? [], history)),
    ...[...banks].flatMap(([bank, editions]) => checkOrder(bank, editions, history)),
    ...checkFloors(history),
    ...history.answers.flatMap((answer) => checkAnswer(answer, history)),
    ...checkBodies(history),
    ...(allowed === undefined ? [] : checkLoad(history, allowed)),
    ...checkRecovery(history),
  ];
};

/** Most that a fresh answer may lag behind the current edition, in ms. */
const allowanceOf = (editions: readonly EditionEvent[], { leaseMs }: History): number =>
  editions[0]?.kind === "WATCHED" ? leaseMs : 0;

/** The latest edition that was acknowledged, or else only begun, by a time. */
const latest = (editions: readonly EditionEvent[], by: "ack" | "flip", time: number): number =>
  editions.reduce((most, e) => ((e[by] ?? Number.POSITIVE_INFINITY) <= time ? Math.max(most, e.ordinal) : most), 0);

const checkRead = (read: ReadEvent, editions: readonly EditionEvent[], history: History): readonly Violation[] => {
  const { bank, state, inv, began, res, floor, pin, name, ordinal, verified, body, why } = read;
  const bad: Violation[] = [];
  const broken = (promise: Violation["promise"], what: string): void => {
    bad.push({ promise, what: `${what}: ${JSON.stringify(read)}` });
  };
  const allowance = allowanceOf(editions, history);
  if (state === "FAILED") {
    // The data of a WATCHED bank change before it says so.
    const flips = editions.filter(({ flip, ack }) => (ack ?? res) >= inv - allowance && flip <= res + allowance);
    if (why === "UnstableEdition" && flips.length < 2) broken("I11", `gave up after ${flips.length} changes`);
    if (why === "WentBack") broken("I11", "the edition went back");
  }
  const isReplaced = latest(editions, "flip", res) > (pin ?? Number.POSITIVE_INFINITY);
  const isPurged = editions.some((edition) => edition.ordinal === pin && edition.again === true);
  if (state === "SUPERSEDED" && !isReplaced && !isPurged) broken("I3", "superseded by nothing");
  if (state !== "FRESH" && state !== "STALE") return bad;

  if (name === null || ordinal === null || verified === null || body === null) {
    broken("I5", "wanted an edition, a time and a body");
    return bad;
  }
  if (latest(editions, "flip", res) < ordinal) broken("I1", "of the future");
  if (state === "FRESH") {
    const least = latest(editions, "ack", inv - allowance);
    if (ordinal < least) broken("I1", `fresh, though ${least} had been published`);
  } else {
    const least = latest(editions, "ack", verified);
    if (ordinal < least) broken("I4", `was not current at ${verified}, when ${least} had been published`);
    if (inv - verified > history.staleMs * 1.01) broken("I4", `${inv - verified} ms old`);
    const silent = history.silences.some(
      (s) => s.gateway === read.gateway && s.bank === bank && s.at >= began && s.at <= res,
    );
    if (!silent && res - began < history.patienceMs * 0.98) broken("I4", "stale, though the bank had spoken");
  }
  if (floor !== null && ordinal < floor) broken("I3", `below ${floor}`);
  if (pin !== null && ordinal !== pin) broken("I3", `wanted exactly ${pin}`);
  if (body !== truth(bank, name, read.question)) broken("I5", `wanted ${truth(bank, name, read.question)}`);
  return bad;
};

/** Fresh answers in the order of real time: no search is needed, since editions only grow. */
const checkOrder = (bank: string, editions: readonly EditionEvent[], history: History): readonly Violation[] => {
  const allowance = allowanceOf(editions, history);
  const fresh = history.reads.filter((read) => read.bank === bank && read.state === "FRESH");
  const ends = [...fresh].sort((a, b) => a.res - b.res);
  const bad: Violation[] = [];
  let before = 0;
  let least: ReadEvent | null = null;
  for (const read of [...fresh].sort((a, b) => a.inv - b.inv)) {
    for (let end = ends[before]; end !== undefined && end.res < read.inv - allowance; end = ends[before]) {
      if (least === null || end.ordinal! > least.ordinal!) least = end;
      before += 1;
    }
    if (least !== null && read.ordinal! < least.ordinal!)
      bad.push({ promise: "I1b", what: `${JSON.stringify(least)} and then ${JSON.stringify(read)}` });
  }
  return bad;
};

/** After a gateway has seen a token, none of its later answers is older than that token. */
const checkFloors = ({ reads }: History): readonly Violation[] => {
  const told = new Map<string, number>();
  const bad: Violation[] = [];
  for (const read of [...reads].sort((a, b) => a.began - b.began)) {
    const at = `${read.gateway} ${read.bank}`;
    const least = told.get(at) ?? 0;
    if (read.state === "STALE" && read.ordinal! < least)
      bad.push({ promise: "I3", what: `the gateway knew of ${least}: ${JSON.stringify(read)}` });
    told.set(at, Math.max(least, read.floor ?? 0, read.pin ?? 0));
  }
  return bad;
};

const checkAnswer = (answer: AnswerEvent, { reads }: History): readonly Violation[] => {
  const bad: Violation[] = [];
  const shown = (): string => JSON.stringify(answer);
  const parts = answer.parts.map((at) => reads[at]!);
  const held = parts.filter(({ body }) => body !== null);
  for (const [bank, pages] of grouped(held, (part) => part.bank)) {
    const names = new Set(pages.map(({ name }) => name));
    if (names.size > 1) bad.push({ promise: "I2", what: `${[...names].join(" and ")} of ${bank}: ${shown()}` });
  }
  if (answer.complete && parts.some(({ state }) => state !== "FRESH"))
    bad.push({ promise: "I7", what: `called complete: ${shown()}` });
  const total = held.reduce((sum, { body }) => sum + numberIn(body!), 0);
  if (total !== answer.total) bad.push({ promise: "I7", what: `wanted a total of ${total}: ${shown()}` });
  return bad;
};

const checkBodies = ({ reads, conflicts }: History): readonly Violation[] => {
  const bodies = new Map<string, string>();
  const bad: Violation[] = [];
  for (const { bank, name, question, body } of reads) {
    if (body === null) continue;
    const key = `${bank} ${name} ${question}`;
    const first = bodies.get(key) ?? body;
    bodies.set(key, first);
    if (body !== first) bad.push({ promise: "I6", what: `${key}: ${first} and ${body}` });
  }
  if (conflicts > 0) bad.push({ promise: "I6", what: `${conflicts} conflicts in the shared store` });
  return bad;
};

const checkLoad = ({ calls }: History, allowed: number): readonly Violation[] =>
  [...grouped(calls, ({ bank, name, question }) => `${bank} ${name} ${question}`)]
    .filter(([, same]) => same.length > allowed)
    .map(([key, same]) => ({ promise: "I8", what: `${key}: asked ${same.length} times, wanted ${allowed} at most` }));

const checkRecovery = ({ reads, healedAt, leaseMs }: History): readonly Violation[] =>
  reads
    .filter(({ inv, state, pin, why }) => {
      // Two changes of edition in one answer are no fault; that there were two is another promise.
      const isFine =
        state === "FRESH" || state === "LEFT" || why === "UnstableEdition" || (pin !== null && state === "SUPERSEDED");
      return inv >= healedAt + 2 * leaseMs && !isFine;
    })
    .map((read) => ({ promise: "I9", what: JSON.stringify(read) }));

const grouped = <T>(list: readonly T[], by: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const key = by(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
};
