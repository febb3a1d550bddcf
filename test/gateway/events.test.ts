import { getEventListeners } from "node:events";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { openRegistry, type Registry } from "../../gateway/banks/registry.ts";
import { holdMs, type Progress, presentEvent, type SearchEvent } from "../../gateway/search/events.ts";
import type { SearchArgs } from "../../gateway/search/search.ts";
import { realClock } from "../../net/clock.ts";
import { type CellCounts, type Count, countOf, exactCount } from "../../schema/count.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { Question } from "../../schema/wire/question.ts";
import { type AskWith, search, searchEvents } from "./asking.ts";
import { answer, answered, failure, gatewayOf, memoryLog } from "./fake-subgraph.ts";
import { countsOf, type HeldBank, heldBank, threeBanks } from "./held-banks.ts";

const open: Registry[] = [];
afterEach(async () => {
  for (const registry of open.splice(0)) await registry[Symbol.asyncDispose]();
});

const federation = async (banks: readonly HeldBank[]): Promise<AskWith & ReturnType<typeof memoryLog>> => {
  const { log, lines } = memoryLog();
  const { banks: links, answers, tokens } = gatewayOf(banks);
  const registry = await openRegistry(links, { answers, clock: realClock, log });
  open.push(registry);
  return { registry, deadlineMs: 20_000, now: () => new Date("2026-11-22T00:00:00Z"), tokens, log, lines };
};

/** The next event, with the whole of what its functions give. */
const take = async (events: AsyncIterator<Progress | Error>): Promise<Whole> => {
  const { value, done } = await events.next();
  if (done) throw new Error("wanted an event, got the end");
  const event: SearchEvent = await presentEvent(value);
  return { ...event, search: { ...event.search, banks: event.search.banks() } };
};
type Whole = Omit<SearchEvent, "search"> & { readonly search: Awaited<ReturnType<typeof search>> };

// --- Random banks, answers and orders ---

type Size = { readonly donors: number | null; readonly samples: number | null };

const countIn = (bound: number | null): fc.Arbitrary<Count> => {
  const most = bound ?? 1000;
  const pair = fc.tuple(fc.nat(most), fc.nat(most)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const closed = pair.map(([min, max]) => countOf(min, max, ["ROUNDED"]));
  const exact = fc.nat(most).map(exactCount);
  return bound === null
    ? fc.oneof(
        exact,
        closed,
        fc.nat(most).map((min) => countOf(min, null, ["NOT_COUNTED"])),
      )
    : fc.oneof(exact, closed);
};

const sizes: fc.Arbitrary<Size> = fc.record({
  donors: fc.option(fc.nat(100), { nil: null, freq: 5 }),
  samples: fc.option(fc.nat(500), { nil: null, freq: 5 }),
});

/** What a bank says, cell by cell from a pool. */
const says = (size: Size): fc.Arbitrary<(question: Question) => unknown> => {
  const cell: fc.Arbitrary<CellCounts> = fc.record({ donors: countIn(size.donors), samples: countIn(size.samples) });
  const counted = fc.array(cell, { minLength: 5, maxLength: 9 }).map((pool) => (question: Question): Answer => {
    const { facets, understanding } = answer(question);
    const cells = facets.map((facet, f) => ({
      cells: facet.cells.map((_, i) => pool[(i * 7 + f + 1) % pool.length]!),
    }));
    return { ...pool[0]!, understanding, facets: cells };
  });
  return fc.oneof(
    { weight: 5, arbitrary: counted },
    { weight: 1, arbitrary: fc.constantFrom("BANK_BUSY", "BANK_REFUSED").map((code) => () => failure(code)) },
    { weight: 1, arbitrary: fc.constant(() => ({ failure: failure("BANK_UNSUPPORTED").failure })) },
  );
};

const banksOf = fc
  .array(
    sizes.chain((size) => says(size).map((say) => ({ size, say }))),
    { minLength: 1, maxLength: 5 },
  )
  .chain((banks) =>
    fc.record({
      banks: fc.constant(banks),
      order: fc.shuffledSubarray(
        banks.map((_, i) => i),
        { minLength: banks.length },
      ),
      // How many banks are let to answer before the next event is taken.
      groups: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }),
      enrolments: fc.integer({ min: 1, max: 2 }),
    }),
  );

const QUESTION: SearchArgs = {
  where: { sex: ["FEMALE"] },
  facets: [
    { by: "USE", first: 1 },
    { by: "SEX", across: "USE", first: 2 },
  ],
};

const expectWithin = (inner: Count, outer: Count): void => {
  expect(inner.min).toBeGreaterThanOrEqual(outer.min);
  expect(inner.max ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(outer.max ?? Number.POSITIVE_INFINITY);
};

const cellsBy = ({ search }: Whole): ReadonlyMap<string, CellCounts> =>
  new Map(
    search.facets.flatMap(({ cells }, f) =>
      cells.map(({ by, across, counts }) => [JSON.stringify([f, by.value, across?.value]), counts]),
    ),
  );

const withoutTime = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, part) => (key === "tookMs" ? undefined : part)));

test("whatever the order of arrival: no total leaves an earlier one, each bank comes once, and the last event is what the query answers", async () => {
  await fc.assert(
    fc.asyncProperty(banksOf, async ({ banks, order, groups, enrolments }) => {
      const held = banks.map(({ size }, i) =>
        heldBank(`bank-${i}`, 0, { size: { ...size, enrolmentsPerPerson: enrolments } }),
      );
      const ask = await federation(held);
      const events = searchEvents(QUESTION, ask);
      const seen: Whole[] = [];
      const arrived = new Set<string>();
      const turns = groups.slice();
      for (let i = 0; i < order.length; ) {
        const let_ = order.slice(i, i + turns.shift()!);
        i += let_.length;
        for (const k of let_) {
          const { say } = banks[k]!;
          held[k]!.release((question) => {
            const said = say(question) as Answer | { readonly release: null };
            return "release" in said ? said : answered(`bank-${k}`, said);
          });
        }
        while (let_.some((k) => !arrived.has(`bank-${k}`))) {
          const event = await take(events);
          seen.push(event);
          for (const { bank } of event.answers) {
            expect(arrived).not.toContain(bank.id);
            arrived.add(bank.id);
          }
          expect(event.answers).not.toEqual([]);
          expect(event.search.waiting).toBe(banks.length - arrived.size);
          expect(event.last).toBe(arrived.size === banks.length);
          for (const { bank, status, donors } of event.search.banks) {
            expect([bank.id, status === "WAITING"]).toEqual([bank.id, !arrived.has(bank.id)]);
            if (status === "WAITING") expect(donors.because).toEqual(donors.max === 0 ? [] : ["BANK_WAITING"]);
          }
          if (!event.last) expect(event.search.complete).toBe(false);
          const held = [...ask.tokens.read(event.search.snapshot.token, "snapshot").keys()];
          expect(held.filter((id) => !arrived.has(id))).toEqual([]);
        }
      }
      expect(await events.next()).toEqual({ done: true, value: undefined });
      expect([...arrived].sort()).toEqual(held.map(({ id }) => id));

      for (const [i, event] of seen.entries()) {
        const before = seen[i - 1];
        if (before === undefined) continue;
        expect(event.search.id).toBe(before.search.id);
        for (const unit of ["donors", "people", "samples"] as const) {
          expectWithin(event.search[unit], before.search[unit]);
        }
        const cells = cellsBy(before);
        for (const [key, counts] of cellsBy(event)) {
          const earlier = cells.get(key);
          if (earlier === undefined) continue;
          expectWithin(counts.donors, earlier.donors);
          expectWithin(counts.samples, earlier.samples);
        }
      }
      const { search: last } = seen.at(-1)!;
      expect(JSON.stringify(last)).not.toContain("WAITING");
      expect(withoutTime(last)).toEqual(withoutTime(await search(QUESTION, ask)));
    }),
    { seed: 20261122, numRuns: 60 },
  );
});

describe("events", () => {
  test("a reader who is slow gets what has come meanwhile in one, and nothing is added up before it is taken", async () => {
    const banks = [..."abcdefgh"].map((id) => heldBank(id, 1));
    const ask = await federation(banks);
    let shown = 0;
    const tokens = {
      ...ask.tokens,
      write: (...args: Parameters<AskWith["tokens"]["write"]>) => {
        shown += 1;
        return ask.tokens.write(...args);
      },
    };
    const events = searchEvents({ where: {} }, { ...ask, tokens });
    banks[0]!.release();
    expect((await take(events)).answers.map(({ bank }) => bank.id)).toEqual(["a"]);
    const { asking } = (await (async () => {
      banks[1]!.release();
      return (await events.next()).value;
    })()) as Progress;
    for (const bank of banks.slice(2)) {
      bank.release();
      await asking.results[banks.indexOf(bank)];
    }
    expect(shown).toBe(1);
    const rest = await take(events);
    expect(rest.answers.map(({ bank }) => bank.id)).toEqual(["c", "d", "e", "f", "g", "h"]);
    expect([rest.last, shown]).toEqual([true, 2]);
  });

  test("a bank that hangs: the others come, then it is TIMED_OUT in the last one", async () => {
    const [a, b, c] = threeBanks();
    const ask = await federation([a, b, c]);
    const events = searchEvents({ where: {}, deadlineMs: 500 }, ask);
    const seen: Whole[] = [];
    a.release();
    c.release();
    while (seen.at(-1)?.last !== true) seen.push(await take(events));
    const last = seen.at(-1)!;
    expect(
      seen
        .slice(0, -1)
        .flatMap(({ answers }) => answers.map(({ bank, status }) => `${bank.id} ${status}`))
        .sort(),
    ).toEqual(["a ANSWERED", "c ANSWERED"]);
    expect(last.answers).toMatchObject([{ bank: { id: "b" }, status: "TIMED_OUT", problem: { code: "BANK_TIMEOUT" } }]);
    expect(last.search).toMatchObject({ donors: countOf(5, 105, ["BANK_SILENT"]), waiting: 0, complete: false });
  });

  test("of a search without banks there is one, the last", async () => {
    const ask = await federation([]);
    const events = searchEvents({ where: {} }, ask);
    expect(await take(events)).toMatchObject({
      answers: [],
      search: { banks: [], waiting: 0, complete: false },
      last: true,
    });
    expect((await events.next()).done).toBe(true);
  });

  test("of a gateway that closes end as a whole, and the banks are told", async () => {
    const bank = heldBank("a", 1);
    const closing = new AbortController();
    const ask = { ...(await federation([bank])), closing: closing.signal };
    const events = searchEvents({ where: {} }, ask);
    const next = events.next();
    closing.abort(new Error("closing"));
    expect((await next).done).toBe(true);
    expect((await events.next()).done).toBe(true);
    await expect.poll(() => getEventListeners(closing.signal, "abort").length).toBe(0);
  });

  test("a fault of the asker is thrown before any bank is asked", async () => {
    const gone = new AbortController();
    const ask = await federation([heldBank("a", 1)]);
    expect(() => searchEvents({ where: {}, banks: ["zzz"] }, { ...ask, signal: gone.signal })).toThrow("banks[0]");
    expect(getEventListeners(gone.signal, "abort")).toHaveLength(0);
  });

  test("a fault of ours is an error of the event, and the last of it", async () => {
    const [a, b] = threeBanks();
    const ask = await federation([a, b]);
    const warn = () => {
      throw new Error("a fault");
    };
    const events = searchEvents({ where: {} }, { ...ask, log: Object.assign(Object.create(ask.log), { warn }) });
    a.release(() => failure("BANK_BUSY"));
    const { value } = await events.next();
    await expect(presentEvent(value as Progress | Error)).rejects.toThrow("a fault");
    expect((await events.next()).done).toBe(true);
    b.release();
  });
});

describe("whoever leaves", () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

  test.each([
    ["by leaving the iterator", (events: AsyncIterator<unknown>, _: AbortController) => void events.return?.()],
    ["by closing the connection", (_: AsyncIterator<unknown>, asker: AbortController) => asker.abort()],
  ])("%s ends the wait at once, tells the banks, and leaves nothing behind", async (_, leave) => {
    const [a, b, c] = threeBanks();
    const ask = await federation([a, b, c]);
    const before = timers();
    const asker = new AbortController();
    const events = searchEvents({ where: {} }, { ...ask, signal: asker.signal });
    a.release();
    await take(events);
    const next = events.next();
    await Promise.all([b.reached, c.reached]);
    leave(events, asker);
    expect(await next).toEqual({ done: true, value: undefined });
    expect((await events.next()).done).toBe(true);
    await expect.poll(() => [b.stopped() !== undefined, c.stopped() !== undefined]).toEqual([true, true]);
    await expect.poll(() => getEventListeners(asker.signal, "abort").length).toBe(0);
    await expect.poll(timers).toBeLessThanOrEqual(before);
  });

  test("takes no bank away from another asker of the same question", async () => {
    const [a] = threeBanks();
    const ask = await federation([a]);
    const [one, other] = [searchEvents({ where: {} }, ask), searchEvents({ where: {} }, ask)];
    await a.reached;
    // Now the other one waits for the same call.
    await setImmediate();
    await one.return?.();
    expect(a.stopped()).toBeUndefined();
    a.release();
    expect(await take(other)).toMatchObject({ answers: [{ status: "ANSWERED" }], last: true });
    expect(a.asked.filter(({ field }) => field === "answers")).toHaveLength(1);
  });

  test("having read to the end leaves nothing behind either", async () => {
    const [a] = threeBanks();
    const ask = await federation([a]);
    const asker = new AbortController();
    const before = timers();
    const events = searchEvents({ where: {} }, { ...ask, signal: asker.signal });
    a.release((question) => answered("a", countsOf(question, 3)));
    expect((await take(events)).search.donors).toEqual(exactCount(3));
    expect((await events.next()).done).toBe(true);
    expect(getEventListeners(asker.signal, "abort")).toHaveLength(0);
    await expect.poll(timers).toBeLessThanOrEqual(before);
  });
});

test("no answer is held for longer than a tenth of the time that it took, or 50 ms", () => {
  for (const after of [0, 1, 9, 20, 300, 499, 500, 501, 30_000]) {
    expect(holdMs(after)).toBeLessThanOrEqual(Math.min(50, after / 10));
  }
  expect([holdMs(300), holdMs(5000)]).toEqual([29, 49]);
});
