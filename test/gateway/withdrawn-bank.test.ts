import { setImmediate } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { KeptCards } from "../../gateway/banks/kept-cards.ts";
import { openRegistry, type Registry } from "../../gateway/banks/registry.ts";
import { presentEvent } from "../../gateway/search/events.ts";
import type { Clock } from "../../net/clock.ts";
import { BANK_ERRORS } from "../../schema/bank-error.ts";
import { countOf, exactCount } from "../../schema/count.ts";
import { type AskWith, search, searchEvents } from "./asking.ts";
import { type FakeSubgraph, failure, fakeSubgraph, gatewayOf, lease, memoryLog } from "./fake-subgraph.ts";

const open: Registry[] = [];
afterEach(async () => {
  for (const registry of open.splice(0)) await registry[Symbol.asyncDispose]();
});

const LEASE_MS = 5000;
let passed = 0;
/** Time that passes when a test says so; nobody's patience ends in it. */
const clock: Clock = {
  mono: () => passed,
  wall: () => Date.parse("2026-11-22T09:00:00Z") + passed,
  sleep: (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
};

/** A bank whose operator, and whose cable, are in the test's hands. */
const bankOf = (id: string) => {
  const told = { state: "LIVE", up: true, self: true };
  const script = {
    get state() {
      return told.state;
    },
    self: () => {
      if (!told.up || !told.self) throw new Error("away");
    },
    lease: () => {
      if (!told.up) return failure("BANK_UNREACHABLE");
      return told.state === "WITHDRAWN" ? failure("BANK_WITHDRAWN") : lease(id, {}, { leaseMs: LEASE_MS });
    },
  };
  return { bank: fakeSubgraph(id, script), told };
};

const federation = async (
  banks: readonly FakeSubgraph[],
  kept?: KeptCards,
): Promise<AskWith & { readonly registry: Registry }> => {
  const { log } = memoryLog();
  const { banks: links, answers, tokens } = gatewayOf(banks);
  const registry = await openRegistry(links, { answers, clock, log, ...(kept && { kept }) });
  open.push(registry);
  return { registry, deadlineMs: 20_000, now: () => new Date(clock.wall()), tokens, log };
};

const WITHDRAWN = {
  status: "WITHDRAWN",
  donors: countOf(0, 100, ["BANK_SILENT"]),
  samples: countOf(0, 500, ["BANK_SILENT"]),
  understanding: [],
  release: null,
  staleSince: null,
  problem: {
    code: "BANK_WITHDRAWN",
    message: BANK_ERRORS.BANK_WITHDRAWN.meaning,
    remedy: BANK_ERRORS.BANK_WITHDRAWN.remedy,
    retryAfterMs: null,
  },
};
const statuses = ({ banks }: Awaited<ReturnType<typeof search>>) =>
  banks.map(({ bank, status }) => `${bank.id} ${status}`);
/** What an answer sets off without waiting has been done. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
};

test("a bank that leaves answers for one more lease, then is WITHDRAWN where it was asked, then is left out", async () => {
  const [a, b] = [bankOf("a"), bankOf("b")];
  const ask = await federation([a.bank, b.bank]);
  const { snapshot } = await search({ where: {} }, ask);
  a.told.state = "WITHDRAWN";
  expect(statuses(await search({ where: {} }, ask))).toEqual(["a ANSWERED", "b ANSWERED"]);
  passed += LEASE_MS;

  const facets = [{ by: "SEX" as const }];
  const found = await search({ where: { sex: ["MALE"] }, facets }, ask);
  expect(found.banks[0]).toMatchObject(WITHDRAWN);
  expect(found.banks[0]!.facets[0]!.cells[0]!.counts.donors).toEqual(WITHDRAWN.donors);
  expect(found).toMatchObject({ complete: false, donors: countOf(10, 110, ["BANK_SILENT"]) });

  await settled();
  const without = await search({ where: {} }, ask);
  expect(statuses(without)).toEqual(["b ANSWERED"]);
  expect(without).toMatchObject({ complete: true, donors: exactCount(10) });
  expect(ask.registry.get("a")?.card(), "the registry still shows it").toMatchObject({ id: "a", state: "WITHDRAWN" });

  const asked = a.bank.asked.length;
  const named = await search({ where: {}, banks: ["a", "b"] }, ask);
  expect(named).toMatchObject({ complete: false, banks: [WITHDRAWN, { status: "ANSWERED" }] });
  const pinned = await search({ where: {}, snapshot: snapshot.token }, ask);
  expect(statuses(pinned)).toEqual(["a WITHDRAWN", "b ANSWERED"]);
  const floored = await search({ where: {}, notBefore: snapshot.token }, ask);
  expect(statuses(floored)).toEqual(["a WITHDRAWN", "b ANSWERED"]);
  expect(floored.complete).toBe(false);
  expect(statuses(await search({ where: {}, notBefore: without.snapshot.token }, ask))).toEqual(["b ANSWERED"]);
  expect(a.bank.asked, "it is not asked any more").toHaveLength(asked);

  a.told.state = "LIVE";
  await ask.registry.refresh();
  expect(statuses(await search({ where: {} }, ask)), "and may come back").toEqual(["a ANSWERED", "b ANSWERED"]);
});

// STALE would go on showing what the bank has taken back: for a day, and as long as it is out of reach.
test("what it said is not shown as STALE once it has left, out of reach or not", async () => {
  const a = bankOf("a");
  const ask = await federation([a.bank]);
  await search({ where: {} }, ask);
  Object.assign(a.told, { state: "WITHDRAWN", self: false });
  passed += LEASE_MS;
  expect((await search({ where: {} }, ask)).banks[0]).toMatchObject(WITHDRAWN);
  a.told.up = false;
  expect((await search({ where: {} }, ask)).banks[0]).toMatchObject({ status: "UNREACHABLE", staleSince: null });

  const b = bankOf("b");
  const other = await federation([b.bank]);
  await search({ where: {} }, other);
  b.told.state = "WITHDRAWN";
  await other.registry.refresh();
  Object.assign(b.told, { state: "LIVE", up: false });
  expect((await search({ where: {}, banks: ["b"] }, other)).banks[0], "known from its copy").toMatchObject(WITHDRAWN);
});

test("a gateway that starts again remembers that the bank has left", async () => {
  let cards: Awaited<ReturnType<KeptCards["read"]>> = new Map();
  const kept: KeptCards = {
    read: async () => cards,
    write: async (written) => {
      cards = written;
    },
  };
  const a = bankOf("a");
  const ask = await federation([a.bank], kept);
  a.told.state = "WITHDRAWN";
  await search({ where: {} }, ask);
  await settled();
  a.told.up = false;
  const again = await federation([a.bank], kept);
  expect((await search({ where: {}, banks: ["a"] }, again)).banks[0]).toMatchObject(WITHDRAWN);
});

test("a subscription tells it like any other answer", async () => {
  const [a, b] = [bankOf("a"), bankOf("b")];
  const ask = await federation([a.bank, b.bank]);
  a.told.state = "WITHDRAWN";
  const answers = [];
  let last = false;
  let complete = true;
  for await (const progress of searchEvents({ where: {}, banks: ["a", "b"] }, ask)) {
    const event = await presentEvent(progress);
    answers.push(...event.answers);
    ({ last } = event);
    ({ complete } = event.search);
  }
  expect(answers.find(({ bank }) => bank.id === "a")).toMatchObject(WITHDRAWN);
  expect({ asked: answers.length, last, complete }).toEqual({ asked: 2, last: true, complete: false });
});
